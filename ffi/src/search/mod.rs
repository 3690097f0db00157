//! ## Search
//!
//! What to train next: ask for a genome, train its network, tell the value (lower is better), as often
//! as you like. A search is a state: it grows with trials up to its capacity and belongs to one thread
//! at a time. Its handle must stay where it is: a copy is refused with NOT_INITIALISED.
//!
//! You number the trials, in any order. What `ask` proposes depends on seed, trial number, told trials
//! with their values, pending and failed trials and settings, and on nothing else: not on the order of
//! the calls, not on the cache. So many workers may share a search, and a search that was saved and
//! restored goes on as if it had never stopped. Pass the same space and metric to every call.
//!
//! ```c
//! // Seeks the design with the lowest number among 3256; looks at 20 of them.
//! hotnas_space space;
//! hotnas_operations operations;
//! hotnas_metric_settings metric_settings;
//! hotnas_metric metric;
//! hotnas_search_settings settings;
//! hotnas_search search;
//! hotnas_workspace workspace;
//! uint32_t trial, best_trial;
//! uint8_t genome[6];
//! hotnas_real best;
//! size_t size, scratch_size, design;
//! void *memory, *scratch;
//! if (hotnas_space_init(&space, HOTNAS_READY_SPACE_TRANS_NAS_MACRO, &operations) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_settings_default(&metric_settings) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_init(&metric, &operations, &metric_settings) != HOTNAS_STATUS_OK ||
//!     hotnas_search_settings_compact(&settings) != HOTNAS_STATUS_OK)
//!     return 1;
//! size = hotnas_search_size(&settings, 20, space.gene_count);
//! scratch_size = hotnas_search_workspace_size(&settings, 20, &space, &metric);
//! memory = malloc(size);
//! scratch = malloc(scratch_size);
//! if (memory == NULL || scratch == NULL) return 1;
//! if (hotnas_workspace_init(&workspace, scratch, scratch_size) != HOTNAS_STATUS_OK ||
//!     hotnas_search_init(&search, &settings, 20, space.gene_count, memory, size) != HOTNAS_STATUS_OK)
//!     return 1;
//! for (trial = 0; trial < 20; trial++) {
//!     if (hotnas_search_ask(&search, trial, &space, &metric, NULL, &workspace, NULL, genome) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//!     // Train the network of `genome` here; this example takes the number of the design for its loss.
//!     if (hotnas_space_index(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, &design) != HOTNAS_STATUS_OK)
//!         return 1;
//!     if (hotnas_search_tell(&search, trial, (hotnas_real)design) != HOTNAS_STATUS_OK) return 1;
//! }
//! if (hotnas_search_best(&search, &best_trial, &best, genome) != HOTNAS_STATUS_OK) return 1;
//! printf("best: design %.0f in trial %u\n", (double)best, (unsigned)best_trial);
//! free(scratch);
//! free(memory);
//! ```

mod ask;
mod saved;
mod settings;
mod state;
mod tell;
mod trials;

// The order of the section: blank lines keep rustfmt from sorting it.
pub use settings::*;

pub use state::*;

pub use ask::*;

pub use tell::*;

pub use trials::*;

pub use saved::*;
