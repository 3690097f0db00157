//! ## Spaces
//!
//! A search space is a struct of numbers and callbacks: a genome is a short list of small numbers, gene
//! g below its cardinality, and `decode` builds the network that it stands for. A space is passed to each
//! call and never stored. Ready-made spaces and joint spaces, below, need no callbacks of yours.
//!
//! Callbacks are called only during a call that you make, on its thread. They must be pure: equal
//! arguments, equal answers, because a search decodes its earlier designs again whenever it needs them.
//! They may call the library, but not with the search, the cache or the workspace of the call that called them.
//!
//! ```c
//! // chains of two operations of the poster's table
//! static const uint8_t cardinalities[2] = {4, 4};
//! hotnas_space space = {0};
//! space.gene_count = 2;
//! space.cardinalities = cardinalities;
//! space.max_nodes = 2;
//! space.max_distinct = 1;
//! space.max_cells = 1;
//! // and space.decode: a function that fills a builder with hotnas_network_builder_add_cell and ..._push
//! if (space.gene_count != 2 || space.cardinalities[1] != 4) return 1;
//! ```

use crate::cell::hotnas_cell_spec;
use crate::lend::{self, Input, Place, Slot, handle};
use crate::status::{from_code, status};
use crate::{hotnas_real, hotnas_status};
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::arch::NetworkBuilder;
use hotnas_core::metric::NetworkShape;
use hotnas_core::search::{KeyedRng, MAX_GENES, Space};
use hotnas_precision::precision;

/// Maximum number of genes of a genome.
pub const HOTNAS_MAX_GENES: usize = 64;
const _: () = assert!(HOTNAS_MAX_GENES == MAX_GENES);

/// What `decode` fills: valid only during the callback that receives it.
#[repr(C)]
pub struct hotnas_network_builder {
    _private: [u64; 4],
}

pub(crate) struct BuilderPointer(*mut NetworkBuilder<'static, 'static, hotnas_real>);
handle!(hotnas_network_builder, BuilderPointer, Builder);

/// Random numbers of a trial: valid only during the callback that receives it.
#[repr(C)]
pub struct hotnas_random {
    _private: [u64; 4],
}

pub(crate) struct RandomPointer(*mut KeyedRng);
handle!(hotnas_random, RandomPointer, Random);

/// A search space. Set it to zero, then set what you have.
#[repr(C)]
pub struct hotnas_space {
    /// Passed to the callbacks.
    pub user: *mut c_void,
    /// Length of a genome, 1 to HOTNAS_MAX_GENES.
    pub gene_count: usize,
    /// The number of values of each gene, `gene_count` numbers, at least 1.
    pub cardinalities: *const u8,
    /// Maximum number of nodes of a cell, 1 to HOTNAS_MAX_NODES.
    pub max_nodes: usize,
    /// Maximum number of different cells of a network, 1 to HOTNAS_MAX_CELLS.
    pub max_distinct: usize,
    /// Maximum number of cells of a network with repetition, 1 to HOTNAS_MAX_CELLS.
    pub max_cells: usize,
    /// Builds the network of a genome with the functions `hotnas_network_builder_...`. Returns
    /// HOTNAS_STATUS_OK, HOTNAS_STATUS_INFEASIBLE if the genome stands for no network (the search skips it),
    /// or another status, which ends the call and becomes its status.
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
}

impl<'a> CallerSpace<'a> {
    /// # Safety
    /// `space` is NULL or valid, with pointers that are NULL or valid, unchanged during `'a`; callbacks
    /// keep to what the header says.
    pub(crate) unsafe fn new(space: *const hotnas_space) -> Result<Self, Error> {
        // SAFETY: passed on from the caller.
        let space = unsafe { lend::input(space)? };
        let range = |x: usize, most: usize| (1..=most).contains(&x);
        if !range(space.gene_count, HOTNAS_MAX_GENES) {
            return Err(Error::GenomeOutOfRange);
        }
        if space.decode.is_none() || space.neighbour.is_some() != space.neighbour_count.is_some() {
            return Err(Error::Null);
        }
        // SAFETY: passed on from the caller.
        let cardinalities = unsafe { lend::slice(space.cardinalities, space.gene_count)? };
        if cardinalities.contains(&0)
            || !range(space.max_nodes, crate::HOTNAS_MAX_NODES)
            || !range(space.max_distinct, crate::HOTNAS_MAX_CELLS)
            || !range(space.max_cells, crate::HOTNAS_MAX_CELLS)
        {
            return Err(Error::InvalidSetting);
        }
        Ok(Self { space, cardinalities })
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
        Slot::of(&mut handle).fill(BuilderPointer(pointer));
        // SAFETY: `genome` has `gene_count` bytes; the handle lives until the callback has returned.
        let code = unsafe { decode(self.space.user, genome.as_ptr(), &raw mut handle) };
        if code == 0 { Ok(()) } else { Err(from_code(code)) }
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
                Slot::of(&mut handle).fill(RandomPointer(core::ptr::from_mut(rng)));
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

/// A space whose callbacks are here. What `user` points to says which one of its kind.
pub(crate) trait Provided: Space<hotnas_real> + Sized {
    /// # Safety
    /// `user` is what `hotnas_space.user` was set to together with the callbacks.
    unsafe fn from_user(user: *mut c_void) -> Result<Self, Error>;
}

impl hotnas_space {
    /// The space with the callbacks of `space`.
    ///
    /// # Safety
    /// `user` gives the space back while the result is used; `cardinalities` are valid that long.
    pub(crate) unsafe fn provide<S: Provided>(
        space: &S,
        user: *mut c_void,
        cardinalities: *const u8,
    ) -> Self {
        let limits = space.limits();
        Self {
            user,
            gene_count: space.genes(),
            cardinalities,
            max_nodes: limits.nodes,
            max_distinct: limits.distinct,
            max_cells: limits.cells,
            decode: Some(decode::<S>),
            neighbour_count: Some(neighbour_count::<S>),
            neighbour: Some(neighbour::<S>),
            sample: Some(sample::<S>),
            cost: None,
            cost_user: core::ptr::null_mut(),
            limit: 0.0,
        }
    }
}

unsafe extern "C" fn decode<S: Provided>(
    user: *mut c_void,
    genome: *const u8,
    builder: *mut hotnas_network_builder,
) -> i32 {
    // SAFETY: called with a genome of this space and a builder that is being filled.
    let decoded = unsafe {
        S::from_user(user).and_then(|space| {
            let (genome, builder) = (lend::slice(genome, space.genes())?, open_builder(builder)?);
            space.decode(genome, builder)
        })
    };
    decoded.map_or_else(|status| status as i32, |()| 0)
}

unsafe extern "C" fn neighbour_count<S: Provided>(user: *mut c_void, genome: *const u8) -> usize {
    // SAFETY: called with a genome of this space.
    let count = unsafe {
        S::from_user(user).and_then(|space| Ok(space.neighbours(lend::slice(genome, space.genes())?)))
    };
    count.unwrap_or(0)
}

unsafe extern "C" fn neighbour<S: Provided>(
    user: *mut c_void,
    genome: *const u8,
    index: usize,
    neighbour: *mut u8,
) {
    // SAFETY: called with a genome of this space and room for another.
    unsafe {
        let Ok(space) = S::from_user(user) else { return };
        let genes = space.genes();
        if let (Ok(genome), Ok(out)) = (lend::slice(genome, genes), lend::slice_mut(neighbour, genes)) {
            space.neighbour(genome, index, out);
        }
    }
}

unsafe extern "C" fn sample<S: Provided>(
    user: *mut c_void,
    random: *mut hotnas_random,
    genome: *mut u8,
) {
    // SAFETY: called with a generator that is in use by the caller only and room for a genome of this
    // space.
    unsafe {
        let Ok(space) = S::from_user(user) else { return };
        if let (Ok(random), Ok(out)) = (open_random(random), lend::slice_mut(genome, space.genes())) {
            space.sample(random, out);
        }
    }
}

/// The builder behind a handle.
///
/// # Safety
/// `builder` is NULL, valid for reading, or what the running callback received.
unsafe fn open_builder<'a>(
    builder: *mut hotnas_network_builder,
) -> Result<&'a mut NetworkBuilder<'static, 'static, hotnas_real>, Error> {
    // SAFETY: passed on from the caller; the pointer inside is that of the builder that `decode` holds
    // and does not touch until the callback returns.
    unsafe { Ok(&mut *lend::open_mut(builder)?.0) }
}

/// The generator behind a handle.
///
/// # Safety
/// `random` is NULL, valid for reading, or what the running callback received.
unsafe fn open_random<'a>(random: *mut hotnas_random) -> Result<&'a mut KeyedRng, Error> {
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
        let (spec, index) = unsafe { lend::all((Input(spec), Place(index)))? };
        // SAFETY: promised by the caller.
        let builder = unsafe { open_builder(builder)? };
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
        builder.push(index)
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
        builder.set_positions(positions)
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
        builder.set_masses(masses)
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
