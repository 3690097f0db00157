//! Where pointers from C become values: slices, handles, lent memory, outputs.
//!
//! Each function checks what can be checked (NULL, alignment, sizes); what cannot, the caller of the
//! C interface promises in the header: a pointer is valid for as many elements as the call says,
//! inputs do not change during the call, and outputs overlap nothing else.
//! The lifetimes are unbounded here; exported functions use them only until they return, or store
//! them where the header says that the memory must outlive the handle.

use crate::hotnas_real;
use core::ffi::{CStr, c_char, c_void};
use core::mem::MaybeUninit;
use hotnas_core::Error;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::Neighbour;

type Checked<T> = Result<T, Error>;

/// NULL, alignment and size of `n` elements behind a pointer.
fn check<T>(pointer: *const T, n: usize) -> Checked<()> {
    if pointer.is_null() {
        return Err(Error::Null);
    }
    if !pointer.is_aligned() {
        return Err(Error::Misaligned);
    }
    match n.checked_mul(size_of::<T>()) {
        Some(size) if size <= isize::MAX as usize => Ok(()),
        _ => Err(Error::SizeOverflow),
    }
}

/// `n` elements that the caller lends for reading. NULL is allowed when `n` is 0.
///
/// # Safety
/// `input` is NULL or valid for reading `n` elements of valid bits for `T`, unchanged during `'a`.
pub(crate) unsafe fn slice<'a, T>(input: *const T, n: usize) -> Checked<&'a [T]> {
    if n == 0 {
        return Ok(&[]);
    }
    check(input, n)?;
    // SAFETY: not NULL, aligned and of a size up to isize::MAX by `check`; validity for reads, valid
    // bits and absence of writes during 'a are the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(input, n) })
}

/// As [`slice`]; NULL stands for "not given".
///
/// # Safety
/// As for [`slice`].
pub(crate) unsafe fn optional<'a, T>(input: *const T, n: usize) -> Checked<Option<&'a [T]>> {
    if input.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { slice(input, n) }.map(Some)
}

/// `n` elements that the caller lends for writing. NULL is allowed when `n` is 0.
///
/// # Safety
/// `output` is NULL or valid for reading and writing `n` elements, and nothing else touches them
/// during `'a`. `T` allows any bits.
pub(crate) unsafe fn slice_mut<'a, T: Plain>(output: *mut T, n: usize) -> Checked<&'a mut [T]> {
    if n == 0 {
        return Ok(&mut []);
    }
    check(output, n)?;
    // SAFETY: not NULL, aligned and of a size up to isize::MAX by `check`; any bits are a `T`
    // (`Plain`); validity and exclusive use during 'a are the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts_mut(output, n) })
}

/// As [`slice_mut`]; NULL stands for "not wanted".
///
/// # Safety
/// As for [`slice_mut`].
pub(crate) unsafe fn optional_mut<'a, T: Plain>(
    output: *mut T,
    n: usize,
) -> Checked<Option<&'a mut [T]>> {
    if output.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { slice_mut(output, n) }.map(Some)
}

/// One value that the caller lends for reading.
///
/// # Safety
/// `input` is NULL or valid for reading a `T`, unchanged during `'a`.
pub(crate) unsafe fn input<'a, T>(input: *const T) -> Checked<&'a T> {
    check(input, 1)?;
    // SAFETY: not NULL and aligned by `check`; the rest is the caller's promise.
    Ok(unsafe { &*input })
}

/// A place for one value, checked before work begins and written at the end.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    /// # Safety
    /// `output` is NULL or valid for writing a `T` until the exported function returns.
    pub(crate) unsafe fn new(output: *mut T) -> Checked<Self> {
        check(output, 1).map(|()| Self(output))
    }

    /// As [`Output::new`]; NULL stands for "not wanted".
    ///
    /// # Safety
    /// As for [`Output::new`].
    pub(crate) unsafe fn optional(output: *mut T) -> Checked<Option<Self>> {
        if output.is_null() {
            return Ok(None);
        }
        // SAFETY: passed on from the caller.
        unsafe { Self::new(output) }.map(Some)
    }

    pub(crate) fn write(self, value: T) {
        // SAFETY: not NULL and aligned by `check`, valid for a write by the promise of `new`.
        unsafe { self.0.write(value) }
    }
}

/// Types of which any bits are a value.
///
/// # Safety
/// No padding that matters, no invalid bits.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: any bits are a number.
unsafe impl Plain for f64 {}
// SAFETY: as above.
unsafe impl Plain for f32 {}
// SAFETY: as above.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for usize {}
// SAFETY: an index and a real; padding is never read.
unsafe impl Plain for Neighbour<hotnas_real> {}

/// A C struct of opaque words and the Rust value that lives in it.
///
/// # Safety
/// Size and alignment of `Sealed<Self::Inner>` are at most those of `Self`: the macro [`handle`]
/// asserts it while compiling.
pub(crate) unsafe trait Handle: Sized {
    /// What lives in the words.
    type Inner;
    /// The first word of an initialised handle.
    const MAGIC: u64;
    /// Whether a bitwise copy is refused, because two of them would write to one lent memory.
    const UNIQUE: bool;

    /// The first word that the handle must have at this address. It holds the precision: what lives in a
    /// handle of the other library has other sizes.
    fn seal(this: *const Self) -> u64 {
        seal(this.cast(), Self::MAGIC, Self::UNIQUE)
    }
}

fn seal(handle: *const u64, magic: u64, unique: bool) -> u64 {
    let own = mark(magic);
    if unique { own ^ (handle.addr() as u64).rotate_left(20) } else { own }
}

/// An error unless a handle of any kind has the first word that it must have.
///
/// # Safety
/// `handle` is NULL or valid for reading a word.
#[cfg_attr(feature = "small", inline(never))]
unsafe fn check_seal(handle: *const u64, magic: u64, unique: bool) -> Checked<()> {
    check(handle, 1)?;
    // SAFETY: not NULL and aligned by `check`; the rest is the caller's promise.
    if unsafe { handle.read() } == seal(handle, magic, unique) {
        Ok(())
    } else {
        Err(Error::NotInitialised)
    }
}

/// The mark of a kind of object in this precision.
pub(crate) const fn mark(kind: u64) -> u64 {
    kind ^ (size_of::<hotnas_real>() as u64)
}

#[repr(C)]
pub(crate) struct Sealed<T> {
    magic: u64,
    value: T,
}

/// Declares what lives in a C struct of opaque words.
macro_rules! handle {
    ($handle:ident, $inner:ty, $magic:literal, unique: $unique:literal) => {
        const _: () = {
            assert!(size_of::<$handle>() >= size_of::<$crate::lend::Sealed<$inner>>());
            assert!(align_of::<$handle>() >= align_of::<$crate::lend::Sealed<$inner>>());
        };
        // SAFETY: asserted in the lines above.
        unsafe impl $crate::lend::Handle for $handle {
            type Inner = $inner;
            const MAGIC: u64 = u64::from_le_bytes(*$magic);
            const UNIQUE: bool = $unique;
        }
    };
}
pub(crate) use handle;

/// The value in an initialised handle.
///
/// # Safety
/// `handle` is NULL or valid for reading, unchanged during `'a`; if it was initialised, the memory
/// lent to it still exists.
pub(crate) unsafe fn open<'a, H: Handle>(handle: *const H) -> Checked<&'a H::Inner> {
    // SAFETY: a handle begins with its first word and is aligned as one (`Handle`). The word is read through a
    // pointer, so that the value is not touched unless the word is right; a handle with that word was written by
    // `Slot::fill`.
    unsafe {
        check_seal(handle.cast(), H::MAGIC, H::UNIQUE)?;
        Ok(&(*handle.cast::<Sealed<H::Inner>>()).value)
    }
}

/// The value in an initialised handle, for changing it.
///
/// # Safety
/// As for [`open`], and nothing else uses the handle during `'a`.
pub(crate) unsafe fn open_mut<'a, H: Handle>(handle: *mut H) -> Checked<&'a mut H::Inner> {
    // SAFETY: passed on from the caller; checks the first word.
    unsafe { open(handle.cast_const())? };
    // SAFETY: `open` found an initialised value there; exclusive use is the caller's promise.
    Ok(unsafe { &mut (*handle.cast::<Sealed<H::Inner>>()).value })
}

/// A handle that is about to be initialised.
pub(crate) struct Slot<H>(*mut H);

impl<H: Handle> Slot<H> {
    /// # Safety
    /// `handle` is NULL or valid for writing until the exported function returns.
    pub(crate) unsafe fn new(handle: *mut H) -> Checked<Self> {
        check(handle, 1).map(|()| Self(handle))
    }

    pub(crate) fn fill(self, value: H::Inner) {
        let sealed = Sealed { magic: H::seal(self.0), value };
        // SAFETY: not NULL and aligned by `check`, roomy enough by `Handle`, valid for a write by the
        // promise of `new`.
        unsafe { self.0.cast::<Sealed<H::Inner>>().write(sealed) }
    }
}

/// Bytes of an extent, `SIZE_MAX` if that overflows.
pub(crate) fn size(extent: Extent) -> usize {
    extent.size::<hotnas_real>().unwrap_or(usize::MAX)
}

/// Lent memory, checked and zeroed once; what it holds means nothing.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    memory: *mut u8,
    size: usize,
}

impl Block {
    /// The first `need` bytes of lent memory.
    ///
    /// # Safety
    /// `memory` is NULL or valid for reading and writing `size` bytes for as long as the block is
    /// used, and nothing else touches those bytes meanwhile.
    pub(crate) unsafe fn new(memory: *mut c_void, size: usize, need: usize) -> Checked<Self> {
        if need == usize::MAX {
            return Err(Error::SizeOverflow);
        }
        check(memory.cast::<u64>(), 0)?;
        if size < need {
            return Err(Error::MemoryTooSmall);
        }
        check(memory.cast::<u8>(), need)?;
        // SAFETY: not NULL; `need <= size` bytes are valid for writes by the caller's promise.
        unsafe { memory.cast::<u8>().write_bytes(0, need) };
        Ok(Self { memory: memory.cast(), size: need })
    }

    /// The block as an arena that holds at least `need`: reals first, then words, then bytes.
    ///
    /// # Safety
    /// The promise of [`Block::new`] holds during `'a`, and no other arena of the block is in use.
    pub(crate) unsafe fn arena<'a>(self, need: Extent) -> Checked<Arena<'a, hotnas_real>> {
        let Some(size) = need.size::<hotnas_real>() else { return Err(Error::SizeOverflow) };
        if size > self.size {
            return Err(Error::MemoryTooSmall);
        }
        const {
            assert!(
                align_of::<hotnas_real>() <= align_of::<u64>()
                    && size_of::<hotnas_real>().is_multiple_of(4)
            )
        };
        // SAFETY: the three ranges lie one after the other within `size <= self.size` bytes (`size`
        // did not overflow, so neither do the parts). `memory` is aligned as u64, hence for reals,
        // and a multiple of four bytes further for words. The bytes were zeroed by `new` and any
        // bits are a number. Exclusive use during 'a is the caller's promise.
        unsafe {
            let reals = self.memory.cast::<hotnas_real>();
            let words = reals.add(need.reals).cast::<u32>();
            let bytes = words.add(need.words).cast::<u8>();
            Ok(Arena::new(
                core::slice::from_raw_parts_mut(reals, need.reals),
                core::slice::from_raw_parts_mut(words, need.words),
                core::slice::from_raw_parts_mut(bytes, need.bytes),
            ))
        }
    }

    /// Splits off [`room`] for `n` values of `T` at the front.
    ///
    /// # Safety
    /// As for [`Block::arena`].
    pub(crate) unsafe fn values<'a, T>(self, n: usize) -> Checked<(&'a mut [MaybeUninit<T>], Self)> {
        const { assert!(align_of::<T>() <= align_of::<u64>()) };
        let size = room::<T>(n)?;
        let rest = self.size.checked_sub(size).ok_or(Error::MemoryTooSmall)?;
        // SAFETY: `size <= self.size` bytes belong to the block, which is aligned as u64 and so for
        // `T`; what follows starts at a multiple of the alignment of u64. `MaybeUninit` allows any
        // bits. Exclusive use during 'a is the caller's promise.
        unsafe {
            let values = core::slice::from_raw_parts_mut(self.memory.cast::<MaybeUninit<T>>(), n);
            Ok((values, Self { memory: self.memory.add(size), size: rest }))
        }
    }
}

/// Bytes of `n` values of `T` and of what keeps the next ones aligned as u64.
pub(crate) fn room<T>(n: usize) -> Checked<usize> {
    let size = n.checked_mul(size_of::<T>());
    size.and_then(|size| size.checked_next_multiple_of(align_of::<u64>())).ok_or(Error::SizeOverflow)
}

/// The leading places filled from `source`, as values.
pub(crate) fn fill<T: Copy>(places: &mut [MaybeUninit<T>], source: impl Iterator<Item = T>) -> &mut [T] {
    let mut n = 0;
    for (place, value) in places.iter_mut().zip(source) {
        place.write(value);
        n += 1;
    }
    let filled = places.get_mut(..n).unwrap_or(&mut []);
    // SAFETY: the loop above wrote each of the first `n` places; `MaybeUninit<T>` has the layout of
    // `T`.
    unsafe { &mut *(core::ptr::from_mut(filled) as *mut [T]) }
}

/// What [`Block::arena`] filled once, for reading: reals, words, bytes.
///
/// # Safety
/// `memory` is NULL or valid for reading `size` bytes, unchanged during `'a`.
pub(crate) unsafe fn parts<'a>(
    memory: *const c_void,
    size: usize,
    extent: Extent,
) -> Checked<(&'a [hotnas_real], &'a [u32], &'a [u8])> {
    check(memory.cast::<u64>(), 0)?;
    let need = extent.size::<hotnas_real>().ok_or(Error::SizeOverflow)?;
    if size < need {
        return Err(Error::MemoryTooSmall);
    }
    check(memory.cast::<u8>(), need)?;
    // SAFETY: as in `Block::arena`, for reading.
    unsafe {
        let reals = memory.cast::<hotnas_real>();
        let words = reals.add(extent.reals).cast::<u32>();
        let bytes = words.add(extent.words).cast::<u8>();
        Ok((
            core::slice::from_raw_parts(reals, extent.reals),
            core::slice::from_raw_parts(words, extent.words),
            core::slice::from_raw_parts(bytes, extent.bytes),
        ))
    }
}

/// The bytes of a NUL-terminated string.
///
/// # Safety
/// `text` is NULL or NUL-terminated, unchanged during `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Checked<&'a [u8]> {
    check(text, 1)?;
    // SAFETY: not NULL; a string by the caller's promise.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The string of bytes that are all ASCII. (`core::str::from_utf8` contains a panic that is never
/// reached, but which the proof at link time would see.)
pub(crate) fn ascii(bytes: &[u8]) -> Option<&str> {
    // SAFETY: ASCII is UTF-8.
    bytes.is_ascii().then(|| unsafe { core::str::from_utf8_unchecked(bytes) })
}

/// The values in `n` initialised handles behind an array of pointers.
///
/// # Safety
/// As for [`slice`] and, for each pointer, [`open`].
pub(crate) unsafe fn open_each<'a, H: Handle + 'a>(
    handles: *const *const H,
    n: usize,
) -> Checked<impl Iterator<Item = &'a H::Inner> + Clone> {
    // SAFETY: passed on from the caller.
    let handles: &'a [*const H] = unsafe { slice(handles, n)? };
    for &handle in handles {
        // SAFETY: passed on from the caller.
        unsafe { open(handle)? };
    }
    // SAFETY: each was opened above and does not change during 'a.
    Ok(handles.iter().filter_map(|&handle| unsafe { open(handle) }.ok()))
}

/// As [`open_each`], for opening any of them by its number.
///
/// # Safety
/// As for [`open_each`].
pub(crate) unsafe fn open_any<'a, H: Handle + 'a>(
    handles: *const *const H,
    n: usize,
) -> Checked<impl Fn(usize) -> Option<&'a H::Inner>> {
    // SAFETY: passed on from the caller.
    let handles: &'a [*const H] = unsafe {
        let _ = open_each(handles, n)?;
        slice(handles, n)?
    };
    // SAFETY: each was opened above and does not change during 'a.
    Ok(move |i: usize| handles.get(i).and_then(|&handle| unsafe { open(handle) }.ok()))
}

/// As [`open_mut`]; NULL stands for "not given".
///
/// # Safety
/// As for [`open_mut`].
pub(crate) unsafe fn open_optional_mut<'a, H: Handle>(
    handle: *mut H,
) -> Checked<Option<&'a mut H::Inner>> {
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on from the caller.
    unsafe { open_mut(handle) }.map(Some)
}
