//! Distances that are remembered.

use crate::lend::{self, Block, Open, Place, handle};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::metric::DistanceCache;
use hotnas_precision::precision;

/// A bounded table of distances that were computed before: a handle over lent memory. It must not be
/// copied or moved.
///
/// Results are the same with and without it. It belongs to one metric at a time and empties itself
/// when another one uses it.
#[repr(C)]
pub struct hotnas_cache {
    _private: [u64; 16],
}

handle!(hotnas_cache, DistanceCache<'static, hotnas_real>, Cache);

/// What a cache has done.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_cache_info {
    /// Distances that it has room for.
    pub capacity: usize,
    /// Distances that were found.
    pub hits: u64,
    /// Distances that were looked for and not found.
    pub misses: u64,
}

/// Bytes of memory for `capacity` distances, rounded up to a multiple of 4; SIZE_MAX if that overflows.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_cache_size(capacity: usize) -> usize {
    lend::size(DistanceCache::<hotnas_real>::extent(capacity))
}

/// Makes an empty cache in `size` bytes at `memory`, which must outlive it.
///
/// Errors: NULL, MISALIGNED, SIZE_OVERFLOW, MEMORY_TOO_SMALL.
/// Thread safety: one thread at a time for one cache.
///
/// # Safety
/// Pointers are NULL or valid for the sizes given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cache_init(
    cache: *mut hotnas_cache,
    capacity: usize,
    memory: *mut c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        let need = DistanceCache::<hotnas_real>::extent(capacity);
        // SAFETY: promised by the caller, who keeps the memory for as long as the cache is used.
        let (slot, mut memory) =
            unsafe { (lend::fresh(cache)?, Block::new(memory, size, lend::size(need))?.arena(need)?) };
        slot.fill(DistanceCache::new(capacity, &mut memory)?);
        Ok(())
    })
}

/// Capacity, hits and misses.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: reading only; not while another thread uses the cache.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cache_describe(
    cache: *const hotnas_cache,
    info: *mut hotnas_cache_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (cache, info) = unsafe { lend::all((Open(cache), Place(info)))? };
        info.write(hotnas_cache_info {
            capacity: cache.capacity(),
            hits: cache.hits(),
            misses: cache.misses(),
        });
        Ok(())
    })
}
