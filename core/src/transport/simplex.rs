//! Transport of whole units by the simplex method on spanning trees.
//!
//! A basis is a tree of rows and columns; the flow on its edges follows from the masses alone, so that
//! the basis of one cost is a start for the next. The tree is kept strongly feasible (Cunningham,
//! Mathematical Programming 11, 1976): an edge without flow leads from a row up to a column. Then no
//! sequence of exchanges repeats, though many of them move nothing.
//!
//! What depends on the numbers is chosen without a branch where that is possible: which way a short loop
//! goes no processor can foresee, and a wrong guess costs more than several of its passes.

use core::ops::Range;

use super::lanes::{BY_WIDTH, change, change_by_two, get, lanes, largest, padded, set};
use super::nodes::{Costs, Table, nodes};
use super::vertex::Entries;
use crate::error::Error;
use crate::memory::{Arena, Extent, product};
use crate::real::{Real, sum};
use crate::rows::InRows;

/// Rows among which the entering edge is sought at once.
const BLOCK: usize = 8;

/// No node, or no place.
const NONE: u32 = u32::MAX;

/// What a tree needs.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let nodes = nodes(rows, columns);
    let words = Extent::words(nodes)
        .times(5)
        .and(Extent::words(columns.div_ceil(32).saturating_add(padded(columns))).times(rows));
    words.and(Extent::reals(nodes))
}

/// A tree of rows and columns. Columns without mass are not in it. The root is a column.
#[derive(Debug)]
pub(crate) struct Tree<'a, R> {
    /// Nodes in the tree.
    len: usize,
    /// The largest absolute cost, until the costs are solved that a first tree was grown for.
    largest: Option<R>,
    /// The nodes, the root first, and every node after its parent.
    order: &'a mut [u32],
    /// The parent of a node, and where the node is in `order`.
    links: &'a mut [[u32; 2]],
    /// Units on the edge to the parent; infinite at the root.
    flow: &'a mut [R],
    /// While the first tree grows: the costs as whole numbers.
    prices: &'a mut [u32],
    /// And by nodes: the least price of a row, 0 for a column, and [`NONE`] for what is used up.
    keys: &'a mut [u32],
    /// Scratch, by nodes.
    aside: &'a mut [u32],
    /// Scratch: a bit for each row and column.
    bits: &'a mut [u32],
}

/// A tree while it is worked on.
struct Work<'t, R: Real, V: Costs<R> + ?Sized> {
    /// The node of row 0.
    base: usize,
    len: usize,
    order: &'t mut V::Nodes<u32>,
    links: &'t mut V::Nodes<[u32; 2]>,
    flow: &'t mut V::Nodes<R>,
    aside: &'t mut V::Nodes<u32>,
    /// Potentials of the nodes.
    potential: &'t mut V::Nodes<R>,
}

impl<'a, R: Real> Tree<'a, R> {
    pub(crate) fn new(rows: usize, columns: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        let nodes = nodes(rows, columns);
        Ok(Self {
            len: 0,
            largest: None,
            order: arena.words(nodes)?,
            links: arena.words(2 * nodes)?.as_chunks_mut().0,
            flow: arena.reals(nodes)?,
            keys: arena.words(nodes)?,
            prices: arena.words(padded(columns) * rows)?,
            aside: arena.words(nodes)?,
            bits: arena.words(columns.div_ceil(32) * rows)?,
        })
    }

    #[inline(always)]
    fn work<'t, V: Costs<R> + ?Sized>(
        &'t mut self,
        width: usize,
        potential: &'t mut [[R; 4]],
    ) -> Option<Work<'t, R, V>> {
        Some(Work {
            base: 4 * V::width(width),
            len: self.len,
            order: V::Nodes::<u32>::of(self.order)?,
            links: V::Nodes::<[u32; 2]>::of(self.links)?,
            flow: V::Nodes::<R>::of(self.flow)?,
            aside: V::Nodes::<u32>::of(self.aside)?,
            potential: V::Nodes::<R>::of(potential.as_flattened_mut())?,
        })
    }

    /// The tree of the least-cost rule: again and again the cheapest edge between a row and a column
    /// that both have something left. Costs count less the mean costs of their row and their column:
    /// that spares a fifth of the exchanges. `potential` is minus infinity in columns outside the tree
    /// afterwards. `None` only if memory is missing.
    #[inline(always)]
    pub(crate) fn grow<V: Costs<R> + ?Sized>(
        &mut self,
        cost: &[[R; 4]],
        width: usize,
        row_units: &[R],
        column_units: &[R],
        potential: &mut [[R; 4]],
    ) -> Option<()> {
        let (n, m) = (row_units.len(), column_units.len());
        let width = V::width(width);
        let base = 4 * width;
        let means = V::of_mut(potential, width, 0)?;
        means.as_mut().fill([R::ZERO; 4]);
        let mut high = [R::ZERO; 4];
        for i in 0..n {
            let row = V::of(cost, width, i)?.as_ref();
            if !BY_WIDTH {
                change(means.as_mut(), row, |sum, c| sum + c);
                continue;
            }
            for (sum, c) in means.as_mut().iter_mut().zip(row) {
                *sum = lanes(|l| sum[l] + c[l]);
                high = lanes(|l| high[l].max(c[l].abs()));
            }
        }
        let most = if BY_WIDTH { high[0].max(high[1]).max(high[2].max(high[3])) } else { largest(cost) };
        self.largest = Some(most);
        let share = R::ONE / R::from_usize(n);
        let keys = V::Nodes::<u32>::of(self.keys)?;
        let flow = V::Nodes::<R>::of(self.flow)?;
        let mut columns = 0;
        for (j, mean) in means.as_mut().as_flattened_mut().iter_mut().enumerate() {
            let units = get(column_units, j);
            let used = units > R::ZERO;
            columns += usize::from(used);
            flow.write(j, units);
            keys.write(j, if used { 0 } else { NONE });
            *mean = if used { *mean * share } else { -R::INFINITY };
        }
        // As whole numbers prices are quick to compare one by one. Vector code would have to wait until a
        // price that was just written has left the processor's store queue.
        let scale = if most > R::ZERO { R::from_usize(1 << 19) / most } else { R::ONE };
        let share = scale / R::from_usize(m);
        for i in n..n.next_multiple_of(2) {
            keys.write(base + i, NONE);
        }
        let cheapest = V::Nodes::<u32>::of(self.aside)?;
        for (i, prices) in self.prices.in_rows_mut(base.max(4)).enumerate() {
            let row = V::of(cost, width, i)?;
            let offset = R::from_usize(1 << 21) - sum(row.as_ref().as_flattened()) * share;
            let fours = prices.as_chunks_mut().0;
            change_by_two(fours, [row.as_ref(), means.as_ref()], |_, c, v| {
                ((c - v) * scale + offset).whole()
            });
            let (key, j) = open(prices, keys.all());
            keys.write(base + i, key);
            cheapest.write(i, j);
            flow.write(base + i, get(row_units, i));
        }
        self.len = n + columns;
        let mut last = self.len.saturating_sub(1);
        // That is also how columns outside the tree stay.
        self.links.fill([NONE; 2]);
        let order = V::Nodes::<u32>::of(self.order)?;
        let links = V::Nodes::<[u32; 2]>::of(self.links)?;
        // A row is looked at again only after the column that it found is used up: that bounds the rounds.
        for _ in 0..product(self.len, self.len) {
            if last == 0 {
                break;
            }
            let half = n.div_ceil(2);
            let rows = keys.all().get(base..base + 2 * half)?;
            let (key, i) = open(rows, rows);
            if key == NONE {
                break;
            }
            let i = i as usize;
            let (row, j) = (base + i, cheapest.read(i) as usize);
            if keys.read(j) == NONE {
                let prices = self.prices.get(base * i..base * i + base)?;
                let (key, j) = open(prices, keys.all());
                keys.write(row, key);
                cheapest.write(i, j);
                continue;
            }
            // Of two that are used up at once the column goes, so that an edge without flow leads up.
            let column_goes = (columns > 1) & (flow.read(j) <= flow.read(row));
            let (child, parent) = if column_goes { (j, row) } else { (row, j) };
            columns -= usize::from(column_goes);
            // What the child had is its flow.
            flow.write(parent, flow.read(parent) - flow.read(child));
            keys.write(child, NONE);
            links.write(child, [parent as u32, NONE]);
            order.write(last, child as u32);
            // The last parent is the root.
            order.write(0, parent as u32);
            last -= 1;
            if column_goes {
                let prices = self.prices.get(base * i..base * i + base)?;
                let (key, j) = open(prices, keys.all());
                keys.write(row, key);
                cheapest.write(i, j);
            }
        }
        if last != 0 {
            // Both sides do not have the same number of units: masses are damaged. Then there is no plan.
            self.len = 0;
        }
        flow.write(order.read(0) as usize, R::INFINITY);
        Some(())
    }

    /// Exchanges edges until no edge lowers the cost, and leaves the potentials of the nodes in
    /// `potential`. Returns the number of exchanges.
    #[inline(always)]
    pub(crate) fn solve<V: Costs<R> + ?Sized>(
        &mut self,
        cost: &[[R; 4]],
        width: usize,
        rows: usize,
        potential: &mut [[R; 4]],
    ) -> u32 {
        let most = self.largest.take().unwrap_or_else(|| largest(cost));
        let Some(mut work) = self.work::<V>(width, potential) else { return 0 };
        let root = work.order.read(0) as usize;
        work.potential.write(root, R::ZERO);
        work.links.write(root, [NONE, 0]);
        for t in 1..work.len {
            work.settle(cost, t, work.order.read(t));
        }
        // What is less is rounding.
        let tiny = R::from_usize(8) * R::EPSILON * most;
        // About one exchange for each node is usual. The bound is for costs with which sums overflow, or that
        // are no numbers: exchanges could go round for ever. Any tree is a plan.
        let bound = product(work.len, work.len);
        let (mut exchanges, mut quiet, mut first) = (0, 0, 0);
        while quiet < rows && exchanges < bound {
            let end = (first + BLOCK).min(rows);
            if let Some((i, j)) = work.entering(cost, first..end, tiny) {
                work.exchange(cost, work.base + i, j);
                exchanges += 1;
                quiet = 0;
            } else {
                quiet += end - first;
            }
            first = if end < rows { end } else { 0 };
        }
        exchanges as u32
    }

    /// Lists the edges with flow by rows and columns.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn list<V: Costs<R> + ?Sized>(&mut self, width: usize, entries: &mut Entries<'_, R>) {
        let base = 4 * V::width(width);
        let (Some(order), Some(links), Some(flow)) = (
            V::Nodes::<u32>::of(self.order),
            V::Nodes::<[u32; 2]>::of(self.links),
            V::Nodes::<R>::of(self.flow),
        ) else {
            return;
        };
        // A bit for each edge.
        let words = base.div_ceil(32).max(1);
        self.bits.fill(0);
        for t in 1..self.len {
            let x = order.read(t) as usize;
            let up = links.read(x)[0] as usize;
            let (i, j) = (x.max(up).wrapping_sub(base), x.min(up));
            let place = i.wrapping_mul(words).wrapping_add(j / 32);
            set(self.bits, place, get(self.bits, place) | 1 << (j % 32));
        }
        let Entries { rows, columns, units, len } = entries;
        let mut free = rows.iter_mut().zip(columns.iter_mut()).zip(units.iter_mut());
        *len = 0;
        for (i, row) in self.bits.in_rows(words).enumerate() {
            let above = links.read(base + i)[0] as usize;
            for (k, &word) in row.iter().enumerate() {
                let mut word = word;
                while word != 0 {
                    let j = 32 * k + word.trailing_zeros() as usize;
                    word &= word - 1;
                    let units = flow.read(if j == above { base + i } else { j });
                    if units > R::ZERO
                        && let Some(((row, column), to)) = free.next()
                    {
                        (*row, *column, *to) = (i as u32, j as u32, units);
                        *len += 1;
                    }
                }
            }
        }
    }
}

impl<R: Real, V: Costs<R> + ?Sized> Work<'_, R, V> {
    /// Place and potential of a node that is not the root: its parent's potential and the edge's cost tell
    /// the latter.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn settle(&mut self, cost: &[[R; 4]], place: usize, node: u32) {
        let (x, base) = (node as usize, self.base);
        let [up, _] = self.links.read(x);
        self.links.write(x, [up, place as u32]);
        let up = up as usize;
        let at = x.max(up).wrapping_sub(base).wrapping_mul(base).wrapping_add(x.min(up));
        self.potential.write(x, get(cost.as_flattened(), at) - self.potential.read(up));
    }

    /// The edge of least reduced cost in some rows, if that is less than `-tiny`.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn entering(&self, cost: &[[R; 4]], rows: Range<usize>, tiny: R) -> Option<(usize, usize)> {
        let width = self.base / 4;
        let columns = V::of(self.potential.all().as_chunks().0, width, 0)?;
        let mut least = [[R::INFINITY; 4]; BLOCK / 4];
        for (i, least) in rows.clone().zip(least.as_flattened_mut()) {
            if !BY_WIDTH {
                let (low, _) = least_difference(V::of(cost, width, i)?.as_ref(), columns.as_ref());
                *least = low - self.potential.read(self.base + i);
                continue;
            }
            let groups = V::of(cost, width, i)?.as_ref().iter().zip(columns.as_ref());
            let low = groups.fold([R::INFINITY; 4], |low, (c, v)| lanes(|l| low[l].min(c[l] - v[l])));
            let low = low[0].min(low[2]).min(low[1].min(low[3]));
            *least = low - self.potential.read(self.base + i);
        }
        let (low, i) = least_difference(&least, &[[R::ZERO; 4]; BLOCK / 4]);
        if low < -tiny {
            let i = rows.start + i;
            let (_, j) = least_difference(V::of(cost, width, i)?.as_ref(), columns.as_ref());
            return Some((i, j));
        }
        // Also if it is no number.
        None
    }

    /// Brings the edge between a row and a column into the tree.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn exchange(&mut self, cost: &[[R; 4]], row: usize, column: usize) {
        let base = self.base;
        // The two ways up close a cycle. Every second edge of it loses flow. Of those with the least
        // the one leaves that comes last on the way from the top down to the row, over the new edge,
        // and from the column up again.
        let (mut a, mut b) = (row, column);
        let ([mut above_a, mut place_a], [mut above_b, mut place_b]) =
            (self.links.read(a), self.links.read(b));
        let mut leaving = self.order.read(0) as usize;
        while a != b {
            let by_row = place_a > place_b;
            let (x, above) = if by_row { (a, above_a) } else { (b, above_b) };
            let (flow, least) = (self.flow.read(x), self.flow.read(leaving));
            let less = (flow < least) | (!by_row & (flow <= least));
            leaving = if less & ((x >= base) == by_row) { x } else { leaving };
            let [next, place] = self.links.read(above as usize);
            if by_row {
                (a, above_a, place_a) = (above as usize, next, place);
            } else {
                (b, above_b, place_b) = (above as usize, next, place);
            }
        }
        let top = a;
        let moved = self.flow.read(leaving);
        for mut x in [row, column] {
            let mut change = -moved;
            while x != top {
                self.flow.write(x, self.flow.read(x) + change);
                change = -change;
                x = self.links.read(x)[0] as usize;
            }
        }
        // What hangs on the leaving edge will come last. The way up to that edge is turned around.
        let from = self.links.read(leaving)[1] as usize;
        let (mut x, mut up) = if leaving >= base { (row, column) } else { (column, row) };
        let (mut flow, mut waiting) = (moved, 0);
        loop {
            let ([old_up, _], old_flow) = (self.links.read(x), self.flow.read(x));
            self.links.write(x, [up as u32, NONE]);
            self.flow.write(x, flow);
            self.aside.write(waiting, x as u32);
            waiting += 1;
            if x == leaving {
                break;
            }
            (x, up, flow) = (old_up as usize, x, old_flow);
        }
        // The rest closes ranks. A parent comes before its children: whether it hangs is known.
        let mut kept = from;
        for t in from..self.len {
            let x = self.order.read(t);
            let [up, place] = self.links.read(x as usize);
            let [_, place_above] = self.links.read(up as usize);
            // Of all places only `NONE` has the first bit.
            let (turned, hangs) = (place >> 31, place_above >> 31);
            let gone = turned | hangs;
            self.order.write(kept, x);
            self.aside.write(waiting, x);
            self.links.write(x as usize, [up, gone.wrapping_neg() | kept as u32]);
            kept += (gone ^ 1) as usize;
            waiting += (hangs & !turned) as usize;
        }
        for t in kept..self.len {
            let x = self.aside.read(t - kept);
            self.order.write(t, x);
            self.settle(cost, t, x);
        }
    }
}

/// The least price of an open column, and which it is.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
fn open(prices: &[u32], shut: &[u32]) -> (u32, u32) {
    if !BY_WIDTH {
        let mut least = (NONE, 0);
        for (j, (x, shut)) in prices.iter().zip(shut).enumerate() {
            if x | shut < least.0 {
                least = (x | shut, j as u32);
            }
        }
        return least;
    }
    let half = prices.len() / 2;
    let (low, high) = prices.split_at_checked(half).unwrap_or_default();
    let (shut_low, shut_high) = shut.split_at_checked(half).unwrap_or_default();
    let low = low.iter().zip(shut_low).map(|(x, shut)| x | shut);
    cheapest_of(low.zip(high.iter().zip(shut_high).map(|(x, shut)| x | shut)), half)
}

/// The least of two halves of numbers, and where it is first.
#[inline(always)]
fn cheapest_of(numbers: impl Iterator<Item = (u32, u32)>, half: usize) -> (u32, u32) {
    // Two searches do not wait for each other. They read far apart: neighbours would be read as one, which
    // has to wait until a number that was just written has left the processor's store queue.
    let ((mut a, mut at_a), (mut b, mut at_b)) = ((NONE, 0), (NONE, 0));
    for (i, (x, y)) in numbers.enumerate() {
        (a, at_a) = if x < a { (x, i as u32) } else { (a, at_a) };
        (b, at_b) = if y < b { (y, i as u32) } else { (b, at_b) };
    }
    if b < a { (b, at_b.wrapping_add(half as u32)) } else { (a, at_a) }
}

/// The least difference between two padded rows, and where it is first.
#[cfg_attr(feature = "small", inline(never))]
#[cfg_attr(not(feature = "small"), inline(always))]
fn least_difference<R: Real>(a: &[[R; 4]], b: &[[R; 4]]) -> (R, usize) {
    if !BY_WIDTH {
        let mut least = (R::INFINITY, a.as_flattened().len());
        for (j, (&a, &b)) in a.as_flattened().iter().zip(b.as_flattened()).enumerate() {
            if a - b < least.0 {
                least = (a - b, j);
            }
        }
        return least;
    }
    let mut low = [R::INFINITY; 4];
    for (a, b) in a.iter().zip(b) {
        low = lanes(|l| low[l].min(a[l] - b[l]));
    }
    let low = low[0].min(low[2]).min(low[1].min(low[3]));
    // Places are counted from the end: the first is where the count is highest.
    let all = a.len().min(b.len());
    let mut count = lanes(|l| R::from_usize(4 * all - l));
    let mut high = [R::ZERO; 4];
    for (a, b) in a.iter().zip(b) {
        high = lanes(|l| high[l].max(if a[l] - b[l] == low { count[l] } else { R::ZERO }));
        count = lanes(|l| count[l] - R::from_usize(4));
    }
    let high = high[0].max(high[2]).max(high[1].max(high[3]));
    (low, 4 * all - high.whole() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Storage;

    /// What two costs give, one after the other: exchanges, entries, and potentials of the nodes.
    type Solved = (Vec<u32>, Vec<(usize, usize, f64)>, Vec<f64>);

    fn solved<V: Costs<f64> + ?Sized>(costs: [&[[f64; 4]]; 2], units: [&[f64]; 2]) -> Solved {
        let [n, m] = units.map(<[f64]>::len);
        let width = m.div_ceil(4);
        let mut storage = Storage::<f64, 64, 1024, 0>::new();
        let mut tree = Tree::new(n, m, &mut storage.arena()).unwrap();
        let mut potential = [[0.0; 4]; 8];
        let (mut rows, mut columns, mut flow) = ([0; 32], [0; 32], [0.0; 32]);
        let mut entries = Entries { rows: &mut rows, columns: &mut columns, units: &mut flow, len: 0 };
        tree.grow::<V>(costs[0], width, units[0], units[1], &mut potential).unwrap();
        let exchanges = costs.map(|cost| tree.solve::<V>(cost, width, n, &mut potential)).to_vec();
        tree.list::<V>(width, &mut entries);
        let nodes = tree.order.iter().take(tree.len);
        let potentials = nodes.map(|&x| potential.as_flattened()[x as usize]).collect();
        (exchanges, entries.iter().collect(), potentials)
    }

    /// Ends, and every list is one of a tree.
    fn ends(costs: [&[[f64; 4]]; 2], units: [&[f64]; 2]) -> Vec<(usize, usize, f64)> {
        let wide = solved::<[[f64; 4]]>(costs, units);
        // Libraries built for size have no tables of known length.
        let narrow = if BY_WIDTH { solved::<[[f64; 4]; 2]>(costs, units) } else { wide.clone() };
        for (exchanges, entries, _) in [&narrow, &wide] {
            assert!(exchanges.iter().all(|&x| x <= 16 * 16));
            assert!(entries.len() < 16);
        }
        assert_eq!(narrow.1, wide.1);
        narrow.1
    }

    #[test]
    fn damaged_costs_and_masses_have_an_end() {
        let sound = [[3.0, 1.0, 4.0, 1.5]; 16];
        let mut state = 7u32;
        let bad = [f64::NAN, f64::INFINITY, -f64::INFINITY, f64::MAX, -f64::MAX, 0.0, 2.0, 5.0];
        let mut draw = |from: &[f64; 8]| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            from[(state >> 29) as usize]
        };
        // Division into units lets no worse ones through.
        let unequal = [0.0, 0.0, 1.0, 2.0, 3.0, 5.0, 1e15, f64::MASS_UNITS];
        let (eight, few) = ([2.0; 8], [1.0, 0.0, 3.0, 2.0, 4.0, 1.0, 3.0, 2.0]);
        for _ in 0..200 {
            let cost = [(); 16].map(|()| [(); 4].map(|()| draw(&bad)));
            let costs = [&sound[..], &cost];
            for costs in [costs, [costs[1], costs[0]], [costs[1]; 2]] {
                let plan = ends(costs, [&eight, &few]);
                assert_eq!(plan.iter().map(|&(_, _, x)| x).sum::<f64>(), 16.0);
            }
            let units = [[(); 8].map(|()| draw(&unequal)), [(); 8].map(|()| draw(&unequal))];
            ends([&sound; 2], [&units[0], &few]);
            ends([&sound; 2], [&eight, &units[1]]);
            ends([&cost; 2], [&units[0], &units[1]]);
        }
        // Fewer units on one side.
        assert!(ends([&sound; 2], [&[1.0; 8], &few]).is_empty());
    }

    #[test]
    #[cfg(not(feature = "small"))]
    fn tables_of_known_length_change_no_bit() {
        let mut state = 1u64;
        let mut draw = |most: u64| {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % most) as f64
        };
        let mut exchanges = 0;
        for (n, m) in [(7, 8), (8, 7), (16, 5), (3, 6), (12, 8)] {
            for _ in 0..20 {
                // A column without mass, and flows that are often used up together.
                let mut units = [vec![0.0; n], vec![0.0; m]];
                for _ in 0..4 * n {
                    let (i, j) = (draw(n as u64) as usize, draw(m as u64 - 1) as usize);
                    units[0][i] += 1.0;
                    units[1][j] += 1.0;
                }
                let costs =
                    [0; 2].map(|_| (0..2 * n).map(|_| [0; 4].map(|_| draw(50))).collect::<Vec<_>>());
                let costs = [costs[0].as_slice(), &costs[1]];
                let units = [units[0].as_slice(), &units[1]];
                let narrow = solved::<[[f64; 4]; 2]>(costs, units);
                assert_eq!(narrow, solved::<[[f64; 4]]>(costs, units));
                let carried = narrow.1.iter().map(|(_, _, x)| x).sum::<f64>();
                assert_eq!(carried, units[0].iter().sum::<f64>());
                exchanges += narrow.0[0];
            }
        }
        assert!(exchanges > 0);
    }
}
