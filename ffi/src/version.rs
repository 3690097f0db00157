//! ## Version
//!
//! Compare the macros (the header that was compiled) with the functions (the library that was
//! linked) at start-up: `hotnas_abi_version() == HOTNAS_ABI_VERSION`. A program compiled for the
//! other precision does not link at all.

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
    if cfg!(feature = "f32") { HOTNAS_CAPABILITY_FLOAT } else { HOTNAS_CAPABILITY_DOUBLE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_composed_version_is_that_of_the_package() {
        let text = format!("{HOTNAS_VERSION_MAJOR}.{HOTNAS_VERSION_MINOR}.{HOTNAS_VERSION_PATCH}");
        assert_eq!(text, env!("CARGO_PKG_VERSION"));
        let number = HOTNAS_VERSION_MAJOR * 10_000 + HOTNAS_VERSION_MINOR * 100 + HOTNAS_VERSION_PATCH;
        assert_eq!(HOTNAS_VERSION_NUMBER, number);
    }
}
