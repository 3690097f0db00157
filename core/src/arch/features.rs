//! Structural features: path lengths of every node, per operation group.
//!
//! Lengths are computed in integers, 2^-52 of an edge, so that no rounding depends on the numbering
//! of the nodes, and rounded once to multiples of 2^-40 (f64) or 2^-20 (f32).

use core::num::{NonZeroU32, NonZeroU64};

use super::graph::{Graph, bits};
use super::{FEATURES_PER_GROUP, MAX_NODES};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;
use crate::rows::InRows;

/// Binary digits of a walk length behind the point. The sum of 31 walks of 31 edges fits 64 bits.
const FRACTION: u32 = 52;

/// Paths to each node.
struct Lengths<'a> {
    /// In edges.
    shortest: &'a mut [u8; MAX_NODES],
    longest: &'a mut [u8; MAX_NODES],
    /// Expected length of a random walk, in 2^-52 of an edge; the low half first.
    walk: &'a mut [[u32; 2]; MAX_NODES],
}

/// Scratch of [`compute`].
pub(super) const WORKSPACE: Extent = Extent { reals: 0, words: 2 * MAX_NODES, bytes: 2 * MAX_NODES };

impl<'a> Lengths<'a> {
    fn new<R: Real>(arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        let [shortest, longest] = arena.bytes(WORKSPACE.bytes)?.as_chunks_mut().0 else {
            return Err(Error::MemoryTooSmall);
        };
        let walk = arena.words(WORKSPACE.words)?.as_chunks_mut().0.first_chunk_mut();
        Ok(Self { shortest, longest, walk: walk.ok_or(Error::MemoryTooSmall)? })
    }

    /// The shortest (0), the longest (1) or the expected walk of a node, in 2^-52 of an edge.
    fn get(&self, k: usize, v: usize) -> u64 {
        match k {
            0 => u64::from(self.shortest[v & 31]) << FRACTION,
            1 => u64::from(self.longest[v & 31]) << FRACTION,
            _ => join(self.walk[v & 31]),
        }
    }
}

fn join([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Writes the features in the caller's node order, feature-major: 6 rows of `graph.nodes` numbers per
/// group. `group_of` gives the group mask of a node; lengths are divided by `scale`, 1 to 31.
pub(super) fn compute<R: Real>(
    graph: &Graph<'_>,
    group_masks: impl Fn(usize) -> u8,
    scale: u32,
    out: &mut [R],
    mut arena: Arena<'_, R>,
) -> Result<(), Error> {
    let n = graph.nodes.max(1);
    let bits_kept = (R::SNAP.to_f64() as u64).trailing_zeros().min(FRACTION);
    let shift = FRACTION - bits_kept;
    let half = (u64::from(scale) << shift) / 2;
    let snapped = |length: u64| {
        let whole = divide((length + half) >> shift, scale);
        // In single precision at most 31 * 2^20.
        (if R::BITS == 32 { R::from_usize(whole as usize) } else { R::from_u64(whole) }) / R::SNAP
    };
    let mut lengths = Lengths::new(&mut arena)?;
    for (g, rows) in out.in_rows_mut(FEATURES_PER_GROUP * n).enumerate() {
        let members = (0..n).fold(0u32, |m, v| m | u32::from(group_masks(v) >> (g & 7) & 1) << (v & 31));
        for (rows, to_outputs) in rows.in_rows_mut(3 * n).zip([false, true]) {
            walks(graph, members, to_outputs, &mut lengths);
            for (k, row) in rows.in_rows_mut(n).enumerate() {
                for (v, x) in row.iter_mut().enumerate() {
                    *x = snapped(lengths.get(k, v));
                }
            }
        }
    }
    Ok(())
}

/// Shortest, longest and expected random walk of every node from the inputs or to the outputs. An edge weighs 1 if
/// the node where it starts is a member: walking to the outputs that is the node itself, walking back to the
/// inputs it is the neighbour.
fn walks(graph: &Graph<'_>, members: u32, to_outputs: bool, lengths: &mut Lengths<'_>) {
    let n = graph.nodes;
    let neighbours = if to_outputs { &*graph.children } else { &*graph.parents };
    for i in 0..n {
        let place = if to_outputs { n - 1 - i } else { i };
        let v = usize::from(graph.topological[place & 31]) & 31;
        let next = neighbours[v];
        let (mut shortest, mut longest, mut walk) = (u8::MAX, 0, 0);
        for u in bits(next) {
            let source = if to_outputs { v } else { u };
            let weight = (members >> (source & 31) & 1) as u8;
            shortest = shortest.min(lengths.shortest[u] + weight);
            longest = longest.max(lengths.longest[u] + weight);
            walk += join(lengths.walk[u]) + (u64::from(weight) << FRACTION);
        }
        let count = next.count_ones();
        lengths.shortest[v] = if count == 0 { 0 } else { shortest };
        lengths.longest[v] = longest;
        let walk = divide(walk + u64::from(count / 2), count);
        lengths.walk[v] = [walk as u32, (walk >> 32) as u32];
    }
}

/// The quotient by a number below 2^16; by 1 if that is 0. Where 64 bits are divided by a routine, in four steps of the
/// processor's own division.
fn divide(x: u64, by: u32) -> u64 {
    // Of a type that is never 0: otherwise some compilers keep the panic of a division by zero.
    let by = NonZeroU32::new(by).unwrap_or(NonZeroU32::MIN);
    if usize::BITS >= 64 {
        return x / NonZeroU64::from(by);
    }
    let (mut quotient, mut rest) = (0, 0);
    for digit in [48, 32, 16, 0] {
        let part = rest << 16 | (x >> digit) as u32 & 0xffff;
        quotient = quotient << 16 | u64::from(part / by);
        rest = part % by;
    }
    quotient
}
