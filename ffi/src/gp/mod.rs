//! ## Gaussian process
//!
//! A Gaussian process that sees distances only: observations and candidates may be anything between which
//! you can compute a distance. It is a state: it grows with observations, up to the capacity that its
//! memory has room for, and belongs to one thread at a time. Its handle must stay where it is: a copy is
//! refused with NOT_INITIALISED, because two handles would write to one memory.
//!
//! A distance may have parts (`hotnas_metric_network_parts`): the kernel is then a product, and each part has
//! a length scale of its own. Wherever such a process takes distances, all parts of one lie side by side.
//!
//! A kernel of distances need not be positive definite. Each factorisation tries no jitter first, then
//! 1e-6, 1e-5 ... 1e-1, 0.3 times the variance (float: from 1e-5); the jitter in use can be read.
//!
//! ```c
//! static uint64_t memory[128], scratch[128];
//! hotnas_workspace workspace;
//! hotnas_gp gp;
//! hotnas_hyperparameters start = {1, 1, (hotnas_real)0.001, 0}; // variance, length scale, noise, mean
//! hotnas_real to_first = (hotnas_real)1.5, to_both[2] = {(hotnas_real)0.25, (hotnas_real)1.25};
//! hotnas_real mean, variance;
//! if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, memory, sizeof memory) !=
//!         HOTNAS_STATUS_OK ||
//!     hotnas_gp_append(&gp, 0, NULL, (hotnas_real)0.25) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_append(&gp, 1, &to_first, (hotnas_real)-0.25) != HOTNAS_STATUS_OK ||
//!     hotnas_gp_posterior(&gp, 1, to_both, &workspace, &mean, &variance) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (!(mean > 0) || !(variance < 1)) return 1; // near the first, which is positive
//! ```

mod calibration;
mod fit;
mod observations;
mod posterior;
mod process;
mod transform;

// The order of the section: blank lines keep rustfmt from sorting it.
pub use process::*;

pub use observations::*;

pub use fit::*;

pub use posterior::*;

pub use calibration::*;

pub use transform::*;
