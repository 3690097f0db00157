//! ## Joint spaces
//!
//! Networks that are a string of modules, made of cells with an operation on each edge: macro and cell
//! structure are searched together. You say which modules and which cells there are.
//!
//! ```c
//! // 2 to 4 modules; a cell is an operation on each edge of a triangle
//! static const hotnas_module_kind kinds[2] = {
//!     {1, 0, 0, 2, 0}, // one cell that changes nothing
//!     {1, 1, 1, 4, 0}, // a 1x1 convolution in front: twice the width, half the resolution
//! };
//! static const hotnas_edge edges[3] = {{0, 1}, {0, 2}, {1, 2}};
//! static const uint8_t operations[5] = {2, 3, 4, 5, 6}; // none, skip, conv 1x1, conv 3x3, pool
//! static const hotnas_joint joint = {2, 4, 2, kinds, 3, 3, edges, 5, operations, 1, 3, 3};
//! hotnas_space space;
//! uint8_t cardinalities[7], genome[7];
//! if (hotnas_joint_gene_count(&joint) != 7) return 1;
//! if (hotnas_joint_make_space(&joint, 7, cardinalities, &space) != HOTNAS_STATUS_OK) return 1;
//! if (hotnas_joint_parse(&joint, "121-312", 7, genome) != HOTNAS_STATUS_OK) return 1;
//! ```

use crate::cell::hotnas_edge;
use crate::hotnas_status;
use crate::lend;
use crate::ready::write_text;
use crate::space::{HOTNAS_MAX_GENES, Provided, hotnas_space};
use crate::status::status;
use core::ffi::{c_char, c_void};
use hotnas_core::Error;
use hotnas_core::arch::Edge;
use hotnas_core::search::spaces::{Joint, JointSpec, ModuleKind};
use hotnas_precision::precision;

/// A kind of module: some equal cells, of which the first changes width and resolution.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_module_kind {
    /// How many cells it has, at least 1.
    pub cells: u8,
    /// The width grows by a factor of 2 to this power.
    pub widen: u8,
    /// The resolution shrinks by a factor of 2 to this power, to 1 at least.
    pub halve: u8,
    /// The operation of a node behind the input of the first cell, which makes the change; 2 (none):
    /// there is none.
    pub step: u8,
    /// The number of the cell design that its cells follow, below `design_count`.
    pub design: u8,
}

const _: () = assert!(size_of::<hotnas_module_kind>() == size_of::<ModuleKind>());

/// What a joint space consists of. Operations are those of a table with two attributes, log2 of width
/// and resolution, in which 0, 1 and 2 are input, output and none: the table that `hotnas_space_init`
/// makes for HOTNAS_READY_SPACE_DIGITS, or one with more operations.
#[repr(C)]
pub struct hotnas_joint {
    /// The least number of modules, at least 1.
    pub shortest: usize,
    /// The greatest number of modules.
    pub longest: usize,
    /// 1 to 35.
    pub kind_count: usize,
    /// Kinds of modules: a gene names them 1, 2, ..., and 0 is no module.
    pub kinds: *const hotnas_module_kind,
    /// Nodes of a cell that sum what enters: 0 is its input, the last its output.
    pub node_count: usize,
    /// With input, output and, if a kind has one, the step at most HOTNAS_MAX_NODES.
    pub edge_count: usize,
    /// The edges of a cell, from lower to higher nodes, those to lower nodes first.
    pub edges: *const hotnas_edge,
    /// 1 to 36.
    pub operation_count: usize,
    /// The operations that an edge may carry; a gene is an index into them.
    pub operations: *const u8,
    /// How many cell designs there are, at least 1: one for all kinds, or several.
    pub design_count: usize,
    /// Log2 of the width that enters the first module.
    pub width: u8,
    /// Log2 of the resolution that enters the first module.
    pub side: u8,
}

impl hotnas_joint {
    /// # Safety
    /// `joint` is NULL or valid, with pointers that are NULL or valid for the counts, unchanged during
    /// `'a`.
    unsafe fn read<'a>(joint: *const Self) -> Result<Joint<'a>, Error> {
        // SAFETY: passed on from the caller.
        let joint = unsafe { lend::input(joint)? };
        let counts = [joint.kind_count, joint.edge_count, joint.operation_count];
        if counts.into_iter().any(|count| count > u8::MAX.into()) {
            return Err(Error::InvalidSetting);
        }
        // SAFETY: passed on from the caller; `Edge` and `ModuleKind` have the layout of their C forms,
        // some bytes.
        let (kinds, edges, operations) = unsafe {
            (
                lend::slice(joint.kinds.cast::<ModuleKind>(), joint.kind_count)?,
                lend::slice(joint.edges.cast::<Edge>(), joint.edge_count)?,
                lend::slice(joint.operations, joint.operation_count)?,
            )
        };
        Joint::new(JointSpec {
            shortest: joint.shortest,
            longest: joint.longest,
            kinds,
            nodes: joint.node_count,
            edges,
            operations,
            designs: joint.design_count,
            width: joint.width,
            side: joint.side,
        })
    }
}

impl Provided for Joint<'_> {
    unsafe fn from_user(user: *mut c_void) -> Result<Self, Error> {
        // SAFETY: what `hotnas_joint_make_space` was called with.
        unsafe { hotnas_joint::read(user.cast_const().cast()) }
    }
}

/// Length of a genome: `longest` modules, then the operation of each edge for each design. 0 if the
/// description is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `joint` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_gene_count(joint: *const hotnas_joint) -> usize {
    // SAFETY: promised by the caller.
    unsafe { hotnas_joint::read(joint) }.map_or(0, |joint| joint.gene_count())
}

/// Makes the space of a description, and writes the cardinalities of its `gene_count` genes. The space
/// points to both: they must stay and not change while it is used.
///
/// Neighbours change one operation, or substitute, insert or delete a module. Operations without effect
/// become isolated `none` nodes; a network with a cell whose output is not reached is infeasible.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING (a number outside its range, an edge out of order, more
/// than HOTNAS_MAX_GENES genes or HOTNAS_MAX_CELLS cells), GENOME_OUT_OF_RANGE (another `gene_count`).
/// Thread safety: any thread; the space may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid; `cardinalities` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_make_space(
    joint: *const hotnas_joint,
    gene_count: usize,
    cardinalities: *mut u8,
    space: *mut hotnas_space,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (read, out) = unsafe { (hotnas_joint::read(joint)?, lend::place(space)?) };
        if gene_count != read.gene_count() {
            return Err(Error::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let all = unsafe { lend::slice_mut(cardinalities, gene_count)? };
        all.iter_mut().enumerate().for_each(|(gene, to)| *to = read.gene_cardinality(gene));
        let user = joint.cast_mut().cast();
        // SAFETY: `from_user` reads the description again; the caller keeps it and the cardinalities.
        out.write(unsafe { hotnas_space::provide(&read, user, cardinalities) });
        Ok(())
    })
}

/// How many genomes a joint space numbers, feasible or not; 0 if they are too many for a `size_t` or the
/// description is not valid.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `joint` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_genome_count(joint: *const hotnas_joint) -> usize {
    // SAFETY: promised by the caller.
    unsafe { hotnas_joint::read(joint) }.ok().and_then(|joint| joint.genomes()).unwrap_or(0)
}

/// Writes genome number `index`: by the number of modules, then lexicographic.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (index or `gene_count`), INFEASIBLE (it
/// stands for no network).
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_genome(
    joint: *const hotnas_joint,
    index: usize,
    gene_count: usize,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (joint, genome) = unsafe { (hotnas_joint::read(joint)?, genes_mut(genome, gene_count)?) };
        joint.genome(index, genome)
    })
}

/// Writes the number of a genome.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (more than HOTNAS_MAX_GENES genes), INFEASIBLE
/// (no network, too large a number, or a wrong `gene_count`).
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_index(
    joint: *const hotnas_joint,
    gene_count: usize,
    genome: *const u8,
    index: *mut usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (joint, genome, index) =
            unsafe { (hotnas_joint::read(joint)?, genes(genome, gene_count)?, lend::place(index)?) };
        index.write(joint.index(genome).ok_or(Error::Infeasible)?);
        Ok(())
    })
}

/// Writes a design as text, NUL-terminated, into `size` bytes; HOTNAS_MAX_TEXT are always enough: the
/// modules, then the operations of each design, such as `121-312`. Digits go on with the letters from `a`.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (more than HOTNAS_MAX_GENES genes), INFEASIBLE (no
/// network, or a wrong `gene_count`), MEMORY_TOO_SMALL.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_format(
    joint: *const hotnas_joint,
    gene_count: usize,
    genome: *const u8,
    size: usize,
    text: *mut c_char,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller; a `char` is a byte.
        let (joint, genome, text) = unsafe {
            (
                hotnas_joint::read(joint)?,
                genes(genome, gene_count)?,
                lend::slice_mut(text.cast::<u8>(), size)?,
            )
        };
        write_text(text, |buffer| joint.format(genome, buffer))
    })
}

/// Reads a design from NUL-terminated text.
///
/// Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (not the text of a design, or a wrong
/// `gene_count`), INFEASIBLE.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for `gene_count` bytes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_joint_parse(
    joint: *const hotnas_joint,
    text: *const c_char,
    gene_count: usize,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (joint, text, genome) =
            unsafe { (hotnas_joint::read(joint)?, lend::text(text)?, genes_mut(genome, gene_count)?) };
        let text = lend::ascii(text).ok_or(Error::GenomeOutOfRange)?;
        joint.parse(text, genome)
    })
}

/// # Safety
/// `genome` is NULL or valid for `count` bytes, unchanged during `'a`.
unsafe fn genes<'a>(genome: *const u8, count: usize) -> Result<&'a [u8], Error> {
    if count > HOTNAS_MAX_GENES {
        return Err(Error::GenomeOutOfRange);
    }
    // SAFETY: passed on from the caller.
    unsafe { lend::slice(genome, count) }
}

/// # Safety
/// `genome` is NULL or valid for `count` bytes, used by nobody else during `'a`.
unsafe fn genes_mut<'a>(genome: *mut u8, count: usize) -> Result<&'a mut [u8], Error> {
    if count > HOTNAS_MAX_GENES {
        return Err(Error::GenomeOutOfRange);
    }
    // SAFETY: passed on from the caller.
    unsafe { lend::slice_mut(genome, count) }
}
