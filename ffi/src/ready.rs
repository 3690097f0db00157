//! ## Ready-made spaces
//!
//! The spaces of published benchmarks and the digits space of this project: their designs have numbers
//! and texts.
//!
//! ```c
//! hotnas_space space;
//! hotnas_operations operations;
//! uint8_t genome[6];
//! char text[HOTNAS_MAX_TEXT];
//! if (hotnas_space_init(&space, HOTNAS_READY_SPACE_TRANS_NAS_MACRO, &operations) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (hotnas_space_parse(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, "64-1234-basic", 6, genome) !=
//!     HOTNAS_STATUS_OK)
//!     return 1;
//! if (hotnas_space_format(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, sizeof text, text) !=
//!     HOTNAS_STATUS_OK)
//!     return 1;
//! if (strcmp(text, "64-1234-basic") != 0) return 1;
//! ```

use crate::lend::{self, Fresh, Optional, Place};
use crate::operations::hotnas_operations;
use crate::space::{HOTNAS_MAX_GENES, Provided, hotnas_space};
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::ffi::{c_char, c_void};
use hotnas_core::Error;
use hotnas_core::arch::OperationTable;
use hotnas_core::search::spaces::{
    self, Darts, Digits, NasBench101, NasBench201, TransNasMacro, TransNasMicro,
};
use hotnas_precision::precision;

/// Bytes that hold the text of any design of a ready-made or joint space, with the NUL at its end.
pub const HOTNAS_MAX_TEXT: usize = 320;

const _: () = assert!(
    HOTNAS_MAX_TEXT > NasBench201::CODE_LENGTH
        && HOTNAS_MAX_TEXT > TransNasMacro::CODE_LENGTH
        && HOTNAS_MAX_TEXT > Digits::CODE_LENGTH
        && HOTNAS_MAX_TEXT > TransNasMicro::CODE_LENGTH
        && HOTNAS_MAX_TEXT > NasBench101::CODE_LENGTH
        && HOTNAS_MAX_TEXT > Darts::CODE_LENGTH
);

/// The ready-made spaces.
#[repr(i32)]
#[derive(Clone, Copy)]
pub enum hotnas_ready_space {
    /// NAS-Bench-201: 6 genes below 5, the operations on the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3
    /// (none, skip, conv 1x1, conv 3x3, average pool). 15625 designs; text as in the benchmark,
    /// `|nor_conv_3x3~0|+|...`.
    NasBench201 = 0,
    /// TransNAS-Bench-101, macro level: 6 genes below 5, modules 1 to 4 from the front, 0 for none.
    /// 3256 designs; text as in the benchmark, `64-1234-basic`.
    TransNasMacro = 1,
    /// Small networks for 8 x 8 images of digits, the benchmark of this project: 7 genes, modules and
    /// the operations of their cell. 2352 designs; text `NRN-312`.
    Digits = 2,
    /// TransNAS-Bench-101, micro level: 6 genes below 4, the operations on the edges of NAS-Bench-201
    /// (none, skip, conv 1x1, conv 3x3). 4096 designs; text as in the benchmark, `64-41414-3_33_333`.
    TransNasMicro = 3,
    /// NAS-Bench-101: 26 genes, the upper triangle of the adjacency matrix of 7 vertices row by row
    /// (0 or 1), then the operations of the 5 vertices between input and output (0 conv1x1-bn-relu,
    /// 1 conv3x3-bn-relu, 2 maxpool3x3). Vertices on no path from input to output are taken away; more
    /// than 9 edges among the others are infeasible. All 509607936 genomes have numbers, those of
    /// infeasible ones stand for no design; there are 423624 different cells. Text
    /// `100000_10000_1000_100_10_1+conv3x3-bn-relu+...`.
    NasBench101 = 4,
    /// DARTS: 32 genes, for the normal, then the reduction cell, for each of 4 nodes, twice a source (0
    /// and 1 the outputs of the cell before the last and the last, 2 on the nodes before; the two must
    /// differ) and an operation (0 max_pool_3x3, 1 avg_pool_3x3, 2 skip_connect, 3 sep_conv_3x3,
    /// 4 sep_conv_5x5, 5 dil_conv_3x3, 6 dil_conv_5x5). Networks of 20 cells, of which 6 and 13
    /// (from 0) are reduction cells; other numbers: `hotnas_space_init_darts`. The 1.08e18 designs have
    /// no numbers. Text `normal=|sep_conv_3x3~0|sep_conv_3x3~1|+|...|;reduce=|...|`.
    Darts = 5,
}

fn ready(which: i32) -> Result<hotnas_ready_space, Error> {
    use hotnas_ready_space as Ready;
    [
        Ready::NasBench201,
        Ready::TransNasMacro,
        Ready::Digits,
        Ready::TransNasMicro,
        Ready::NasBench101,
        Ready::Darts,
    ]
    .into_iter()
    .find(|&space| space as i32 == which)
    .ok_or(Error::InvalidEnum)
}

macro_rules! each_ready {
    ($which:expr, $space:ident => $body:expr) => {
        match $which {
            hotnas_ready_space::NasBench201 => {
                let $space = NasBench201;
                $body
            }
            hotnas_ready_space::TransNasMacro => {
                let $space = TransNasMacro;
                $body
            }
            hotnas_ready_space::Digits => {
                let $space = Digits;
                $body
            }
            hotnas_ready_space::TransNasMicro => {
                let $space = TransNasMicro;
                $body
            }
            hotnas_ready_space::NasBench101 => {
                let $space = NasBench101;
                $body
            }
            hotnas_ready_space::Darts => {
                let $space = Darts::default();
                $body
            }
        }
    };
}

macro_rules! provided {
    ($($space:ident),*) => {
        $(impl Provided for $space {
            unsafe fn from_user(_: *mut c_void) -> Result<Self, Error> {
                Ok(Self)
            }
        })*
    };
}
provided!(NasBench201, TransNasMacro, Digits, TransNasMicro, NasBench101);

impl Provided for Darts {
    unsafe fn from_user(user: *mut c_void) -> Result<Self, Error> {
        // SAFETY: one of `ALL_DARTS`.
        unsafe { lend::input(user.cast_const().cast::<Self>()).copied() }
    }
}

/// DARTS has too many designs for numbers.
trait Unnumbered {
    fn genome(&self, _: usize, _: &mut [u8]) -> Result<(), Error> {
        Err(Error::GenomeOutOfRange)
    }
    fn index(&self, _: &[u8]) -> Option<usize> {
        None
    }
}
impl Unnumbered for Darts {}

const LEAST_DARTS: usize = 8;
/// Networks of 8 to 20 cells.
static ALL_DARTS: [Darts; 13] = {
    let mut all = [Darts::LONGEST; 13];
    let mut at = 0;
    while at < all.len() {
        if let Ok(space) = Darts::new(LEAST_DARTS + at) {
            all[at] = space;
        }
        at += 1;
    }
    all
};

static FIVE: [u8; 6] = [5; 6];
static DIGITS: [u8; 7] = [3, 3, 3, 3, 5, 5, 5];
static FOUR: [u8; 6] = [4; 6];
/// 21 edges, then 5 operations.
static NAS_BENCH_101: [u8; 26] =
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3];
static DARTS: [u8; 32] =
    [2, 7, 2, 7, 3, 7, 3, 7, 4, 7, 4, 7, 5, 7, 5, 7, 2, 7, 2, 7, 3, 7, 3, 7, 4, 7, 4, 7, 5, 7, 5, 7];
static WEIGHTS: [hotnas_real; 2] = spaces::attribute_weights();

/// Fills in a ready-made space (`which`: a `hotnas_ready_space`) and, unless `operations` is NULL, makes
/// the operation table that its cells are meant for: input, output, none, skip, conv 1x1, conv 3x3, pool
/// with 1 between any two (DARTS: its own ten), four operation groups and, for the spaces with modules, width and
/// resolution as attributes of weight 0.5 (choices of this project, not in the paper).
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM.
/// Thread safety: any thread; space and table may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_init(
    space: *mut hotnas_space,
    which: i32,
    operations: *mut hotnas_operations,
) -> hotnas_status {
    status(|| {
        let which = ready(which)?;
        // SAFETY: promised by the caller.
        let (space, operations) = unsafe { lend::all((Place(space), Optional(Fresh(operations))))? };
        if let Some(slot) = operations {
            let table: OperationTable<'static, hotnas_real> = match which {
                hotnas_ready_space::TransNasMacro | hotnas_ready_space::Digits => {
                    spaces::macro_table(&WEIGHTS)?
                }
                hotnas_ready_space::Darts => spaces::darts_table()?,
                _ => spaces::cell_table()?,
            };
            slot.fill(table);
        }
        let none = core::ptr::null_mut();
        // SAFETY: these spaces need no `user`, and cardinalities are static.
        space.write(unsafe {
            match which {
                hotnas_ready_space::NasBench201 => {
                    hotnas_space::provide(&NasBench201, none, FIVE.as_ptr())
                }
                hotnas_ready_space::TransNasMacro => {
                    hotnas_space::provide(&TransNasMacro, none, FIVE.as_ptr())
                }
                hotnas_ready_space::Digits => hotnas_space::provide(&Digits, none, DIGITS.as_ptr()),
                hotnas_ready_space::TransNasMicro => {
                    hotnas_space::provide(&TransNasMicro, none, FOUR.as_ptr())
                }
                hotnas_ready_space::NasBench101 => {
                    hotnas_space::provide(&NasBench101, none, NAS_BENCH_101.as_ptr())
                }
                hotnas_ready_space::Darts => darts(20)?,
            }
        });
        Ok(())
    })
}

fn darts(cells: usize) -> Result<hotnas_space, Error> {
    let at = cells.checked_sub(LEAST_DARTS).and_then(|at| ALL_DARTS.get(at));
    let space = at.ok_or(Error::InvalidSetting)?;
    let user = core::ptr::from_ref(space).cast_mut().cast();
    // SAFETY: space and cardinalities are static.
    Ok(unsafe { hotnas_space::provide(space, user, DARTS.as_ptr()) })
}

/// Fills in the space HOTNAS_READY_SPACE_DARTS for networks of `cells` cells, 8 to 20, of which numbers
/// cells/3 and 2*cells/3 (from 0, rounded down) are reduction cells. Its operation table:
/// `hotnas_space_init`.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING (another number of cells).
/// Thread safety: any thread; the space may be shared afterwards.
///
/// # Safety
/// `space` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_init_darts(
    space: *mut hotnas_space,
    cells: usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let space = unsafe { lend::place(space)? };
        space.write(darts(cells)?);
        Ok(())
    })
}

/// How many designs a ready-made space numbers; 0 if it does not number them, or `which` is none.
///
/// Thread safety: any thread at any time.
#[precision]
#[unsafe(no_mangle)]
pub extern "C" fn hotnas_space_design_count(which: i32) -> usize {
    match ready(which) {
        Ok(hotnas_ready_space::NasBench201) => NasBench201::DESIGNS,
        Ok(hotnas_ready_space::TransNasMacro) => TransNasMacro::DESIGNS,
        Ok(hotnas_ready_space::Digits) => Digits::DESIGNS,
        Ok(hotnas_ready_space::TransNasMicro) => TransNasMicro::DESIGNS,
        Ok(hotnas_ready_space::NasBench101) => NasBench101::DESIGNS,
        Ok(hotnas_ready_space::Darts) | Err(_) => 0,
    }
}

/// Writes the genome of design number `index`, below `hotnas_space_design_count`.
///
/// Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE (index or `gene_count`), INFEASIBLE (a number that
/// stands for no design).
/// Thread safety: any thread at any time.
///
/// # Safety
/// `genome` is NULL or valid for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_genome(
    which: i32,
    index: usize,
    gene_count: usize,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        let which = ready(which)?;
        if gene_count > HOTNAS_MAX_GENES {
            return Err(Error::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice_mut(genome, gene_count)? };
        Ok(each_ready!(which, space => space.genome(index, genome))?)
    })
}

/// Writes the number of the design that a genome stands for.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, INFEASIBLE (no design, or without a number, or a wrong `gene_count`).
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_index(
    which: i32,
    gene_count: usize,
    genome: *const u8,
    index: *mut usize,
) -> hotnas_status {
    status(|| {
        let which = ready(which)?;
        if gene_count > HOTNAS_MAX_GENES {
            return Err(Error::Infeasible);
        }
        // SAFETY: promised by the caller.
        let (genome, index) = unsafe { (lend::slice(genome, gene_count)?, lend::place(index)?) };
        index.write(each_ready!(which, space => space.index(genome)).ok_or(Error::Infeasible)?);
        Ok(())
    })
}

/// Writes a design as text, NUL-terminated, into `size` bytes; HOTNAS_MAX_TEXT are always enough.
///
/// Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE, INFEASIBLE, MEMORY_TOO_SMALL.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_format(
    which: i32,
    gene_count: usize,
    genome: *const u8,
    size: usize,
    text: *mut c_char,
) -> hotnas_status {
    status(|| {
        let which = ready(which)?;
        if gene_count > HOTNAS_MAX_GENES {
            return Err(Error::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller; a `char` is a byte.
        let (genome, text) =
            unsafe { (lend::slice(genome, gene_count)?, lend::slice_mut(text.cast::<u8>(), size)?) };
        write_text(text, |buffer| each_ready!(which, space => space.format(genome, buffer)))
    })
}

/// Writes what `format` gives and a NUL, or nothing.
pub(crate) fn write_text(
    text: &mut [u8],
    format: impl FnOnce(&mut [u8]) -> Result<&str, Error>,
) -> Result<(), Error> {
    let mut buffer = [0; HOTNAS_MAX_TEXT];
    let written = format(&mut buffer)?;
    if written.len() >= text.len() {
        return Err(Error::MemoryTooSmall);
    }
    for (to, &from) in text.iter_mut().zip(written.as_bytes().iter().chain(&[0])) {
        *to = from;
    }
    Ok(())
}

/// Reads a design from NUL-terminated text.
///
/// Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE (not the text of a design, or a wrong `gene_count`),
/// INFEASIBLE.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_space_parse(
    which: i32,
    text: *const c_char,
    gene_count: usize,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        let which = ready(which)?;
        if gene_count > HOTNAS_MAX_GENES {
            return Err(Error::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let (text, out) = unsafe { (lend::text(text)?, lend::slice_mut(genome, gene_count)?) };
        let text = lend::ascii(text).ok_or(Error::GenomeOutOfRange)?;
        let mut buffer = [0; HOTNAS_MAX_GENES];
        let read = buffer.get_mut(..gene_count).unwrap_or_default();
        each_ready!(which, space => space.parse(text, read))?;
        out.iter_mut().zip(read).for_each(|(to, from)| *to = *from);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotnas_core::search::Space;

    #[test]
    fn cardinalities_are_those_of_the_spaces() {
        let check = |space: &dyn Space<hotnas_real>, cardinalities: &[u8]| {
            assert_eq!(space.genes(), cardinalities.len());
            assert!((0..space.genes()).all(|g| space.cardinality(g) == cardinalities[g]));
        };
        check(&NasBench201, &FIVE);
        check(&TransNasMacro, &FIVE);
        check(&Digits, &DIGITS);
        check(&TransNasMicro, &FOUR);
        check(&NasBench101, &NAS_BENCH_101);
        check(&Darts::default(), &DARTS);
    }
}
