//! ## Cells
//!
//! A cell is a directed acyclic graph of 1 to HOTNAS_MAX_NODES nodes, each with an operation. Making
//! one validates it, brings it into a canonical order (so that numbering does not matter, to the last
//! bit) and computes its path lengths. It lives in memory that you lend; the handle is a small view
//! of that memory, and copies of the handle are equally good. Cells are parameters: never changed, free
//! to be shared between threads.
//!
//! ```c
//! // convolution 3x3 -> convolution 1x1 -> pool, and a shortcut from the first to the last
//! static const uint8_t nodes[3] = {0, 1, 2};
//! static const hotnas_edge edges[3] = {{0, 1}, {1, 2}, {0, 2}};
//! static uint64_t memory[128], scratch[512];
//! hotnas_operations operations;
//! hotnas_workspace workspace;
//! hotnas_cell_spec spec = {0};
//! hotnas_cell cell;
//! hotnas_cell_info info;
//! spec.node_count = 3;
//! spec.operations = nodes;
//! spec.edge_count = 3;
//! spec.edges = edges;
//! if (hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
//!     hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
//!     hotnas_cell_init(&cell, &operations, &spec, memory, sizeof memory, &workspace) != HOTNAS_STATUS_OK ||
//!     hotnas_cell_describe(&cell, &info) != HOTNAS_STATUS_OK)
//!     return 1;
//! if (info.longest_path != 2) return 1;
//! ```

use crate::lend::{self, Block, Fresh, Open, OpenMut, Place, handle};
use crate::operations::hotnas_operations;
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use core::cmp::Ordering;
use core::ffi::c_void;
use hotnas_core::Error;
use hotnas_core::arch::{Cell, CellSpec, Edge};
use hotnas_precision::precision;

/// Maximum number of nodes of a cell.
pub const HOTNAS_MAX_NODES: usize = 32;

/// A directed edge between two nodes of a cell.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_edge {
    /// The node where the edge starts.
    pub from: u8,
    /// The node where it ends.
    pub to: u8,
}

const _: () = assert!(size_of::<hotnas_edge>() == size_of::<Edge>());

/// What a cell is made from. Set it to zero, then set what you have. It is only read during the call.
#[repr(C)]
pub struct hotnas_cell_spec {
    /// Number of nodes n, 1 to HOTNAS_MAX_NODES. Nodes are the numbers 0 to n-1, in any order.
    pub node_count: usize,
    /// n operations, each below the operation count of the table.
    pub operations: *const u8,
    /// Number of edges.
    pub edge_count: usize,
    /// The edges in any order: no cycle, no edge from a node to itself, none twice.
    pub edges: *const hotnas_edge,
    /// n masses, finite, at least 0, with a sum of 1 up to 1e-9 (double) or 1e-5 (float); a node of
    /// mass 0 counts for paths only. NULL: 1/n each.
    pub masses: *const hotnas_real,
    /// n x attribute count of the table, finite, absolute values up to 1e6. NULL if the table has no
    /// attributes.
    pub attributes: *const hotnas_real,
}

impl hotnas_cell_spec {
    /// # Safety
    /// Pointers are NULL or valid for the counts, unchanged during `'a`.
    pub(crate) unsafe fn read<'a>(&self, attributes: usize) -> Result<CellSpec<'a, hotnas_real>, Error> {
        let n = self.node_count;
        if n == 0 {
            return Err(Error::EmptyCell);
        }
        if n > HOTNAS_MAX_NODES {
            return Err(Error::TooManyNodes);
        }
        // None of a list for which no memory is large enough is read.
        if self.edge_count > isize::MAX as usize / size_of::<Edge>() {
            return Err(Error::SizeOverflow);
        }
        // More edges than ordered pairs of nodes cannot be without a fault; which one, the first of
        // them tell.
        let edges = self.edge_count.min(HOTNAS_MAX_NODES * HOTNAS_MAX_NODES + 1);
        // SAFETY: passed on from the caller; `Edge` has the layout of `hotnas_edge`, two bytes.
        unsafe {
            Ok(CellSpec {
                operations: lend::slice(self.operations, n)?,
                edges: lend::slice(self.edges.cast::<Edge>(), edges)?,
                masses: lend::optional(self.masses, n)?,
                attributes: lend::slice(self.attributes, n * attributes)?,
            })
        }
    }
}

/// A cell: a small view of the memory that was lent to it. Copies of it are equally good.
#[repr(C)]
pub struct hotnas_cell {
    _private: [u64; 8],
}

handle!(hotnas_cell, Cell<'static, hotnas_real>, Cell);

/// What a cell is.
#[repr(C)]
pub struct hotnas_cell_info {
    /// Number of nodes.
    pub node_count: usize,
    /// Structural features of a node: six per operation group.
    pub feature_count: usize,
    /// Numeric attributes of a node.
    pub attribute_count: usize,
    /// The longest path in edges.
    pub longest_path: u32,
    /// 1 if all masses are equal, else 0.
    pub is_uniform: u32,
    /// 1 if the order is canonical. 0 if so many nodes could be exchanged that the search for the
    /// canonical order stopped after 4096 orders: another numbering of the same cell may then have
    /// another fingerprint.
    pub is_canonical: u32,
    /// A hash of operations, attributes, features, masses and reachability in canonical order: equal
    /// for renumbered cells. Cells with different precision have different hashes.
    pub fingerprint: [u32; 4],
}

/// Bytes of memory that a cell of `node_count` nodes needs; SIZE_MAX if the table is not initialised or
/// the count is not 1 to HOTNAS_MAX_NODES.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `operations` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_size(
    operations: *const hotnas_operations,
    node_count: usize,
) -> usize {
    // SAFETY: promised by the caller.
    match unsafe { lend::open(operations) } {
        Ok(table) if (1..=HOTNAS_MAX_NODES).contains(&node_count) => {
            lend::size(Cell::<hotnas_real>::extent(node_count, table.groups(), table.attributes()))
        }
        _ => usize::MAX,
    }
}

/// Bytes of workspace that making a cell of `node_count` nodes needs; SIZE_MAX as for
/// `hotnas_cell_size`.
///
/// Thread safety: any thread at any time.
///
/// # Safety
/// `operations` is NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_workspace_size(
    operations: *const hotnas_operations,
    node_count: usize,
) -> usize {
    // SAFETY: promised by the caller.
    match unsafe { lend::open(operations) } {
        Ok(table) if (1..=HOTNAS_MAX_NODES).contains(&node_count) => {
            lend::size(Cell::<hotnas_real>::workspace(node_count, table.groups()))
        }
        _ => usize::MAX,
    }
}

/// Makes a cell in `size` bytes at `memory`.
///
/// `memory` must outlive the cell. It needs neither the table nor the arrays of the spec afterwards.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, EMPTY_CELL, TOO_MANY_NODES, MEMORY_TOO_SMALL (memory or
/// workspace), UNKNOWN_OPERATION, NODE_OUT_OF_RANGE, SELF_LOOP, DUPLICATE_EDGE, CYCLE,
/// ATTRIBUTE_NOT_FINITE, TOO_LARGE, MASS_NOT_FINITE, NEGATIVE_MASS, MASS_SUM.
/// Thread safety: any thread, each with its own workspace; the cell may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid for the sizes and counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_init(
    cell: *mut hotnas_cell,
    operations: *const hotnas_operations,
    spec: *const hotnas_cell_spec,
    memory: *mut c_void,
    size: usize,
    workspace: *mut hotnas_workspace,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, table, workspace) =
            unsafe { lend::all((Fresh(cell), Open(operations), OpenMut(workspace)))? };
        // SAFETY: promised by the caller.
        let spec = unsafe { lend::input(spec)?.read(table.attributes())? };
        let n = spec.operations.len();
        let extent = Cell::<hotnas_real>::extent(n, table.groups(), table.attributes());
        let work = workspace.arena(Cell::<hotnas_real>::workspace(n, table.groups()))?;
        // SAFETY: promised by the caller, who keeps the memory for as long as the cell is used.
        let mut storage = unsafe { Block::new(memory, size, lend::size(extent))?.arena(extent)? };
        slot.fill(Cell::build(table, &spec, &mut storage, work)?);
        Ok(())
    })
}

/// Makes a cell out of memory that `hotnas_cell_init` filled before, possibly in another run of the
/// program and copied to flash since: it is read in place. `operations` must be the same table by
/// value, the precision and byte order the same.
///
/// Counts, the table's hash and the ranges of the numbers are checked. Damage within the ranges is not seen and gives
/// wrong distances: check memory that may be damaged with a checksum of your own. `memory` must outlive the cell.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, EMPTY_CELL, TOO_MANY_NODES, MEMORY_TOO_SMALL,
/// NOT_A_SAVED_STATE (no cell of that many nodes), TABLE_MISMATCH, SAVED_CHECKSUM (a number that no cell has).
/// Thread safety: any thread; the cell may be shared afterwards.
///
/// # Safety
/// Pointers are NULL or valid for the sizes and counts given.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_open(
    cell: *mut hotnas_cell,
    operations: *const hotnas_operations,
    node_count: usize,
    memory: *const c_void,
    size: usize,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (slot, table) = unsafe { lend::all((Fresh(cell), Open(operations)))? };
        if node_count == 0 {
            return Err(Error::EmptyCell);
        }
        if node_count > HOTNAS_MAX_NODES {
            return Err(Error::TooManyNodes);
        }
        let extent = Cell::<hotnas_real>::extent(node_count, table.groups(), table.attributes());
        // SAFETY: promised by the caller, who keeps the memory for as long as the cell is used.
        let (reals, words, bytes) = unsafe { lend::parts(memory, size, extent)? };
        // Equal hashes of tables mean equal groups and attributes too.
        let view = Cell::view(reals, words, bytes)
            .filter(|view| view.nodes() == node_count)
            .ok_or(Error::NotASavedState)?;
        if view.table() != table.fingerprint() {
            return Err(Error::TableMismatch);
        }
        // Damaged numbers could keep a solver from ending.
        if !view.is_within_ranges() {
            return Err(Error::SavedChecksum);
        }
        slot.fill(view);
        Ok(())
    })
}

/// Counts, flags and the hash of a cell.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_describe(
    cell: *const hotnas_cell,
    info: *mut hotnas_cell_info,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (cell, info) = unsafe { lend::all((Open(cell), Place(info)))? };
        info.write(hotnas_cell_info {
            node_count: cell.nodes(),
            feature_count: cell.features_per_node(),
            attribute_count: cell.attributes_per_node(),
            longest_path: cell.longest_path() as u32,
            is_uniform: u32::from(cell.is_uniform()),
            is_canonical: u32::from(cell.is_canonical()),
            fingerprint: cell.fingerprint(),
        });
        Ok(())
    })
}

/// Copies the canonical order: `order[i]` is your number of the node that is canonically number i.
/// `length` must be the node count.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `order` for `length` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_read_order(
    cell: *const hotnas_cell,
    length: usize,
    order: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (cell, order) = unsafe { (lend::open(cell)?, lend::slice_mut(order, length)?) };
        if length != cell.nodes() {
            return Err(Error::DimensionMismatch);
        }
        order.iter_mut().zip(cell.order()).for_each(|(to, &from)| *to = from);
        Ok(())
    })
}

/// Copies the structural features, node count x feature count, row-major, in your numbering of the
/// nodes; `length` must be that product. Per operation group: shortest, longest and random-walk path
/// length from the inputs, then the same to the outputs.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid; `features` for `length` elements.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_read_features(
    cell: *const hotnas_cell,
    length: usize,
    features: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (cell, features) = unsafe { (lend::open(cell)?, lend::slice_mut(features, length)?) };
        cell.write_features(features)
    })
}

/// Orders two cells: writes -1, 0 or 1 as `a` is before, equal to or after `b` in a total order on
/// what they are. 0 means the same cell up to the numbering of the nodes.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED.
/// Thread safety: any thread at any time.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_cell_compare(
    a: *const hotnas_cell,
    b: *const hotnas_cell,
    order: *mut i32,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (a, b, order) = unsafe { lend::all((Open(a), Open(b), Place(order)))? };
        order.write(sign(a.compare(b)));
        Ok(())
    })
}

pub(crate) fn sign(order: Ordering) -> i32 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}
