//! ## Spaces
//!
//! A search space is a struct of numbers and callbacks: a genome is a short list of small numbers, gene
//! g below its cardinality, and `decode` builds the network that it stands for. Some spaces are
//! ready-made. A space is passed to each call and never stored.
//!
//! Callbacks are called only during a call that you make, on its thread. They must be pure: equal
//! arguments, equal answers, because a search decodes its earlier designs again whenever it needs them.
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

use crate::cell::hotnas_cell_spec;
use crate::lend::{self, Output, Slot, handle};
use crate::operations::hotnas_operations;
use crate::status::status;
use crate::{hotnas_real, hotnas_status};
use core::cell::Cell;
use core::ffi::{c_char, c_void};
use hotnas_core::Error;
use hotnas_core::arch::{NetworkBuilder, OperationTable};
use hotnas_core::metric::NetworkShape;
use hotnas_core::search::spaces::{
    self, Digits, NasBench101, NasBench201, TransNasMacro, TransNasMicro,
};
use hotnas_core::search::{KeyedRng, MAX_GENES, Space};
use hotnas_precision::precision;

/// Genes of a genome, at most.
pub const HOTNAS_MAX_GENES: usize = 64;
/// Bytes that hold the text of any design of a ready-made space, with the NUL at its end.
pub const HOTNAS_MAX_TEXT: usize = 128;

const _: () = assert!(HOTNAS_MAX_GENES == MAX_GENES);
const _: () = assert!(
    HOTNAS_MAX_TEXT > NasBench201::CODE_LENGTH
        && HOTNAS_MAX_TEXT > TransNasMacro::CODE_LENGTH
        && HOTNAS_MAX_TEXT > Digits::CODE_LENGTH
        && HOTNAS_MAX_TEXT > TransNasMicro::CODE_LENGTH
        && HOTNAS_MAX_TEXT > NasBench101::CODE_LENGTH
);

/// What `decode` fills: valid only during the callback that receives it.
#[repr(C)]
pub struct hotnas_network_builder {
    _private: [u64; 4],
}

pub(crate) struct BuilderPointer(*mut NetworkBuilder<'static, 'static, hotnas_real>);
handle!(hotnas_network_builder, BuilderPointer, b"hnbuilde", unique: true);

/// Random numbers of a trial: valid only during the callback that receives it.
#[repr(C)]
pub struct hotnas_random {
    _private: [u64; 4],
}

pub(crate) struct RandomPointer(*mut KeyedRng);
handle!(hotnas_random, RandomPointer, b"hnrandom", unique: true);

/// A search space. Set it to zero, then set what you have.
#[repr(C)]
pub struct hotnas_space {
    /// Passed to the callbacks.
    pub user: *mut c_void,
    /// Length of a genome, 1 to HOTNAS_MAX_GENES.
    pub gene_count: usize,
    /// `gene_count` numbers, at least 1: how many values each gene has.
    pub cardinalities: *const u8,
    /// Most nodes of a cell, 1 to HOTNAS_MAX_NODES.
    pub max_nodes: usize,
    /// Most different cells of a network, 1 to HOTNAS_MAX_CELLS.
    pub max_distinct: usize,
    /// Most cells of a network with repetition, 1 to HOTNAS_MAX_CELLS.
    pub max_cells: usize,
    /// Builds the network of a genome with the functions `hotnas_network_builder_...`. Returns
    /// HOTNAS_STATUS_OK, HOTNAS_STATUS_INFEASIBLE if the genome stands for no network (the search passes
    /// over it), or another status, which ends the call and becomes its status.
    pub decode: Option<
        unsafe extern "C" fn(
            user: *mut c_void,
            genome: *const u8,
            builder: *mut hotnas_network_builder,
        ) -> i32,
    >,
    /// How many neighbours a genome has. They may repeat and may be infeasible. NULL (with
    /// `neighbour`): the genomes that differ in one gene.
    pub neighbour_count: Option<unsafe extern "C" fn(user: *mut c_void, genome: *const u8) -> usize>,
    /// Writes neighbour number `index` into `neighbour`. NULL as above.
    pub neighbour: Option<
        unsafe extern "C" fn(user: *mut c_void, genome: *const u8, index: usize, neighbour: *mut u8),
    >,
    /// Writes a random genome with numbers from `hotnas_random_below`. NULL: each gene uniformly.
    pub sample:
        Option<unsafe extern "C" fn(user: *mut c_void, random: *mut hotnas_random, genome: *mut u8)>,
    /// A number that is known before training: a latency, a size, an energy. Designs for which it is greater
    /// than `limit` or not a number are infeasible. NULL: there is no limit.
    pub cost: Option<unsafe extern "C" fn(user: *mut c_void, genome: *const u8) -> hotnas_real>,
    /// Passed to `cost`.
    pub cost_user: *mut c_void,
    /// Counts only with `cost`.
    pub limit: hotnas_real,
}

/// A space of the caller's, checked.
pub(crate) struct CallerSpace<'a> {
    space: &'a hotnas_space,
    cardinalities: &'a [u8],
    /// What a callback returned that no error of the core stands for.
    returned: Cell<i32>,
}

impl<'a> CallerSpace<'a> {
    /// # Safety
    /// `space` is NULL or valid, with pointers that are NULL or valid, unchanged during `'a`; callbacks
    /// keep to what the header says.
    pub(crate) unsafe fn new(space: *const hotnas_space) -> Result<Self, hotnas_status> {
        // SAFETY: passed on from the caller.
        let space = unsafe { lend::input(space)? };
        let range = |x: usize, most: usize| (1..=most).contains(&x);
        if !range(space.gene_count, HOTNAS_MAX_GENES) {
            return Err(hotnas_status::GenomeOutOfRange);
        }
        if space.decode.is_none() || space.neighbour.is_some() != space.neighbour_count.is_some() {
            return Err(hotnas_status::Null);
        }
        // SAFETY: passed on from the caller.
        let cardinalities = unsafe { lend::slice(space.cardinalities, space.gene_count)? };
        if cardinalities.contains(&0)
            || !range(space.max_nodes, crate::HOTNAS_MAX_NODES)
            || !range(space.max_distinct, crate::HOTNAS_MAX_CELLS)
            || !range(space.max_cells, crate::HOTNAS_MAX_CELLS)
        {
            return Err(hotnas_status::InvalidSetting);
        }
        Ok(Self { space, cardinalities, returned: Cell::new(0) })
    }

    /// The status of a call that ended in this error: what the callback returned, if it did.
    pub(crate) fn status(&self, error: Error) -> hotnas_status {
        match self.returned.get() {
            0 => error.into(),
            code => hotnas_status::from_code(code),
        }
    }
}

impl Space<hotnas_real> for CallerSpace<'_> {
    fn genes(&self) -> usize {
        self.cardinalities.len()
    }

    fn cardinality(&self, gene: usize) -> u8 {
        self.cardinalities.get(gene).copied().unwrap_or(1)
    }

    fn limits(&self) -> NetworkShape {
        let space = self.space;
        NetworkShape { nodes: space.max_nodes, distinct: space.max_distinct, cells: space.max_cells }
    }

    fn decode(&self, genome: &[u8], out: &mut NetworkBuilder<'_, '_, hotnas_real>) -> Result<(), Error> {
        let Some(decode) = self.space.decode else { return Err(Error::Infeasible) };
        // SAFETY: `genome` has `gene_count` bytes.
        let within = |cost: unsafe extern "C" fn(*mut c_void, *const u8) -> hotnas_real| unsafe {
            cost(self.space.cost_user, genome.as_ptr()) <= self.space.limit
        };
        if !self.space.cost.is_none_or(within) {
            return Err(Error::Infeasible);
        }
        let mut handle = hotnas_network_builder { _private: [0; 4] };
        let pointer = core::ptr::from_mut(out).cast::<NetworkBuilder<'static, 'static, hotnas_real>>();
        // SAFETY: a local variable is valid.
        if let Ok(slot) = unsafe { Slot::new(&raw mut handle) } {
            slot.fill(BuilderPointer(pointer));
        }
        // SAFETY: `genome` has `gene_count` bytes; the handle lives until the callback has returned.
        let code = unsafe { decode(self.space.user, genome.as_ptr(), &raw mut handle) };
        match code {
            0 => Ok(()),
            code if code == Error::Infeasible as i32 => Err(Error::Infeasible),
            code => {
                self.returned.set(code);
                // Any error that ends the search's call; `status` replaces it.
                Err(Error::InvalidSetting)
            }
        }
    }

    fn neighbours(&self, genome: &[u8]) -> usize {
        match self.space.neighbour_count {
            // SAFETY: `genome` has `gene_count` bytes.
            Some(count) => unsafe { count(self.space.user, genome.as_ptr()) },
            None => Plain(self.cardinalities).neighbours(genome),
        }
    }

    fn neighbour(&self, genome: &[u8], index: usize, out: &mut [u8]) {
        match self.space.neighbour {
            Some(neighbour) if out.len() == genome.len() => {
                // SAFETY: `genome` and `out` have `gene_count` bytes.
                unsafe { neighbour(self.space.user, genome.as_ptr(), index, out.as_mut_ptr()) }
            }
            Some(_) => {}
            None => Plain(self.cardinalities).neighbour(genome, index, out),
        }
    }

    fn sample(&self, rng: &mut KeyedRng, out: &mut [u8]) {
        match self.space.sample {
            Some(sample) => {
                let mut handle = hotnas_random { _private: [0; 4] };
                // SAFETY: a local variable is valid.
                if let Ok(slot) = unsafe { Slot::new(&raw mut handle) } {
                    slot.fill(RandomPointer(core::ptr::from_mut(rng)));
                }
                // SAFETY: `out` has `gene_count` bytes; the handle lives until the callback returned.
                unsafe { sample(self.space.user, &raw mut handle, out.as_mut_ptr()) }
            }
            None => Plain(self.cardinalities).sample(rng, out),
        }
    }
}

/// The default edits and draws of a space, from its cardinalities alone.
struct Plain<'a>(&'a [u8]);

impl Space<hotnas_real> for Plain<'_> {
    fn genes(&self) -> usize {
        self.0.len()
    }
    fn cardinality(&self, gene: usize) -> u8 {
        self.0.get(gene).copied().unwrap_or(1)
    }
    fn limits(&self) -> NetworkShape {
        NetworkShape { nodes: 1, distinct: 1, cells: 1 }
    }
    fn decode(&self, _: &[u8], _: &mut NetworkBuilder<'_, '_, hotnas_real>) -> Result<(), Error> {
        Err(Error::Infeasible)
    }
}

/// The builder behind a handle.
///
/// # Safety
/// `builder` is NULL, valid for reading, or what the running callback received.
unsafe fn open_builder<'a>(
    builder: *mut hotnas_network_builder,
) -> Result<&'a mut NetworkBuilder<'static, 'static, hotnas_real>, hotnas_status> {
    // SAFETY: passed on from the caller; the pointer inside is that of the builder that `decode` holds
    // and does not touch until the callback returns.
    unsafe { Ok(&mut *lend::open_mut(builder)?.0) }
}

/// The generator behind a handle.
///
/// # Safety
/// `random` is NULL, valid for reading, or what the running callback received.
unsafe fn open_random<'a>(random: *mut hotnas_random) -> Result<&'a mut KeyedRng, hotnas_status> {
    // SAFETY: passed on from the caller; the pointer inside is that of the generator that the caller of
    // the callback holds and does not touch until it returns.
    unsafe { Ok(&mut *lend::open_mut(random)?.0) }
}

/// Lists a cell without placing it. `index`: its number, that of an equal cell if one is listed already.
///
/// Errors: those of `hotnas_cell_init` for the spec, CAPACITY_EXCEEDED beyond the limits of the space.
/// Thread safety: only inside the callback, on its thread.
///
/// # Safety
/// Pointers are NULL or valid for the counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_builder_add_cell(
    builder: *mut hotnas_network_builder,
    spec: *const hotnas_cell_spec,
    index: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (builder, spec, index) =
            unsafe { (open_builder(builder)?, lend::input(spec)?, Output::new(index)?) };
        // SAFETY: promised by the caller.
        let spec = unsafe { spec.read(builder.table().attributes())? };
        index.write(builder.add_cell(&spec)?);
        Ok(())
    })
}

/// Appends a listed cell to the sequence.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (no such cell), CAPACITY_EXCEEDED.
/// Thread safety: only inside the callback, on its thread.
///
/// # Safety
/// `builder` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_builder_push(
    builder: *mut hotnas_network_builder,
    index: u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let builder = unsafe { open_builder(builder)? };
        Ok(builder.push(index)?)
    })
}

/// Relative depths of all `count` cells, in (0, 1], not decreasing, when the sequence is complete;
/// without this call (s+1)/count.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`count` is not the length of the
/// sequence). Values are checked when the callback has returned.
/// Thread safety: only inside the callback, on its thread.
///
/// # Safety
/// Pointers are NULL or valid; `positions` for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_builder_set_positions(
    builder: *mut hotnas_network_builder,
    count: usize,
    positions: *const hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (builder, positions) = unsafe { (open_builder(builder)?, lend::slice(positions, count)?) };
        Ok(builder.set_positions(positions)?)
    })
}

/// Masses of all `count` cells when the sequence is complete; without this call equal ones.
///
/// Errors: as for positions.
/// Thread safety: only inside the callback, on its thread.
///
/// # Safety
/// Pointers are NULL or valid; `masses` for `count` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_network_builder_set_masses(
    builder: *mut hotnas_network_builder,
    count: usize,
    masses: *const hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (builder, masses) = unsafe { (open_builder(builder)?, lend::slice(masses, count)?) };
        Ok(builder.set_masses(masses)?)
    })
}

/// A random number below `n`, each equally likely; 0 if `n` is 0 or `random` is not what the running
/// callback received.
///
/// Thread safety: only inside the callback, on its thread.
///
/// # Safety
/// `random` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_random_below(random: *mut hotnas_random, n: u32) -> u32 {
    // SAFETY: promised by the caller.
    unsafe { open_random(random) }.map_or(0, |random| random.below(n))
}

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
}

fn ready(which: i32) -> Result<hotnas_ready_space, hotnas_status> {
    use hotnas_ready_space as Ready;
    [Ready::NasBench201, Ready::TransNasMacro, Ready::Digits, Ready::TransNasMicro, Ready::NasBench101]
        .into_iter()
        .find(|&space| space as i32 == which)
        .ok_or(hotnas_status::InvalidEnum)
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
        }
    };
}

/// Callbacks of a ready-made space.
macro_rules! callbacks {
    ($module:ident, $space:expr, $genes:literal) => {
        mod $module {
            use super::*;

            pub(super) unsafe extern "C" fn decode(
                _: *mut c_void,
                genome: *const u8,
                builder: *mut hotnas_network_builder,
            ) -> i32 {
                // SAFETY: called with a genome of this space and a builder that is being filled.
                let (genome, builder) = unsafe {
                    match (lend::slice(genome, $genes), open_builder(builder)) {
                        (Ok(genome), Ok(builder)) => (genome, builder),
                        (Err(status), _) | (_, Err(status)) => return status as i32,
                    }
                };
                Space::<hotnas_real>::decode(&$space, genome, builder)
                    .map_or_else(|error| error as i32, |()| 0)
            }

            pub(super) unsafe extern "C" fn neighbour_count(_: *mut c_void, genome: *const u8) -> usize {
                // SAFETY: called with a genome of this space.
                unsafe { lend::slice(genome, $genes) }
                    .map_or(0, |genome| Space::<hotnas_real>::neighbours(&$space, genome))
            }

            pub(super) unsafe extern "C" fn neighbour(
                _: *mut c_void,
                genome: *const u8,
                index: usize,
                neighbour: *mut u8,
            ) {
                // SAFETY: called with a genome of this space and room for another.
                let both = unsafe { (lend::slice(genome, $genes), lend::slice_mut(neighbour, $genes)) };
                if let (Ok(genome), Ok(out)) = both {
                    Space::<hotnas_real>::neighbour(&$space, genome, index, out);
                }
            }

            pub(super) unsafe extern "C" fn sample(
                _: *mut c_void,
                random: *mut hotnas_random,
                genome: *mut u8,
            ) {
                // SAFETY: called with a generator that is in use by the caller only and room for a
                // genome of this space.
                let both = unsafe { (open_random(random), lend::slice_mut(genome, $genes)) };
                if let (Ok(random), Ok(out)) = both {
                    Space::<hotnas_real>::sample(&$space, random, out);
                }
            }
        }
    };
}

callbacks!(nas_bench_201, NasBench201, 6);
callbacks!(trans_nas_macro, TransNasMacro, 6);
callbacks!(digits, Digits, 7);
callbacks!(trans_nas_micro, TransNasMicro, 6);
callbacks!(nas_bench_101, NasBench101, 26);

static FIVE: [u8; 6] = [5; 6];
static DIGITS: [u8; 7] = [3, 3, 3, 3, 5, 5, 5];
static FOUR: [u8; 6] = [4; 6];
/// 21 edges, then 5 operations.
static NAS_BENCH_101: [u8; 26] =
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3];
static WEIGHTS: [hotnas_real; 2] = spaces::attribute_weights();

/// Fills in a ready-made space (`which`: a `hotnas_ready_space`) and, unless `operations` is NULL, makes
/// the operation table that its cells are meant for: input, output, none, skip, conv 1x1, conv 3x3, pool
/// with 1 between any two, four operation groups and, for the spaces with modules, width and
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
        let (space, operations) = unsafe {
            let operations = if operations.is_null() { None } else { Some(Slot::new(operations)?) };
            (Output::new(space)?, operations)
        };
        if let Some(slot) = operations {
            let table: OperationTable<'static, hotnas_real> = match which {
                hotnas_ready_space::TransNasMacro | hotnas_ready_space::Digits => {
                    spaces::macro_table(&WEIGHTS)?
                }
                _ => spaces::cell_table()?,
            };
            slot.fill(table);
        }
        let limits = each_ready!(which, ready => Space::<hotnas_real>::limits(&ready));
        macro_rules! filled {
            ($module:ident, $cardinalities:expr) => {
                hotnas_space {
                    user: core::ptr::null_mut(),
                    gene_count: $cardinalities.len(),
                    cardinalities: $cardinalities.as_ptr(),
                    max_nodes: limits.nodes,
                    max_distinct: limits.distinct,
                    max_cells: limits.cells,
                    decode: Some($module::decode),
                    neighbour_count: Some($module::neighbour_count),
                    neighbour: Some($module::neighbour),
                    sample: Some($module::sample),
                    cost: None,
                    cost_user: core::ptr::null_mut(),
                    limit: 0.0,
                }
            };
        }
        space.write(match which {
            hotnas_ready_space::NasBench201 => filled!(nas_bench_201, FIVE),
            hotnas_ready_space::TransNasMacro => filled!(trans_nas_macro, FIVE),
            hotnas_ready_space::Digits => filled!(digits, DIGITS),
            hotnas_ready_space::TransNasMicro => filled!(trans_nas_micro, FOUR),
            hotnas_ready_space::NasBench101 => filled!(nas_bench_101, NAS_BENCH_101),
        });
        Ok(())
    })
}

/// How many designs a ready-made space numbers; 0 if `which` is none.
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
        Err(_) => 0,
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
            return Err(hotnas_status::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice_mut(genome, gene_count)? };
        Ok(each_ready!(which, space => space.genome(index, genome))?)
    })
}

/// Writes the number of the design that a genome stands for.
///
/// Errors: NULL, MISALIGNED, INVALID_ENUM, INFEASIBLE (no design, or a wrong `gene_count`).
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
            return Err(hotnas_status::Infeasible);
        }
        // SAFETY: promised by the caller.
        let (genome, index) = unsafe { (lend::slice(genome, gene_count)?, Output::new(index)?) };
        index.write(each_ready!(which, space => space.index(genome)).ok_or(hotnas_status::Infeasible)?);
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
            return Err(hotnas_status::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller; a `char` is a byte.
        let (genome, text) =
            unsafe { (lend::slice(genome, gene_count)?, lend::slice_mut(text.cast::<u8>(), size)?) };
        let mut buffer = [0; HOTNAS_MAX_TEXT];
        let written = each_ready!(which, space => space.format(genome, &mut buffer))?;
        if written.len() >= text.len() {
            return Err(hotnas_status::MemoryTooSmall);
        }
        for (to, &from) in text.iter_mut().zip(written.as_bytes().iter().chain(&[0])) {
            *to = from;
        }
        Ok(())
    })
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
            return Err(hotnas_status::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let (text, out) = unsafe { (lend::text(text)?, lend::slice_mut(genome, gene_count)?) };
        let text = lend::ascii(text).ok_or(hotnas_status::GenomeOutOfRange)?;
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
    }
}
