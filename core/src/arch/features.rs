//! Structural features: path lengths of every node, per operation group.
//!
//! Lengths are computed in integers, 2^-52 of an edge, so that no rounding depends on the numbering
//! of the nodes, and rounded once to multiples of 2^-40 (f64) or 2^-20 (f32).

use core::num::NonZeroU64;

use super::graph::{Graph, bits};
use super::{FEATURES_PER_GROUP, MAX_NODES};
use crate::real::Real;

/// Binary digits of a walk length behind the point. The sum of 31 walks of 31 edges fits 64 bits.
const FRACTION: u32 = 52;

#[derive(Clone, Copy, Default)]
struct Lengths {
    shortest: u64,
    longest: u64,
    walk: u64,
}

/// Writes the features in the caller's node order, feature-major: 6 rows of `graph.nodes` numbers per
/// group. `group_of` gives the group mask of a node; lengths are divided by `scale` (at least 1).
pub(super) fn compute<R: Real>(
    graph: &Graph,
    group_masks: impl Fn(usize) -> u8,
    scale: u64,
    out: &mut [R],
) {
    let n = graph.nodes.max(1);
    let bits_kept = (R::SNAP.to_f64() as u64).trailing_zeros().min(FRACTION);
    // Of a type that is never 0: otherwise some compilers keep the panic of a division by zero.
    let divisor = NonZeroU64::new(scale << (FRACTION - bits_kept)).unwrap_or(NonZeroU64::MIN);
    let snapped = |length: u64| R::from_u64((length + divisor.get() / 2) / divisor) / R::SNAP;
    let mut lengths = [Lengths::default(); MAX_NODES];
    for (g, rows) in out.chunks_exact_mut((FEATURES_PER_GROUP * n).max(1)).enumerate() {
        let members = (0..n).fold(0u32, |m, v| m | u32::from(group_masks(v) >> (g & 7) & 1) << (v & 31));
        let order = graph.topological.iter().take(n).map(|&v| usize::from(v) & 31);
        let (from_inputs, to_outputs) = rows.split_at_mut_checked(3 * n).unwrap_or_default();
        walks(order.clone(), &graph.parents, members, false, &mut lengths);
        write(from_inputs, n, &lengths, snapped);
        walks(order.rev(), &graph.children, members, true, &mut lengths);
        write(to_outputs, n, &lengths, snapped);
    }
}

/// Shortest, longest and expected random walk to a node without neighbours. An edge weighs 1 if the
/// node where it starts is a member; walking to the outputs (`own`) that is the node itself, walking
/// back to the inputs it is the neighbour.
fn walks(
    order: impl Iterator<Item = usize>,
    neighbours: &[u32; MAX_NODES],
    members: u32,
    own: bool,
    lengths: &mut [Lengths; MAX_NODES],
) {
    for v in order {
        let next = neighbours[v & 31];
        let mut at = Lengths { shortest: u64::MAX, longest: 0, walk: 0 };
        for u in bits(next) {
            let source = if own { v } else { u };
            let weight = u64::from(members >> (source & 31) & 1) << FRACTION;
            let Lengths { shortest, longest, walk } = lengths[u];
            at.shortest = at.shortest.min(shortest + weight);
            at.longest = at.longest.max(longest + weight);
            at.walk += walk + weight;
        }
        let count = u64::from(next.count_ones());
        if count == 0 {
            at.shortest = 0;
        }
        at.walk = (at.walk + count / 2) / count.max(1);
        lengths[v & 31] = at;
    }
}

fn write<R: Real>(rows: &mut [R], n: usize, lengths: &[Lengths; MAX_NODES], snapped: impl Fn(u64) -> R) {
    let parts: [fn(&Lengths) -> u64; 3] = [|l| l.shortest, |l| l.longest, |l| l.walk];
    for (row, part) in rows.chunks_exact_mut(n.max(1)).zip(parts) {
        for (x, l) in row.iter_mut().zip(lengths) {
            *x = snapped(part(l));
        }
    }
}
