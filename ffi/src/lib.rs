//! The C interface of hotnas: `include/hotnas.h` is generated from this crate.
//!
//! One file per class of the interface. All `unsafe` code of the project is here, and turning
//! pointers into slices and handles into values happens only in `lend.rs`. Rust programs use
//! `hotnas-core` instead.
#![cfg_attr(not(test), no_std)]
#![allow(non_camel_case_types)] // the names are those of the C interface

mod lend;

/// The floating-point type of the interface.
#[cfg(not(feature = "f32"))]
pub type hotnas_real = f64;
/// The floating-point type of the interface.
#[cfg(feature = "f32")]
pub type hotnas_real = f32;

mod cell;
mod gp;
mod gromov;
mod joint;
mod metric;
mod nearest;
mod network;
mod operations;
mod ready;
mod search;
mod space;
mod status;
mod transport;
mod version;
mod workspace;

// The order of the header: blank lines keep rustfmt from sorting it.
pub use status::*;

pub use version::*;

pub use workspace::*;

pub use transport::*;

pub use gromov::*;

pub use operations::*;

pub use cell::*;

pub use network::*;

pub use metric::*;

pub use nearest::*;

pub use gp::*;

pub use space::*;

pub use ready::*;

pub use joint::*;

pub use search::*;

#[cfg(all(feature = "panic-handler", not(feature = "panic-check"), not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // `cargo xtask test` proves that nothing leads here; the language wants a handler all the same.
    loop {}
}

#[cfg(all(feature = "panic-check", not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn hotnas_panic_path_is_reachable() -> !;
    }
    // SAFETY: the symbol does not exist, so a program that reaches this line cannot be linked.
    unsafe { hotnas_panic_path_is_reachable() }
}
