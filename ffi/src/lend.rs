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
use core::ptr::NonNull;
use hotnas_core::Error;
use hotnas_core::memory::{Arena, Extent};
use hotnas_core::metric::Neighbour;

type Checked<T> = Result<T, Error>;

/// The address of `n` elements of a size and an alignment, if a slice of them may begin there: NULL is allowed when `n`
/// is 0, and then another address stands for it.
fn range(pointer: *const u8, n: usize, layout: Layout) -> Checked<NonNull<u8>> {
    if n == 0 {
        // Aligned for every type that is lent.
        return Ok(NonNull::<u64>::dangling().cast());
    }
    let start = NonNull::new(pointer.cast_mut()).ok_or(Error::Null)?;
    if pointer.addr() & (usize::from(layout.alignment) - 1) != 0 {
        return Err(Error::Misaligned);
    }
    match n.checked_mul(layout.size.into()) {
        Some(size) if size <= isize::MAX as usize => Ok(start),
        _ => Err(Error::SizeOverflow),
    }
}

/// Size and alignment of a type whose slices are lent.
#[derive(Clone, Copy)]
struct Layout {
    size: u8,
    alignment: u8,
}

impl Layout {
    const fn of<T>() -> Self {
        const { assert!(size_of::<T>() > 0 && size_of::<T>() < 256 && align_of::<T>() <= align_of::<u64>()) };
        Self { size: size_of::<T>() as u8, alignment: align_of::<T>() as u8 }
    }
}

/// `n` elements that the caller lends for reading. NULL is allowed when `n` is 0.
///
/// # Safety
/// `input` is NULL or valid for reading `n` elements of valid bits for `T`, unchanged during `'a`.
pub(crate) unsafe fn slice<'a, T>(input: *const T, n: usize) -> Checked<&'a [T]> {
    let start = range(input.cast(), n, const { Layout::of::<T>() })?;
    // SAFETY: not NULL, aligned and of a size up to isize::MAX by `range`; validity for reads, valid
    // bits and absence of writes during 'a are the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(start.cast().as_ptr(), n) })
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
    let start = range(output.cast_const().cast(), n, const { Layout::of::<T>() })?;
    // SAFETY: not NULL, aligned and of a size up to isize::MAX by `range`; any bits are a `T`
    // (`Plain`); validity and exclusive use during 'a are the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts_mut(start.cast().as_ptr(), n) })
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
    // SAFETY: passed on from the caller.
    unsafe { all((Input(input),)) }.map(|(value,)| value)
}

/// A place for one value, checked before work begins and written at the end.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    pub(crate) fn write(self, value: T) {
        // SAFETY: not NULL and aligned by `check_each`, valid for a write by the caller's promise.
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

/// What a pointer must lead to: a handle of a kind that is initialised, or a value of an alignment. The first of the
/// handles may be copied; of the others a copy is refused, because two of them would write to one lent memory or live
/// for one callback.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Operations,
    Cell,
    Network,
    Metric,
    Workspace,
    Cache,
    Gp,
    Search,
    Builder,
    Random,
    /// Of any alignment.
    One,
    /// Aligned as u32.
    Four,
    /// Aligned as u64.
    Eight,
    /// NULL, or as `Cache`.
    OptionalCache,
    /// NULL, or as `Four`.
    OptionalFour,
    /// NULL, or as `Eight`.
    OptionalEight,
}

/// The first word of a handle, by its kind.
static MARKS: [u64; 10] = [
    mark(*b"hnoperat"),
    mark(*b"hn__cell"),
    mark(*b"hn___net"),
    mark(*b"hnmetric"),
    mark(*b"hnworksp"),
    mark(*b"hn_cache"),
    mark(*b"hngaussp"),
    mark(*b"hnsearch"),
    mark(*b"hnbuilde"),
    mark(*b"hnrandom"),
];

/// The mark of a kind of object in this precision.
pub(crate) const fn mark(kind: [u8; 8]) -> u64 {
    u64::from_le_bytes(kind) ^ (size_of::<hotnas_real>() as u64)
}

impl Kind {
    const fn of<T>() -> Self {
        match align_of::<T>() {
            1 => Self::One,
            4 => Self::Four,
            alignment => {
                assert!(alignment == align_of::<u64>());
                Self::Eight
            }
        }
    }

    const fn optional(self) -> Self {
        match self {
            Self::Cache => Self::OptionalCache,
            Self::Four => Self::OptionalFour,
            other => {
                // No other handle may be left out: its first word would go unchecked.
                assert!(matches!(other, Self::Eight));
                Self::OptionalEight
            }
        }
    }
}

/// The first word that a handle must have at this address, if it is one. It holds the precision: what lives in a
/// handle of the other library has other sizes.
fn seal(handle: *const u64, kind: u32) -> Option<u64> {
    let own = *MARKS.get(kind as usize)?;
    let unique = kind >= Kind::Cache as u32;
    Some(if unique { own ^ (handle.addr() as u64).rotate_left(20) } else { own })
}

/// An error unless each pointer leads to what its kind says; four bits of `kinds` for each, the lowest first. One
/// function for all calls, because each checks several pointers.
///
/// # Safety
/// Pointers to handles are NULL or valid for reading a word.
#[cfg_attr(feature = "small", inline(never))]
unsafe fn check_each(pointers: &[*const u64], mut kinds: u32) -> Checked<()> {
    const ONE: u32 = Kind::One as u32;
    const FOUR: u32 = Kind::Four as u32;
    for &pointer in pointers {
        let mut kind = kinds % 16;
        kinds /= 16;
        if kind >= Kind::OptionalCache as u32 {
            if pointer.is_null() {
                continue;
            }
            kind = match kind - Kind::OptionalCache as u32 {
                0 => Kind::Cache as u32,
                1 => FOUR,
                _ => Kind::Eight as u32,
            };
        }
        if pointer.is_null() {
            return Err(Error::Null);
        }
        let alignment = match kind {
            ONE => 1,
            FOUR => 4,
            _ => align_of::<u64>(),
        };
        if !pointer.addr().is_multiple_of(alignment) {
            return Err(Error::Misaligned);
        }
        if let Some(seal) = seal(pointer, kind) {
            // SAFETY: not NULL and aligned; the rest is the caller's promise.
            if unsafe { pointer.read() } != seal {
                return Err(Error::NotInitialised);
            }
        }
    }
    Ok(())
}

/// A pointer of the caller's and what it leads to.
///
/// # Safety
/// After `check_each` found nothing, `value` keeps to what Rust asks of its value if the caller of the exported
/// function keeps what the header asks: pointers that are not NULL are valid for reading or writing, inputs do not
/// change during `'a`, and nothing else uses what is changed.
pub(crate) unsafe trait Lent<'a> {
    type Value;
    const KIND: Kind;
    fn address(&self) -> *const u64;
    /// # Safety
    /// `check_each` found no fault, and the caller's promises hold.
    unsafe fn value(self) -> Self::Value;
}

/// An initialised handle, for reading.
pub(crate) struct Open<H>(pub(crate) *const H);
// SAFETY: the kind is that of the handle, and an initialised one was written by `Slot::fill`.
unsafe impl<'a, H: Handle> Lent<'a> for Open<H> {
    type Value = &'a H::Inner;
    const KIND: Kind = H::KIND;
    fn address(&self) -> *const u64 {
        self.0.cast()
    }
    unsafe fn value(self) -> Self::Value {
        // SAFETY: passed on from the caller.
        unsafe { &(*self.0.cast::<Sealed<H::Inner>>()).value }
    }
}

/// An initialised handle, for changing it.
pub(crate) struct OpenMut<H>(pub(crate) *mut H);
// SAFETY: as for `Open`.
unsafe impl<'a, H: Handle> Lent<'a> for OpenMut<H> {
    type Value = &'a mut H::Inner;
    const KIND: Kind = H::KIND;
    fn address(&self) -> *const u64 {
        self.0.cast_const().cast()
    }
    unsafe fn value(self) -> Self::Value {
        // SAFETY: passed on from the caller.
        unsafe { &mut (*self.0.cast::<Sealed<H::Inner>>()).value }
    }
}

/// A value that the caller lends for reading.
pub(crate) struct Input<T>(pub(crate) *const T);
// SAFETY: the kind is that of the alignment; validity is the caller's promise.
unsafe impl<'a, T: 'a> Lent<'a> for Input<T> {
    type Value = &'a T;
    const KIND: Kind = Kind::of::<T>();
    fn address(&self) -> *const u64 {
        self.0.cast()
    }
    unsafe fn value(self) -> Self::Value {
        // SAFETY: passed on from the caller.
        unsafe { &*self.0 }
    }
}

/// A place for one value, written at the end.
pub(crate) struct Place<T>(pub(crate) *mut T);
// SAFETY: as for `Input`.
unsafe impl<'a, T> Lent<'a> for Place<T> {
    type Value = Output<T>;
    const KIND: Kind = Kind::of::<T>();
    fn address(&self) -> *const u64 {
        self.0.cast_const().cast()
    }
    unsafe fn value(self) -> Self::Value {
        Output(self.0)
    }
}

/// A handle that is about to be initialised.
pub(crate) struct Fresh<H>(pub(crate) *mut H);
// SAFETY: as for `Input`.
unsafe impl<'a, H: Handle> Lent<'a> for Fresh<H> {
    type Value = Slot<H>;
    const KIND: Kind = Kind::of::<H>();
    fn address(&self) -> *const u64 {
        self.0.cast_const().cast()
    }
    unsafe fn value(self) -> Self::Value {
        Slot(self.0)
    }
}

/// A place for one value.
///
/// # Safety
/// `output` is NULL or valid for writing a `T` until the exported function returns.
pub(crate) unsafe fn place<T>(output: *mut T) -> Checked<Output<T>> {
    // SAFETY: passed on from the caller.
    unsafe { all((Place(output),)) }.map(|(output,)| output)
}

/// A handle that is about to be initialised.
///
/// # Safety
/// `handle` is NULL or valid for writing until the exported function returns.
pub(crate) unsafe fn fresh<H: Handle>(handle: *mut H) -> Checked<Slot<H>> {
    // SAFETY: passed on from the caller.
    unsafe { all((Fresh(handle),)) }.map(|(slot,)| slot)
}

/// What NULL may stand for "not given" in place of.
pub(crate) struct Optional<L>(pub(crate) L);
// SAFETY: the kind says that NULL is allowed, and `value` reads nothing then.
unsafe impl<'a, L: Lent<'a>> Lent<'a> for Optional<L> {
    type Value = Option<L::Value>;
    const KIND: Kind = L::KIND.optional();
    fn address(&self) -> *const u64 {
        self.0.address()
    }
    unsafe fn value(self) -> Self::Value {
        // SAFETY: not NULL; passed on from the caller.
        (!self.address().is_null()).then(|| unsafe { self.0.value() })
    }
}

/// Several pointers.
///
/// # Safety
/// As for [`Lent`].
pub(crate) unsafe trait Several<'a> {
    type Values;
    /// # Safety
    /// As for `check_each`.
    unsafe fn check(&self) -> Checked<()>;
    /// # Safety
    /// As for `Lent::value`.
    unsafe fn values(self) -> Self::Values;
}

macro_rules! several {
    ($($name:ident $at:tt),*) => {
        // SAFETY: each keeps to `Lent`, with its kind at its place.
        unsafe impl<'a, $($name: Lent<'a>),*> Several<'a> for ($($name,)*) {
            type Values = ($($name::Value,)*);
            unsafe fn check(&self) -> Checked<()> {
                let kinds = const { 0 $(| ($name::KIND as u32) << (4 * $at))* };
                // SAFETY: passed on from the caller.
                unsafe { check_each(&[$(self.$at.address()),*], kinds) }
            }
            unsafe fn values(self) -> Self::Values {
                // SAFETY: passed on from the caller.
                unsafe { ($(self.$at.value(),)*) }
            }
        }
    };
}
several!(A 0);
several!(A 0, B 1);
several!(A 0, B 1, C 2);
several!(A 0, B 1, C 2, D 3);
several!(A 0, B 1, C 2, D 3, E 4);
several!(A 0, B 1, C 2, D 3, E 4, F 5);

/// What several pointers lead to.
///
/// # Safety
/// Each is NULL or valid; inputs do not change during `'a`, and nothing else uses what is changed.
#[inline(always)]
pub(crate) unsafe fn all<'a, T: Several<'a>>(pointers: T) -> Checked<T::Values> {
    // SAFETY: passed on from the caller, after the check.
    unsafe {
        pointers.check()?;
        Ok(pointers.values())
    }
}

/// A C struct of opaque words and the Rust value that lives in it.
///
/// # Safety
/// Size and alignment of `Sealed<Self::Inner>` are at most those of `Self`: the macro [`handle`]
/// asserts it while compiling. `KIND` is a handle's, and no other type has it.
pub(crate) unsafe trait Handle: Sized {
    /// What lives in the words.
    type Inner: 'static;
    /// Tells handles apart by their first word.
    const KIND: Kind;
}

#[repr(C)]
pub(crate) struct Sealed<T> {
    magic: u64,
    value: T,
}

/// Declares what lives in a C struct of opaque words.
macro_rules! handle {
    ($handle:ident, $inner:ty, $kind:ident) => {
        const _: () = {
            assert!(size_of::<$handle>() >= size_of::<$crate::lend::Sealed<$inner>>());
            assert!(align_of::<$handle>() >= align_of::<$crate::lend::Sealed<$inner>>());
        };
        // SAFETY: asserted in the lines above.
        unsafe impl $crate::lend::Handle for $handle {
            type Inner = $inner;
            const KIND: $crate::lend::Kind = $crate::lend::Kind::$kind;
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
    // SAFETY: passed on from the caller.
    unsafe { all((Open(handle),)) }.map(|(value,)| value)
}

/// The value in an initialised handle, for changing it.
///
/// # Safety
/// As for [`open`], and nothing else uses the handle during `'a`.
pub(crate) unsafe fn open_mut<'a, H: Handle>(handle: *mut H) -> Checked<&'a mut H::Inner> {
    // SAFETY: passed on from the caller.
    unsafe { all((OpenMut(handle),)) }.map(|(value,)| value)
}

/// A handle that is about to be initialised.
pub(crate) struct Slot<H>(*mut H);

impl<H: Handle> Slot<H> {
    /// Over a variable, which lives as long as the slot is used.
    pub(crate) fn of(handle: &mut H) -> Self {
        Self(handle)
    }

    pub(crate) fn fill(self, value: H::Inner) {
        let sealed = Sealed { magic: seal(self.0.cast(), H::KIND as u32).unwrap_or(0), value };
        // SAFETY: not NULL and aligned by `check_each`, roomy enough by `Handle`, valid for a write by the
        // caller's promise.
        unsafe { self.0.cast::<Sealed<H::Inner>>().write(sealed) }
    }
}

/// Bytes of an extent, `SIZE_MAX` if that overflows.
pub(crate) fn size(extent: Extent) -> usize {
    extent.size::<hotnas_real>().unwrap_or(usize::MAX)
}

/// An error unless a block of `size` bytes may hold `need`, `SIZE_MAX` if that overflows.
fn check_block(memory: *const c_void, size: usize, need: usize) -> Checked<()> {
    if need == usize::MAX {
        return Err(Error::SizeOverflow);
    }
    // SAFETY: only the address is looked at.
    unsafe { check_each(&[memory.cast()], Kind::Eight as u32)? };
    if size < need {
        return Err(Error::MemoryTooSmall);
    }
    // As many bytes as a slice may have.
    if need <= isize::MAX as usize { Ok(()) } else { Err(Error::SizeOverflow) }
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
        check_block(memory, size, need)?;
        // SAFETY: not NULL; `need <= size` bytes are valid for writes by the caller's promise.
        unsafe { memory.cast::<u8>().write_bytes(0, need) };
        Ok(Self { memory: memory.cast(), size: need })
    }

    /// The block as an arena that holds at least `need`: reals first, then words, then bytes.
    ///
    /// # Safety
    /// The promise of [`Block::new`] holds during `'a`, and no other arena of the block is in use.
    #[cfg_attr(feature = "small", inline(never))]
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
    check_block(memory, size, self::size(extent))?;
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
    if text.is_null() {
        return Err(Error::Null);
    }
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
    Ok(handles.iter().map(|&handle| unsafe { Open(handle).value() }))
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
    Ok(move |i: usize| handles.get(i).map(|&handle| unsafe { Open(handle).value() }))
}
