//! The exact solver that everything here shares: one transport problem after another over the same
//! masses, each answered by a vertex of the polytope of plans in sparse form.

use super::assignment;
use super::lanes::{BY_WIDTH, at, get, groups, lanes, set};
use super::nodes::{self, Costs};
use super::simplex;
use super::units::{Units, divide};
use crate::error::Error;
use crate::memory::{Arena, Extent};
use crate::real::{Real, sum};
use crate::rows::InRows;

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
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, usize, R)> + Clone {
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

    /// Becomes the same list. `assignment`: rows and units are the same already, or not needed.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn copy(&mut self, from: &Entries<'_, R>, assignment: bool) {
        self.len = from.len;
        let (to, rest) = self.columns.get_mut(..from.len).unwrap_or_default().as_chunks_mut::<4>();
        let (fours, last) = from.columns.as_chunks();
        to.iter_mut().zip(fours).for_each(|(to, x)| *to = *x);
        let last = fours.get(to.len()).map_or(last, |x| x);
        rest.iter_mut().zip(last).for_each(|(to, x)| *to = *x);
        if !assignment {
            self.rows.iter_mut().zip(&*from.rows).take(from.len).for_each(|(to, &x)| *to = x);
            self.units.iter_mut().zip(&*from.units).take(from.len).for_each(|(to, &x)| *to = x);
        }
    }

    /// Whether both are the same list; `assignment`: of an assignment, so that columns tell.
    pub(crate) fn equals(&self, other: &Entries<'_, R>, assignment: bool) -> bool {
        let len = self.len;
        len == other.len
            && self.columns.iter().zip(&*other.columns).take(len).all(|(a, b)| a == b)
            && (assignment
                || (self.rows.iter().zip(&*other.rows).take(len).all(|(a, b)| a == b)
                    && self.units.iter().zip(&*other.units).take(len).all(|(a, b)| a == b)))
    }

    /// A number that tells it from other lists but for accidents.
    #[inline]
    pub(crate) fn hash(&self, assignment: bool) -> [u32; 2] {
        let mut hash = 0u64;
        if assignment && self.len <= 16 {
            // All of it: four bits for each column.
            let (fours, rest) = self.columns.get(..self.len).unwrap_or_default().as_chunks();
            for [a, b, c, d] in fours {
                hash = (hash << 16) | u64::from((a << 12 | b << 8) | (c << 4 | d));
            }
            for &j in rest {
                hash = (hash << 4) | u64::from(j);
            }
            return [hash as u32, (hash >> 32) as u32];
        }
        let mut mix = |x: u64| {
            hash = (hash ^ x).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
        };
        if assignment {
            self.columns.iter().take(self.len).for_each(|&j| mix(j.into()));
        } else {
            for (i, j, x) in self.iter() {
                mix(x.order_bits() ^ ((i as u64) << 40) ^ ((j as u64) << 20));
            }
        }
        [hash as u32, (hash >> 32) as u32]
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

    /// Adds `unit` times the entries' units to a padded matrix.
    pub(crate) fn scatter(&self, assignment: bool, unit: R, width: usize, to: &mut [[R; 4]]) {
        let line = 4 * width;
        let mut add = |place: usize, x: R| {
            if let Some(to) = to.as_flattened_mut().get_mut(place) {
                *to += x;
            }
        };
        if assignment {
            let columns = self.columns.iter().take(self.len).enumerate();
            columns.for_each(|(i, &j)| add(i * line + j as usize, unit));
        } else {
            self.iter().for_each(|(i, j, x)| add(i * line + j, unit * x));
        }
    }

    /// Sum of `matrix` over the entries, weighted by units. `assignment`: one unit in each row.
    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn inner(&self, assignment: bool, matrix: &[[R; 4]], width: usize) -> R {
        let columns = self.columns.get(..self.len).unwrap_or_default();
        if assignment {
            return assignment::inner(columns, matrix, width);
        }
        let (matrix, line) = (matrix.as_flattened(), 4 * width);
        let mut s = [R::ZERO; 4];
        if !BY_WIDTH {
            for (e, (i, j, x)) in self.iter().enumerate() {
                s[e % 4] += get(matrix, i * line + j) * x;
            }
            return (s[0] + s[1]) + (s[2] + s[3]);
        }
        let fours = self.rows.as_chunks::<4>().0.iter().zip(columns.as_chunks::<4>().0);
        for ((i, j), x) in fours.zip(self.units.as_chunks::<4>().0) {
            s = lanes(|l| s[l] + get(matrix, i[l] as usize * line + j[l] as usize) * x[l]);
        }
        for (s, e) in s.iter_mut().zip(self.len & !3..self.len) {
            let (i, j, x) = self.entry(e);
            *s += get(matrix, i * line + j) * x;
        }
        (s[0] + s[1]) + (s[2] + s[3])
    }
}

/// Solver over fixed masses. Potentials, and the basis of a flow, persist between calls.
#[derive(Debug)]
pub(crate) struct Solver<'a, R> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Groups of four per padded row of a cost matrix.
    pub(crate) width: usize,
    /// Units in all, as a real.
    pub(crate) total: R,
    /// What one of them is worth.
    pub(crate) unit: R,
    pub(crate) row_units: &'a [R],
    pub(crate) column_units: &'a [R],
    /// Column potentials; minus infinity in padded columns and columns without mass. A flow has those of
    /// the rows behind them.
    pub(crate) potential: &'a mut [[R; 4]],
    /// The vertex found last.
    pub(crate) entries: Entries<'a, R>,
    pub(crate) assignment: bool,
    /// The column potentials of an assignment are the columns' least costs.
    minima: bool,
    /// What a plan carries: rows, then columns.
    carried: &'a mut [R],
    method: Method<'a, R>,
}

/// What the method for the masses remembers, or has for scratch.
#[derive(Debug)]
enum Method<'a, R> {
    Assignment(assignment::Scratch<'a, R>),
    Flow(simplex::Tree<'a, R>),
}

/// Points on each side up to which what there is to know about memory is worked out without a look at
/// overflow.
pub(crate) const FEW: usize = 32;

/// What a solver needs.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) const fn workspace(rows: usize, columns: usize) -> Extent {
    let nodes = rows.saturating_add(columns);
    Extent::reals(nodes::nodes(rows, columns))
        .and(Extent::reals(nodes).times(3))
        .and(Extent::words(nodes).times(2))
        .and(assignment::workspace(rows, columns).or(simplex::workspace(rows, columns)))
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
        let entries = Entries {
            rows: arena.words(nodes)?,
            columns: arena.words(nodes)?,
            units: arena.reals(nodes)?,
            len: 0,
        };
        let assignment = units == Units::Assignment;
        if assignment {
            // The entries of an assignment differ in their columns only.
            entries.rows.iter_mut().enumerate().for_each(|(i, row)| *row = i as u32);
            entries.units.fill(R::ONE);
        }
        let total = match units {
            Units::Assignment => R::from_usize(rows),
            Units::Total(total) => total,
        };
        Ok(Self {
            rows,
            columns,
            width: groups(columns),
            total,
            unit: R::ONE / total,
            row_units,
            column_units,
            potential: arena.reals(nodes::nodes(rows, columns))?.as_chunks_mut().0,
            entries,
            assignment,
            minima: false,
            carried: arena.reals(nodes)?,
            method: if assignment {
                Method::Assignment(assignment::Scratch::new(rows, columns, arena)?)
            } else {
                Method::Flow(simplex::Tree::new(rows, columns, arena)?)
            },
        })
    }

    /// Forgets the potentials and the basis of other costs for ones that suit these.
    pub(crate) fn cold(&mut self, cost: &[[R; 4]]) {
        let narrow = nodes::is_narrow(self.rows);
        match self.width {
            1 if narrow => self.cold_with::<[[R; 4]; 1]>(cost),
            2 if narrow => self.cold_with::<[[R; 4]; 2]>(cost),
            3 if narrow => self.cold_with::<[[R; 4]; 3]>(cost),
            4 if narrow => self.cold_with::<[[R; 4]; 4]>(cost),
            _ => self.cold_with::<[[R; 4]]>(cost),
        }
    }

    #[inline(always)]
    fn cold_with<V: Costs<R> + ?Sized>(&mut self, cost: &[[R; 4]]) {
        match &mut self.method {
            Method::Assignment(_) => {
                let Some(potential) = V::of_mut(self.potential, self.width, 0) else { return };
                assignment::minima(cost, self.width, self.columns, potential);
                self.minima = true;
            }
            Method::Flow(tree) => {
                let (rows, columns) = (self.row_units, self.column_units);
                tree.grow::<V>(cost, self.width, rows, columns, self.potential);
            }
        }
    }

    /// Finds a plan of least cost, starting from what was found last, and leaves it in `entries`.
    /// Returns the number of augmenting paths or of exchanges.
    #[inline]
    pub(crate) fn solve(&mut self, cost: &[[R; 4]]) -> u32 {
        let narrow = nodes::is_narrow(self.rows);
        match self.width {
            1 if narrow => self.solve_with::<[[R; 4]; 1]>(cost),
            2 if narrow => self.solve_with::<[[R; 4]; 2]>(cost),
            3 if narrow => self.solve_with::<[[R; 4]; 3]>(cost),
            4 if narrow => self.solve_with::<[[R; 4]; 4]>(cost),
            _ => self.solve_with::<[[R; 4]]>(cost),
        }
    }

    #[inline(always)]
    fn solve_with<V: Costs<R> + ?Sized>(&mut self, cost: &[[R; 4]]) -> u32 {
        let width = self.width;
        let minima = core::mem::take(&mut self.minima);
        match &mut self.method {
            Method::Assignment(scratch) => {
                let Some(potential) = V::of_mut(self.potential, width, 0) else { return 0 };
                self.entries.len = self.rows;
                let columns = self.entries.columns.get_mut(..self.rows).unwrap_or_default();
                assignment::solve(cost, width, minima, potential, columns, scratch)
            }
            Method::Flow(tree) => {
                let exchanges = tree.solve::<V>(cost, width, self.rows, self.potential);
                tree.list::<V>(width, &mut self.entries);
                exchanges
            }
        }
    }

    /// What tells the vertex found last from others.
    #[inline]
    pub(crate) fn hash(&self) -> [u32; 2] {
        self.entries.hash(self.assignment)
    }

    /// What the vertex found last costs.
    #[inline(always)]
    pub(crate) fn value(&self, cost: &[[R; 4]]) -> R {
        self.entries.inner(self.assignment, cost, self.width) / self.total
    }

    /// Row potentials for the last cost, and potentials of columns without mass: the largest that
    /// keep every reduced cost non-negative.
    pub(crate) fn duals(&self, cost: &[[R; 4]], rows: &mut [R], columns: &mut [R]) {
        let line = self.width.max(1);
        for (u, row) in rows.iter_mut().zip(cost.in_rows(line)) {
            *u = R::INFINITY;
            for (&c, &v) in row.as_flattened().iter().zip(self.potential.as_flattened()) {
                *u = u.min(c - v);
            }
        }
        for (j, (to, &v)) in columns.iter_mut().zip(self.potential.as_flattened()).enumerate() {
            *to = v;
            if get(self.column_units, j) == R::ZERO {
                *to = R::INFINITY;
                for (&u, row) in rows.iter().zip(cost.in_rows(line)) {
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
        let narrow = nodes::is_narrow(self.rows);
        match self.width {
            1 if narrow => self.carry::<[[R; 4]; 1]>(plan),
            2 if narrow => self.carry::<[[R; 4]; 2]>(plan),
            3 if narrow => self.carry::<[[R; 4]; 3]>(plan),
            4 if narrow => self.carry::<[[R; 4]; 4]>(plan),
            _ => self.carry::<[[R; 4]]>(plan),
        }
        self.deviation(row_masses, column_masses)
    }

    /// Sums up the rows and the columns of a padded plan.
    #[inline(always)]
    fn carry<V: Costs<R> + ?Sized>(&mut self, plan: &[[R; 4]]) {
        let (rows, columns) = self.carried.split_at_mut_checked(self.rows).unwrap_or_default();
        if !BY_WIDTH {
            for (to, row) in rows.iter_mut().zip(plan.in_rows(self.width)) {
                *to = sum(row.as_flattened());
            }
            for (j, to) in columns.iter_mut().enumerate() {
                *to = plan.in_rows(self.width).fold(R::ZERO, |s, row| s + at(row, j));
            }
            return;
        }
        for (i, to) in rows.iter_mut().enumerate() {
            let Some(row) = V::of(plan, self.width, i) else { return };
            let s = row.as_ref().iter().fold([R::ZERO; 4], |s, row| lanes(|l| s[l] + row[l]));
            *to = (s[0] + s[1]) + (s[2] + s[3]);
        }
        for (g, to) in (0..V::width(self.width)).zip(columns.chunks_mut(4)) {
            let mut s = [R::ZERO; 4];
            for i in 0..self.rows {
                let Some(row) = V::of(plan, self.width, i) else { return };
                let row = get(row.as_ref(), g);
                s = lanes(|l| s[l] + row[l]);
            }
            to.iter_mut().zip(s).for_each(|(to, s)| *to = s);
        }
    }

    /// The same for the vertex found last.
    pub(crate) fn vertex_residual(
        &mut self,
        row_masses: Option<&[R]>,
        column_masses: Option<&[R]>,
    ) -> R {
        let unit = self.unit;
        self.carried.fill(R::ZERO);
        for (i, j, x) in self.entries.iter() {
            for place in [i, self.rows + j] {
                if let Some(to) = self.carried.get_mut(place) {
                    *to += unit * x;
                }
            }
        }
        self.deviation(row_masses, column_masses)
    }

    fn deviation(&self, row_masses: Option<&[R]>, column_masses: Option<&[R]>) -> R {
        let (rows, columns) = self.carried.split_at_checked(self.rows).unwrap_or_default();
        off(rows.iter().copied(), row_masses) + off(columns.iter().copied(), column_masses)
    }
}

/// Sum of the absolute differences between what points carry and their masses.
pub(crate) fn off<R: Real>(carried: impl ExactSizeIterator<Item = R>, masses: Option<&[R]>) -> R {
    let mass = equal(carried.len());
    match masses {
        Some(masses) => carried.zip(masses).fold(R::ZERO, |s, (x, &mass)| s + (x - mass).abs()),
        None => carried.fold(R::ZERO, |s, x| s + (x - mass).abs()),
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

/// Writes a padded matrix into an unpadded one.
pub(crate) fn unpad<R: Real>(from: &[[R; 4]], width: usize, columns: usize, to: &mut [R]) {
    let to = to.in_rows_mut(columns).zip(from.in_rows(width));
    for (to, from) in to {
        to.iter_mut().zip(from.as_flattened()).for_each(|(to, &x)| *to = x);
    }
}
