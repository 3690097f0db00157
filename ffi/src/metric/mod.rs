//! ## Metric
//!
//! The distance of two cells (iFGW) and of two networks (HOTNN). A metric is an operation table and
//! settings; it is a parameter, never changed, free to be shared between threads.
//!
//! Promised, to the bit: a distance is not negative; it is 0 for cells that are equal up to numbering;
//! renumbering nodes changes nothing; d(a, b) = d(b, a); a cache changes nothing. Not promised: the
//! triangle inequality, and, unless `proved_optimal` says so, that no better plan exists: the problem is
//! not convex.
//!
//! ```c
//! // conv 3x3 -> pool and conv 1x1 -> pool
//! static const uint8_t nodes[2][2] = {{0, 2}, {1, 2}};
//! static const hotnas_edge edge = {0, 1};
//! static uint64_t memory[2][128], scratch[2048];
//! hotnas_operations operations;
//! hotnas_workspace workspace;
//! hotnas_metric_settings settings;
//! hotnas_metric metric;
//! hotnas_cell cells[2];
//! hotnas_cell_spec spec = {0};
//! hotnas_solution solution;
//! int i;
//! spec.node_count = 2;
//! spec.edge_count = 1;
//! spec.edges = &edge;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
//!     hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
//!     return 1;
//! for (i = 0; i < 2; i++) {
//!     spec.operations = nodes[i];
//!     if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
//!         HOTNAS_STATUS_OK)
//!         return 1;
//! }
//! if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[1], &workspace, &solution, NULL) !=
//!     HOTNAS_STATUS_OK)
//!     return 1;
//! printf("%g\n", (double)solution.value); // 0.02: half the mass moves at cost 0.05, times lambda
//! ```

mod cache;
mod cells;
mod init;
mod networks;
mod settings;

// The order of the section: blank lines keep rustfmt from sorting it.
pub use settings::*;

pub use init::*;

pub use cache::*;

pub use cells::*;

pub use networks::*;
