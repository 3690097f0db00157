//! ## Version
//!
//! Compare the macros (the header that was compiled) with the functions (the library that was
//! linked) at start-up: `hotnas_abi_version() == HOTNAS_ABI_VERSION`. A program compiled for the
//! other precision does not link at all.

use crate::lend;
use core::ffi::c_char;
use hotnas_precision::precision;

/// Major version of the header.
pub const HOTNAS_VERSION_MAJOR: u32 = 0;
/// Minor version of the header.
pub const HOTNAS_VERSION_MINOR: u32 = 1;
/// Patch version of the header.
pub const HOTNAS_VERSION_PATCH: u32 = 0;
/// 10000 * major + 100 * minor + patch of the header.
pub const HOTNAS_VERSION_NUMBER: u32 = 100;
/// Number of the binary interface that the header describes: it grows when a compiled program would
/// have to be compiled again.
pub const HOTNAS_ABI_VERSION: u32 = 1;

/// Capability: `hotnas_real` is double in this library.
pub const HOTNAS_CAPABILITY_DOUBLE: u64 = 1;
/// Capability: `hotnas_real` is float in this library.
pub const HOTNAS_CAPABILITY_FLOAT: u64 = 2;
/// Capability: kernels of the Gaussian process use the coarser exponential of the crate micromath (float only),
/// so that results differ from those of other libraries.
pub const HOTNAS_CAPABILITY_MICROMATH: u64 = 4;

/// 10000 * major + 100 * minor + patch of the library.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_version_number() -> u32 {
    HOTNAS_VERSION_NUMBER
}

/// The version of the library as text, "major.minor.patch": static, never to be freed.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_version_string() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The binary interface that the library offers; a program needs it equal to HOTNAS_ABI_VERSION.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_abi_version() -> u32 {
    HOTNAS_ABI_VERSION
}

/// The bits HOTNAS_CAPABILITY_... of the library; other bits are 0.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_capabilities() -> u64 {
    match (cfg!(feature = "f32"), cfg!(feature = "micromath")) {
        (true, true) => HOTNAS_CAPABILITY_FLOAT | HOTNAS_CAPABILITY_MICROMATH,
        (true, false) => HOTNAS_CAPABILITY_FLOAT,
        (false, _) => HOTNAS_CAPABILITY_DOUBLE,
    }
}

macro_rules! sizes {
    ($($name:ident),* $(,)?) => {
        /// Structs and their sizes.
        static SIZES: &[(&str, usize)] = &[$((stringify!($name), size_of::<crate::$name>()),)*];
    };
}

sizes!(
    hotnas_workspace,
    hotnas_operations_spec,
    hotnas_operations,
    hotnas_operations_info,
    hotnas_edge,
    hotnas_cell_spec,
    hotnas_cell,
    hotnas_cell_info,
    hotnas_sinkhorn_settings,
    hotnas_sinkhorn_report,
    hotnas_gromov_problem,
    hotnas_gromov_settings,
    hotnas_solution,
    hotnas_entropic_settings,
    hotnas_entropic_report,
    hotnas_network,
    hotnas_network_info,
    hotnas_transport_problem,
    hotnas_transport_report,
    hotnas_metric_settings,
    hotnas_metric,
    hotnas_layers,
    hotnas_cache,
    hotnas_cache_info,
    hotnas_network_solution,
    hotnas_neighbour,
    hotnas_nearest_report,
    hotnas_comparison,
    hotnas_hyperparameters,
    hotnas_gp,
    hotnas_gp_info,
    hotnas_fit_settings,
    hotnas_fit_report,
    hotnas_calibration,
    hotnas_clipping,
    hotnas_network_builder,
    hotnas_random,
    hotnas_space,
    hotnas_module_kind,
    hotnas_joint,
    hotnas_search_settings,
    hotnas_search,
    hotnas_search_info,
    hotnas_trial,
    hotnas_proposal,
);

/// The size in the library of the struct with this name, 0 if there is none or `name` is NULL: for
/// bindings, and for programs that check at start-up that header and library fit. The macro
/// HOTNAS_STRUCTS lists all structs.
///
/// ```c
/// #define X(name) \
///     if (hotnas_struct_size(#name) != sizeof(name)) return 1;
/// HOTNAS_STRUCTS(X)
/// #undef X
/// ```
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `name` is NULL or a NUL-terminated string.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_struct_size(name: *const c_char) -> usize {
    // SAFETY: promised by the caller.
    let Ok(name) = (unsafe { lend::text(name) }) else { return 0 };
    SIZES.iter().find(|(known, _)| known.as_bytes() == name).map_or(0, |&(_, size)| size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_tell_the_features() {
        let single = u64::from(cfg!(feature = "f32"));
        let coarse = u64::from(cfg!(feature = "micromath")) & single;
        assert_eq!(hotnas_capabilities(), 1 << single | coarse << 2);
    }

    #[test]
    fn the_composed_version_is_that_of_the_package() {
        let text = format!("{HOTNAS_VERSION_MAJOR}.{HOTNAS_VERSION_MINOR}.{HOTNAS_VERSION_PATCH}");
        assert_eq!(text, env!("CARGO_PKG_VERSION"));
        let number = HOTNAS_VERSION_MAJOR * 10_000 + HOTNAS_VERSION_MINOR * 100 + HOTNAS_VERSION_PATCH;
        assert_eq!(HOTNAS_VERSION_NUMBER, number);
    }
}
