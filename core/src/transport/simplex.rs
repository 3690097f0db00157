//! Transport of whole units by the simplex method on spanning trees.
//!
//! A basis is a tree of rows and columns; the flow on its edges follows from the masses alone, so that
//! the basis of one cost is a start for the next. The tree is kept strongly feasible (Cunningham,
//! Mathematical Programming 11, 1976): an edge without flow leads from a row up to a column. Then no
//! sequence of exchanges repeats, though many of them move nothing.

use core::ops::Range;

use super::lanes::{Row, at, get, lanes, largest, least_difference, put, set};
use super::vertex::Entries;
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

/// Rows among which the entering edge is sought at once.
const BLOCK: usize = 8;

/// No node, or no place.
const NONE: u32 = u32::MAX;

/// The place of a node that hangs below one without a place.
const BELOW: u32 = NONE - 1;

/// A tree of n rows and m columns: node i < n is row i, node n + j is column j. Columns without mass
/// are not in it. The root is a column.
#[derive(Debug)]
pub(crate) struct Tree<'a, R> {
    /// Nodes in the tree.
    len: usize,
    /// The nodes, the root first, and every node after its parent.
    order: &'a mut [u32],
    /// Where a node is in `order`.
    position: &'a mut [u32],
    parent: &'a mut [u32],
    /// Units on the edge to the parent.
    flow: &'a mut [R],
    /// Row potentials.
    pub(crate) rows: &'a mut [R],
    /// While the first tree grows: what a row has left, what a column still wants, and the least cost
    /// of a row.
    spare: &'a mut [R],
    /// Scratch, by nodes.
    marks: &'a mut [u32],
    aside: &'a mut [u32],
}

/// What a tree needs.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let nodes = rows.saturating_add(columns);
    let reals = Extent::reals(nodes).times(2).and(Extent::reals(rows).times(2));
    reals.and(Extent::words(nodes).times(5))
}

impl<'a, R: Real> Tree<'a, R> {
    pub(crate) fn new(rows: usize, columns: usize, arena: &mut Arena<'a, R>) -> Result<Self, Error> {
        let nodes = rows + columns;
        Ok(Self {
            len: 0,
            order: arena.words(nodes)?,
            position: arena.words(nodes)?,
            parent: arena.words(nodes)?,
            flow: arena.reals(nodes)?,
            rows: arena.reals(rows)?,
            spare: arena.reals(nodes + rows)?,
            marks: arena.words(nodes)?,
            aside: arena.words(nodes)?,
        })
    }

    /// The tree of the least-cost rule: again and again the cheapest edge between a row and a column
    /// that both have something left. `open` is 0 in columns with mass, else minus infinity, and
    /// minus infinity everywhere but in the root afterwards.
    #[inline(always)]
    pub(crate) fn grow<V: Row<R> + ?Sized>(
        &mut self,
        cost: &[[R; 4]],
        width: usize,
        row_units: &[R],
        column_units: &[R],
        open: &mut V,
    ) {
        let n = row_units.len();
        let (left, rest) = self.spare.split_at_mut_checked(n).unwrap_or_default();
        let (wanted, least) = rest.split_at_mut_checked(column_units.len()).unwrap_or_default();
        left.iter_mut().zip(row_units).for_each(|(to, &x)| *to = x);
        wanted.iter_mut().zip(column_units).for_each(|(to, &x)| *to = x);
        let mut columns = column_units.iter().filter(|&&x| x > R::ZERO).count();
        self.len = n + columns;
        // That is also how columns outside the tree stay.
        self.parent.fill(NONE);
        let cheapest = &mut *self.marks;
        let scan = |i: usize, open: &V| {
            let row = V::of(cost, width, i);
            row.map_or((R::ZERO, 0), |row| least_difference(row, open))
        };
        for i in 0..n {
            let (value, j) = scan(i, open);
            set(least, i, value);
            set(cheapest, i, j as u32);
        }
        for last in (1..self.len).rev() {
            let (mut i, mut value) = (0, R::INFINITY);
            for (k, &x) in least.iter().enumerate() {
                if x < value {
                    (i, value) = (k, x);
                }
            }
            let j = get(cheapest, i) as usize;
            let (has, wants) = (get(left, i), get(wanted, j));
            let moved = has.min(wants);
            set(left, i, has - moved);
            set(wanted, j, wants - moved);
            // Of two that are used up at once the column goes, so that an edge without flow leads up.
            let (child, parent) = if columns > 1 && wants <= has {
                columns -= 1;
                put(open.as_mut(), j, -R::INFINITY);
                for k in 0..n {
                    if get(cheapest, k) == j as u32 && get(least, k) < R::INFINITY {
                        let (value, j) = scan(k, open);
                        set(least, k, value);
                        set(cheapest, k, j as u32);
                    }
                }
                (n + j, i)
            } else {
                set(least, i, R::INFINITY);
                (i, n + j)
            };
            set(self.flow, child, moved);
            set(self.parent, child, parent as u32);
            set(self.order, last, child as u32);
            set(self.position, child, last as u32);
            // The last parent is the root.
            set(self.order, 0, parent as u32);
            set(self.position, parent, 0);
        }
    }

    /// Exchanges edges until no edge lowers the cost, and leaves the potentials of the columns in
    /// `potential`. Returns the number of exchanges.
    #[inline(always)]
    pub(crate) fn solve<V: Row<R> + ?Sized>(
        &mut self,
        cost: &[[R; 4]],
        width: usize,
        potential: &mut V,
    ) -> u32 {
        let n = self.rows.len();
        self.price(cost, width, potential, 0);
        // What is less is rounding.
        let tiny = R::from_usize(8) * R::EPSILON * largest(cost);
        // Rubbish in the costs cannot make this loop run on.
        let most = self.len.saturating_mul(self.len);
        let (mut exchanges, mut quiet, mut first) = (0, 0, 0);
        while quiet < n && exchanges < most {
            let end = (first + BLOCK).min(n);
            if let Some((i, j)) = self.entering(cost, width, potential, first..end, tiny) {
                let from = self.exchange(i, j);
                self.price(cost, width, potential, from);
                exchanges += 1;
                quiet = 0;
            } else {
                quiet += end - first;
            }
            first = if end < n { end } else { 0 };
        }
        exchanges as u32
    }

    /// The edge of least reduced cost in some rows, if that is less than `-tiny`.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn entering<V: Row<R> + ?Sized>(
        &self,
        cost: &[[R; 4]],
        width: usize,
        potential: &V,
        rows: Range<usize>,
        tiny: R,
    ) -> Option<(usize, usize)> {
        let mut low = [R::INFINITY; 4];
        for i in rows.clone() {
            let groups = V::of(cost, width, i)?.as_ref().iter().zip(potential.as_ref());
            let least =
                groups.fold([R::INFINITY; 4], |least, (c, v)| lanes(|l| least[l].min(c[l] - v[l])));
            let u = get(self.rows, i);
            low = lanes(|l| low[l].min(least[l] - u));
        }
        let low = low[0].min(low[2]).min(low[1].min(low[3]));
        if low >= -tiny {
            return None;
        }
        // Rows are looked at once more: to carry their numbers along would cost the vector code above more.
        for i in rows {
            let (least, j) = least_difference(V::of(cost, width, i)?, potential);
            if least - get(self.rows, i) == low {
                return Some((i, j));
            }
        }
        None
    }

    /// Potentials of the nodes from place `from` on: a parent's potential and the edge's cost tell them.
    #[inline(always)]
    fn price<V: Row<R> + ?Sized>(
        &mut self,
        cost: &[[R; 4]],
        width: usize,
        potential: &mut V,
        from: usize,
    ) {
        let n = self.rows.len();
        let nodes = self.order.get(from..self.len).unwrap_or_default();
        for &x in nodes {
            let (x, parent) = (x as usize, get(self.parent, x as usize));
            if parent == NONE {
                put(potential.as_mut(), x.wrapping_sub(n), R::ZERO);
                continue;
            }
            let parent = parent as usize;
            let (i, j) = (x.min(parent), x.max(parent).wrapping_sub(n));
            let c = V::of(cost, width, i).map_or(R::ZERO, |row| at(row.as_ref(), j));
            if x < n {
                set(self.rows, i, c - at(potential.as_ref(), j));
            } else {
                put(potential.as_mut(), j, c - get(self.rows, i));
            }
        }
    }

    /// Brings the edge between row `i` and column `j` into the tree. Returns the place from which on
    /// potentials change.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn exchange(&mut self, i: usize, j: usize) -> usize {
        let n = self.rows.len();
        let (row, column) = (i, n + j);
        // The two ways up close a cycle. Every second edge of it loses flow. Of those with the least
        // the one leaves that comes last on the way from the top down to the row, over the new edge,
        // and from the column up again.
        let (mut a, mut b) = (row, column);
        let mut by_row = (R::INFINITY, a);
        let mut by_column = (R::INFINITY, b);
        while a != b {
            if get(self.position, a) > get(self.position, b) {
                let flow = get(self.flow, a);
                if a < n && flow < by_row.0 {
                    by_row = (flow, a);
                }
                a = get(self.parent, a) as usize;
            } else {
                let flow = get(self.flow, b);
                if b >= n && flow <= by_column.0 {
                    by_column = (flow, b);
                }
                b = get(self.parent, b) as usize;
            }
        }
        let top = a;
        let (start, end, (moved, leaving)) =
            if by_column.0 <= by_row.0 { (column, row, by_column) } else { (row, column, by_row) };
        if moved > R::ZERO {
            for (mut x, rows_lose) in [(row, true), (column, false)] {
                while x != top {
                    let flow = get(self.flow, x);
                    set(self.flow, x, if (x < n) == rows_lose { flow - moved } else { flow + moved });
                    x = get(self.parent, x) as usize;
                }
            }
        }
        // What hangs on the leaving edge will come last. The way up to that edge is turned around, so its nodes
        // leave the order.
        let from = get(self.position, leaving) as usize;
        let mut x = start;
        loop {
            set(self.position, x, NONE);
            if x == leaving {
                break;
            }
            x = get(self.parent, x) as usize;
        }
        // The rest closes ranks. A parent comes before its children: whether it hangs is known.
        let (mut kept, mut waiting) = (from, 0);
        for t in from..self.len {
            let x = get(self.order, t) as usize;
            if get(self.position, x) == NONE {
                continue;
            }
            let up = get(self.parent, x) as usize;
            let place = get(self.position, up);
            if place >= BELOW {
                set(self.position, x, BELOW);
                set(self.aside, waiting, x as u32);
                waiting += 1;
            } else {
                self.place(x, kept);
                kept += 1;
            }
        }
        let changed = kept;
        let (mut x, mut up, mut flow) = (start, end, moved);
        loop {
            let (old_up, old_flow) = (get(self.parent, x), get(self.flow, x));
            set(self.parent, x, up as u32);
            set(self.flow, x, flow);
            self.place(x, kept);
            kept += 1;
            if x == leaving {
                break;
            }
            (x, up, flow) = (old_up as usize, x, old_flow);
        }
        for t in 0..waiting {
            self.place(get(self.aside, t) as usize, kept + t);
        }
        changed
    }

    fn place(&mut self, x: usize, at: usize) {
        set(self.order, at, x as u32);
        set(self.position, x, at as u32);
    }

    /// Lists the edges with flow by rows and columns.
    pub(crate) fn list(&mut self, entries: &mut Entries<'_, R>) {
        let n = self.rows.len();
        let (first, next) = (&mut *self.marks, &mut *self.aside);
        first.iter_mut().take(n).for_each(|j| *j = NONE);
        // The columns below each row, in order.
        for j in (0..self.parent.len().saturating_sub(n)).rev() {
            let row = get(self.parent, n + j) as usize;
            if row < n {
                set(next, j, get(first, row));
                set(first, row, j as u32);
            }
        }
        entries.len = 0;
        for i in 0..n {
            let above = get(self.parent, i);
            let (mut j, mut own) = (get(first, i), Some(above.wrapping_sub(n as u32)));
            loop {
                let (column, child) = match own {
                    Some(column) if column < j => {
                        own = None;
                        (column, i)
                    }
                    _ if j == NONE => break,
                    _ => {
                        let column = j;
                        j = get(next, j as usize);
                        (column, n + column as usize)
                    }
                };
                let units = get(self.flow, child);
                if units > R::ZERO {
                    entries.push(i, column as usize, units);
                }
            }
        }
    }
}
