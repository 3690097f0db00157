//! The exact solver that everything here shares: one transport problem after another over the same
//! masses, each answered by a vertex of the polytope of plans in sparse form.

use super::assignment;
use super::flow;
use super::lanes::{BY_WIDTH, Row, at, get, groups, lanes, padded, set};
use super::units::{Units, divide};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::Real;

const NONE: u32 = u32::MAX;

/// A plan as a list of positive entries ordered by row; masses in units.
#[derive(Debug)]
pub(crate) struct Entries<'a, R> {
    pub(crate) rows: &'a mut [u32],
    pub(crate) columns: &'a mut [u32],
    pub(crate) units: &'a mut [R],
    pub(crate) len: usize,
}

impl<R: Real> Entries<'_, R> {
    /// Row, column and units of each entry.
    #[inline(always)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, usize, R)> {
        let both = self.rows.iter().zip(self.columns.iter()).zip(self.units.iter());
        both.take(self.len).map(|((&i, &j), &x)| (i as usize, j as usize, x))
    }

    /// Appends an entry; false if the list is full.
    pub(crate) fn push(&mut self, i: usize, j: usize, units: R) -> bool {
        if self.len >= self.units.len() {
            return false;
        }
        set(self.rows, self.len, i as u32);
        set(self.columns, self.len, j as u32);
        set(self.units, self.len, units);
        self.len += 1;
        true
    }

    /// Becomes the same list.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn copy(&mut self, from: &Entries<'_, R>) {
        self.rows.iter_mut().zip(&*from.rows).for_each(|(to, &x)| *to = x);
        self.columns.iter_mut().zip(&*from.columns).for_each(|(to, &x)| *to = x);
        self.units.iter_mut().zip(&*from.units).for_each(|(to, &x)| *to = x);
        self.len = from.len;
    }

    /// Entry `e`.
    #[inline(always)]
    pub(crate) fn entry(&self, e: usize) -> (usize, usize, R) {
        (get(self.rows, e) as usize, get(self.columns, e) as usize, get(self.units, e))
    }

    /// Adds units to the entry of row i and column j, which is made if there is none.
    pub(crate) fn give(&mut self, i: usize, j: usize, units: R) {
        for e in 0..self.len {
            let (k, l, x) = self.entry(e);
            if (k, l) == (i, j) {
                set(self.units, e, x + units);
                return;
            }
        }
        self.push(i, j, units);
    }

    /// Takes units from entry `e`, which goes if none are left.
    pub(crate) fn take(&mut self, e: usize, units: R) {
        let left = get(self.units, e) - units;
        set(self.units, e, left);
        if left <= R::ZERO {
            self.remove(e);
        }
    }

    fn remove(&mut self, e: usize) {
        for k in e + 1..self.len {
            set(self.rows, k - 1, get(self.rows, k));
            set(self.columns, k - 1, get(self.columns, k));
            set(self.units, k - 1, get(self.units, k));
        }
        self.len -= 1;
    }

    /// Orders the entries by row.
    pub(crate) fn sort(&mut self) {
        for end in 1..self.len {
            let mut e = end;
            while e > 0 && get(self.rows, e - 1) > get(self.rows, e) {
                exchange(self.rows, e);
                exchange(self.columns, e);
                exchange(self.units, e);
                e -= 1;
            }
        }
    }

    /// Sum of `matrix` over the entries, weighted by units.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn inner(&self, matrix: &[[R; 4]], width: usize) -> R {
        let mut s = [R::ZERO; 4];
        for (e, (i, j, x)) in self.iter().enumerate() {
            s[e & 3] += get(matrix.as_flattened(), i * 4 * width + j) * x;
        }
        (s[0] + s[1]) + (s[2] + s[3])
    }
}

/// Solver over fixed masses. Potentials and scratch persist between calls.
#[derive(Debug)]
pub(crate) struct Solver<'a, R> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Groups of four per padded row of a cost matrix.
    pub(crate) width: usize,
    /// Units in all, as a real.
    pub(crate) total: R,
    pub(crate) row_units: &'a [R],
    pub(crate) column_units: &'a [R],
    /// Column potentials; minus infinity in padded columns and columns without mass.
    pub(crate) potential: &'a mut [[R; 4]],
    /// The vertex found last.
    pub(crate) entries: Entries<'a, R>,
    pub(crate) assignment: bool,
    open: &'a mut [[R; 4]],
    unscanned: &'a mut [[R; 4]],
    flow: &'a mut [R],
    supply: &'a mut [R],
    demand: &'a mut [R],
    base: &'a mut [R],
    distance: &'a mut [R],
    scans: &'a mut [[R; 2]],
    places: &'a mut [[u32; 2]],
    row_words: [&'a mut [u32]; 5],
    column_words: [&'a mut [u32]; 2],
    node_words: [&'a mut [u32]; 2],
}

/// What a solver needs.
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let nodes = rows.saturating_add(columns);
    Extent::reals(rows.saturating_mul(columns))
        .and(Extent::reals(padded(columns)).times(3))
        .and(Extent::reals(nodes).times(4))
        .and(Extent::reals(rows).times(2))
        .and(Extent::words(rows).times(7))
        .and(Extent::words(columns).times(2))
        .and(Extent::words(nodes).times(4))
}

impl<'a, R: Real> Solver<'a, R> {
    /// Masses must have been checked.
    pub(crate) fn new(
        rows: usize,
        columns: usize,
        row_masses: Option<&[R]>,
        column_masses: Option<&[R]>,
        arena: &mut Arena<'a, R>,
    ) -> Result<Self, Error> {
        let nodes = rows + columns;
        let row_units = arena.reals(rows)?;
        let column_units = arena.reals(columns)?;
        let units = divide(row_masses, column_masses, row_units, column_units);
        let line = padded(columns);
        let entries = Entries {
            rows: arena.words(nodes)?,
            columns: arena.words(nodes)?,
            units: arena.reals(nodes)?,
            len: 0,
        };
        // The entries of an assignment differ in their columns only.
        entries.rows.iter_mut().enumerate().for_each(|(i, row)| *row = i as u32);
        entries.units.fill(R::ONE);
        Ok(Self {
            rows,
            columns,
            width: groups(columns),
            total: match units {
                Units::Assignment => R::from_usize(rows),
                Units::Total(total) => total,
            },
            assignment: units == Units::Assignment,
            row_units,
            column_units,
            potential: arena.reals(line)?.as_chunks_mut().0,
            open: arena.reals(line)?.as_chunks_mut().0,
            unscanned: arena.reals(line)?.as_chunks_mut().0,
            flow: arena.reals(rows.saturating_mul(columns))?,
            supply: arena.reals(rows)?,
            demand: arena.reals(columns)?,
            base: arena.reals(rows)?,
            distance: arena.reals(columns)?,
            scans: arena.reals(rows.saturating_mul(2))?.as_chunks_mut().0,
            places: arena.words(rows.saturating_mul(2))?.as_chunks_mut().0,
            entries,
            row_words: [
                arena.words(rows)?,
                arena.words(rows)?,
                arena.words(rows)?,
                arena.words(rows)?,
                arena.words(rows)?,
            ],
            column_words: [arena.words(columns)?, arena.words(columns)?],
            node_words: [arena.words(nodes)?, arena.words(nodes)?],
        })
    }

    /// Column potentials as good as nothing but the columns' least costs can make them.
    pub(crate) fn cold(&mut self, cost: &[[R; 4]]) {
        match self.width {
            2 if BY_WIDTH => self.minima::<2>(cost, 0),
            4 if BY_WIDTH => self.minima::<4>(cost, 0),
            width => (0..width).for_each(|g| self.minima::<1>(cost, g)),
        }
        self.close();
    }

    /// Minima of the columns in W groups from group `first` on, over the rows with mass.
    #[inline(always)]
    fn minima<const W: usize>(&mut self, cost: &[[R; 4]], first: usize) {
        let mut low = [[R::INFINITY; 4]; W];
        for (i, &units) in self.row_units.iter().enumerate() {
            let at = i * self.width + first;
            if units > R::ZERO
                && let Some(row) = cost.get(at..).and_then(|rest| rest.first_chunk::<W>())
            {
                for g in 0..W {
                    low[g] = lanes(|l| low[g][l].min(row[g][l]));
                }
            }
        }
        let to = self.potential.get_mut(first..).and_then(|rest| rest.first_chunk_mut::<W>());
        if let Some(to) = to {
            *to = low;
        }
    }

    /// Keeps the solver away from padded columns and columns without mass.
    fn close(&mut self) {
        let all = self.potential.as_flattened_mut().iter_mut();
        let units = self.column_units.iter().copied().chain(core::iter::repeat(R::ZERO));
        for (v, units) in all.zip(units) {
            if units == R::ZERO {
                *v = -R::INFINITY;
            }
        }
    }

    /// Finds a plan of least cost, starting from the potentials as they are, and leaves it in
    /// `entries`. Returns the number of augmenting paths.
    #[inline]
    pub(crate) fn solve(&mut self, cost: &[[R; 4]]) -> u32 {
        match self.width {
            2 if BY_WIDTH => self.solve_with::<[[R; 4]; 2]>(cost),
            4 if BY_WIDTH => self.solve_with::<[[R; 4]; 4]>(cost),
            _ => self.solve_with::<[[R; 4]]>(cost),
        }
    }

    #[inline(always)]
    fn solve_with<V: Row<R> + ?Sized>(&mut self, cost: &[[R; 4]]) -> u32 {
        let (n, width) = (self.rows, self.width);
        let [path, rows, via, limit, seen] = &mut self.row_words;
        let [columns, row_of] = &mut self.column_words;
        let (Some(potential), Some(open), Some(unscanned)) = (
            V::of_mut(self.potential, width, 0),
            V::of_mut(self.open, width, 0),
            V::of_mut(self.unscanned, width, 0),
        ) else {
            return 0;
        };
        if self.assignment {
            let (reals, places) = (&mut *self.scans, &mut *self.places);
            let mut scratch = assignment::Scratch { open, unscanned, reals, places, waiting: path };
            self.entries.len = n;
            let column_of = &mut *self.entries.columns;
            return assignment::solve(cost, width, n, potential, row_of, column_of, &mut scratch);
        }
        let (base, distance) = (&mut *self.base, &mut *self.distance);
        let (supply, demand) = (&mut *self.supply, &mut *self.demand);
        let reached = flow::Reached { supply, demand, base, rows, via, limit, path };
        let mut scratch = flow::Scratch { open, unscanned, distance, columns, seen, reached };
        let augmentations = flow::solve(
            cost,
            width,
            potential,
            self.row_units,
            self.column_units,
            self.flow,
            &mut scratch,
        );
        self.collect();
        augmentations
    }

    /// Lists the positive entries of the flow. A vertex has at most n + m - 1 of them; an optimal
    /// flow can have more where costs tie, and is then moved to a vertex of the same cost.
    fn collect(&mut self) {
        let n = self.rows.max(1);
        let most = n + self.columns - 1;
        let count = self.flow.iter().filter(|&&x| x > R::ZERO).count();
        self.entries.len = 0;
        for i in 0..n {
            for (j, column) in self.flow.chunks_exact(n).enumerate() {
                let x = get(column, i);
                if x > R::ZERO && count <= most {
                    self.entries.push(i, j, x);
                } else if x > R::ZERO {
                    let [via, _] = &mut self.node_words;
                    insert_into_forest(&mut self.entries, n, i, j, x, via);
                }
            }
        }
        if count > most {
            self.entries.sort();
        }
    }

    /// Adds `unit` times the entries' units to a padded matrix.
    pub(crate) fn scatter(entries: &Entries<'_, R>, unit: R, width: usize, to: &mut [[R; 4]]) {
        let to = to.as_flattened_mut();
        for (i, j, x) in entries.iter() {
            if let Some(t) = to.get_mut(i * 4 * width + j) {
                *t += unit * x;
            }
        }
    }

    /// Row potentials for the last cost, and potentials of columns without mass: the largest that
    /// keep every reduced cost non-negative.
    pub(crate) fn duals(&self, cost: &[[R; 4]], rows: &mut [R], columns: &mut [R]) {
        let line = self.width.max(1);
        for (u, row) in rows.iter_mut().zip(cost.chunks_exact(line)) {
            *u = R::INFINITY;
            for (&c, &v) in row.as_flattened().iter().zip(self.potential.as_flattened()) {
                *u = u.min(c - v);
            }
        }
        for (j, (to, &v)) in columns.iter_mut().zip(self.potential.as_flattened()).enumerate() {
            *to = v;
            if get(self.column_units, j) == R::ZERO {
                *to = R::INFINITY;
                for (&u, row) in rows.iter().zip(cost.chunks_exact(line)) {
                    *to = to.min(at(row, j) - u);
                }
            }
        }
    }

    /// Sum of the absolute differences between what a padded plan carries and the masses.
    pub(crate) fn residual(
        &mut self,
        plan: &[[R; 4]],
        row_masses: Option<&[R]>,
        column_masses: Option<&[R]>,
    ) -> R {
        self.open.fill([R::ZERO; 4]);
        let mut off = R::ZERO;
        let (row_mass, column_mass) = (equal(self.rows), equal(self.columns));
        for (i, row) in plan.chunks_exact(self.width.max(1)).enumerate().take(self.rows) {
            let carried = crate::real::sum(row.as_flattened());
            off += (carried - row_masses.map_or(row_mass, |p| get(p, i))).abs();
            for (to, row) in self.open.iter_mut().zip(row) {
                *to = lanes(|l| to[l] + row[l]);
            }
        }
        for (j, &carried) in self.open.as_flattened().iter().enumerate().take(self.columns) {
            off += (carried - column_masses.map_or(column_mass, |q| get(q, j))).abs();
        }
        off
    }
}

/// One of `n` equal masses.
fn equal<R: Real>(n: usize) -> R {
    R::ONE / R::from_usize(n.max(1))
}

/// Mass `i` of `n`, 1/n where masses are not given.
pub(crate) fn mass<R: Real>(masses: Option<&[R]>, n: usize, i: usize) -> R {
    masses.map_or_else(|| equal(n), |p| get(p, i))
}

/// Exchanges elements `e - 1` and `e`.
fn exchange<T: Copy>(slice: &mut [T], e: usize) {
    if let Some([a, b]) = slice.get_mut(e - 1..e + 1) {
        core::mem::swap(a, b);
    }
}

/// Adds an entry to a list that, seen as a graph between rows and columns, has no cycle. If the
/// entry closes one, units move around it until an entry of it is empty, and that entry goes.
fn insert_into_forest<R: Real>(
    entries: &mut Entries<'_, R>,
    n: usize,
    i: usize,
    j: usize,
    units: R,
    via: &mut [u32],
) {
    // `via` holds, per node (rows, then columns), 1 + the entry through which it was reached.
    via.fill(0);
    set(via, i, NONE);
    loop {
        let mut grew = false;
        for (e, (a, b, _)) in entries.iter().enumerate() {
            let (row, column) = (get(via, a), get(via, n + b));
            if (row == 0) != (column == 0) {
                set(via, if row == 0 { a } else { n + b }, e as u32 + 1);
                grew = true;
            }
        }
        if !grew || get(via, n + j) != 0 {
            break;
        }
    }
    if get(via, n + j) == 0 {
        entries.push(i, j, units);
        return;
    }
    // Back from column j to row i. The new entry gives to the first, third, ... and takes with it
    // from the second, fourth, ...
    let mut moved = (units, entries.len);
    walk(entries, via, n, j, |e, taken, x| {
        if taken && *x < moved.0 {
            moved = (*x, e);
        }
    });
    let (amount, emptied) = moved;
    walk(entries, via, n, j, |_, taken, x| if taken { *x -= amount } else { *x += amount });
    if units > amount {
        entries.remove(emptied);
        entries.push(i, j, units - amount);
    }
}

fn walk<R: Real>(
    entries: &mut Entries<'_, R>,
    via: &[u32],
    n: usize,
    column: usize,
    mut visit: impl FnMut(usize, bool, &mut R),
) {
    let (mut node, mut taken) = (n + column, false);
    for _ in 0..entries.len {
        let e = get(via, node);
        if e == NONE || e == 0 {
            return;
        }
        let e = e as usize - 1;
        if let Some(x) = entries.units.get_mut(e) {
            visit(e, taken, x);
        }
        node =
            if node >= n { get(entries.rows, e) as usize } else { n + get(entries.columns, e) as usize };
        taken = !taken;
    }
}

/// Writes a padded matrix into an unpadded one.
pub(crate) fn unpad<R: Real>(from: &[[R; 4]], width: usize, columns: usize, to: &mut [R]) {
    let to = to.chunks_exact_mut(columns.max(1)).zip(from.chunks_exact(width.max(1)));
    for (to, from) in to {
        to.iter_mut().zip(from.as_flattened()).for_each(|(to, &x)| *to = x);
    }
}
