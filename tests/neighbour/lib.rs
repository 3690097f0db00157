//! A library that does what hotnas must not mind: it panics, brings a panic handler, an unwinder and a
//! standard library, or the core library's own `memcpy` and arithmetic.
#![cfg_attr(not(feature = "std"), no_std)]

static SQUARES: [f64; 4] = [0.0, 1.0, 4.0, 9.0];

/// The square of `k`. Panics unless `k` is less than 4.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_square(k: usize) -> f64 {
    let copy = core::hint::black_box(SQUARES);
    copy[k]
}

/// 1 if a panic of [`neighbour_square`]'s kind is caught by this library's own unwinder.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_catches() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let beyond = core::hint::black_box(4);
    i32::from(std::panic::catch_unwind(|| SQUARES[beyond]).is_err())
}

#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
