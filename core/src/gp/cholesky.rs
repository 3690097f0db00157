//! Cholesky factorisation and triangular solves over packed rows.
//!
//! Row `i` of a packed factor has `i` entries and then the *reciprocal* of the diagonal entry: solves
//! multiply. A factor is computed row by row, each from the rows above it alone. So the factor of a
//! prefix is a prefix of the factor, and appending a row gives the same bits as factoring anew.

use super::triangle;
use crate::real::{self, Real};

/// What may be added to a unit diagonal, in the order of the attempts after 0.
pub(super) fn jitters<R: Real>() -> impl Iterator<Item = R> {
    // Half of the first one: the comparison must not depend on how a decimal is rounded.
    [
        R::from_f64(1e-6),
        R::from_f64(1e-5),
        R::from_f64(1e-4),
        R::from_f64(1e-3),
        R::from_f64(1e-2),
        R::from_f64(1e-1),
        R::from_f64(0.3),
    ]
    .into_iter()
    .filter(|&j| j > R::HALF * R::FIRST_JITTER)
}

/// Rows of a packed triangle, the first of length `next`.
struct Rows<'a, R> {
    rest: &'a [R],
    next: usize,
}

impl<'a, R> Rows<'a, R> {
    /// Rows of a factor from row `first` on.
    fn of_factor(packed: &'a [R], first: usize) -> Self {
        Self { rest: packed.get(triangle(first)..).unwrap_or(&[]), next: first + 1 }
    }
}

impl<'a, R> Iterator for Rows<'a, R> {
    type Item = &'a [R];
    #[inline]
    fn next(&mut self) -> Option<&'a [R]> {
        let (row, rest) = self.rest.split_at_checked(self.next)?;
        self.rest = rest;
        self.next += 1;
        Some(row)
    }
}

/// The last step of [`real::dot`], four times. Not inlined: the optimiser would otherwise transpose the
/// whole loop before it for the sake of these few additions.
#[inline(never)]
fn totals<R: Real>(s: &[[R; 4]; 4]) -> [R; 4] {
    s.map(|s| (s[0] + s[1]) + (s[2] + s[3]))
}

/// Four dot products with one left side, each in the order of [`real::dot`] over whole quadruples.
#[inline]
fn dot4<R: Real>(a: &[R], b: [&[R]; 4]) -> [R; 4] {
    let a = a.as_chunks::<4>().0;
    let [b0, b1, b2, b3] = b.map(|b| b.as_chunks::<4>().0);
    let add = |s: [R; 4], a: &[R; 4], b: &[R; 4]| {
        [s[0] + a[0] * b[0], s[1] + a[1] * b[1], s[2] + a[2] * b[2], s[3] + a[3] * b[3]]
    };
    let [mut s0, mut s1, mut s2, mut s3] = [[R::ZERO; 4]; 4];
    for ((((a, b0), b1), b2), b3) in a.iter().zip(b0).zip(b1).zip(b2).zip(b3) {
        s0 = add(s0, a, b0);
        s1 = add(s1, a, b1);
        s2 = add(s2, a, b2);
        s3 = add(s3, a, b3);
    }
    totals(&[s0, s1, s2, s3])
}

/// Turns `row` (matrix entries, the last on the diagonal) into the next row of the factor whose rows
/// `above` are. `None` if the pivot is not above `floor`.
fn next_row<R: Real>(above: &[R], row: &mut [R], floor: R) -> Option<()> {
    let (pivot, row) = row.split_last_mut()?;
    let mut rows = Rows { rest: above, next: 1 };
    let mut j = 0;
    while j + 4 <= row.len() {
        let quad = [rows.next()?, rows.next()?, rows.next()?, rows.next()?];
        let (done, rest) = row.split_at_mut_checked(j)?;
        let [(h0, t0), (h1, t1), (h2, t2), (h3, t3)] = split4(quad, j)?;
        let s = dot4(done, [h0, h1, h2, h3]);
        let ([x0, x1, x2, x3, ..], [d0], [a1, d1], [a2, b2, d2], [a3, b3, c3, d3]) =
            (rest, t0, t1, t2, t3)
        else {
            return None;
        };
        *x0 = (*x0 - s[0]) * *d0;
        *x1 = (*x1 - s[1] - *x0 * *a1) * *d1;
        *x2 = (*x2 - s[2] - *x0 * *a2 - *x1 * *b2) * *d2;
        *x3 = (*x3 - s[3] - *x0 * *a3 - *x1 * *b3 - *x2 * *c3) * *d3;
        j += 4;
    }
    while j < row.len() {
        let (done, rest) = row.split_at_mut_checked(j)?;
        let (reciprocal, entries) = rows.next()?.split_last()?;
        let x = rest.first_mut()?;
        *x = (*x - real::dot(done, entries)) * *reciprocal;
        j += 1;
    }
    let left = *pivot - real::dot(row, row);
    if left > floor {
        *pivot = R::ONE / left.sqrt();
        Some(())
    } else {
        None
    }
}

type Halves<'a, R> = (&'a [R], &'a [R]);

#[inline]
fn split4<R>(rows: [&[R]; 4], at: usize) -> Option<[Halves<'_, R>; 4]> {
    let [a, b, c, d] = rows;
    Some([
        a.split_at_checked(at)?,
        b.split_at_checked(at)?,
        c.split_at_checked(at)?,
        d.split_at_checked(at)?,
    ])
}

/// Appends row `n` to a packed factor of `n` rows: the correlations to the rows before it, which `write`
/// writes, and `1 + noise` on the diagonal. False if the pivot is too small.
///
/// Two floors keep variances meaningful. A pivot is the variance of an observation given those before
/// it. If it is not well above what rounding leaves of the diagonal, it is noise. And were the kernel
/// positive semi-definite, it would be at least `noise`; below half of that the latent variance is
/// clearly negative, the inverse has no bound, and the likelihood may like that by accident.
pub(super) fn append<R: Real>(
    factor: &mut [R],
    n: usize,
    noise: R,
    write: impl FnOnce(&mut [R]),
) -> bool {
    let Some((above, rest)) = factor.split_at_mut_checked(triangle(n)) else { return false };
    let Some(row) = rest.get_mut(..n + 1) else { return false };
    let diagonal = R::ONE + noise;
    if let Some((last, row)) = row.split_last_mut() {
        write(row);
        *last = diagonal;
    }
    let rounding = R::from_f64(4.0) * R::EPSILON * R::from_usize(n + 8) * diagonal;
    next_row(above, row, rounding.max(R::HALF * noise)).is_some()
}

/// Factors the matrix of `n` observations row after row; `write` writes the correlations of a row to those
/// before it. On failure the row at which it failed.
pub(super) fn factor<R: Real>(
    factor: &mut [R],
    n: usize,
    noise: R,
    mut write: impl FnMut(usize, &mut [R]),
) -> Result<(), usize> {
    match (0..n).find(|&i| !append(factor, i, noise, |row| write(i, row))) {
        None => Ok(()),
        Some(i) => Err(i),
    }
}

/// Sum of the logarithms of the stored (reciprocal) diagonal: minus half the log determinant.
pub(super) fn sum_of_log_diagonal<R: Real>(factor: &[R], n: usize) -> R {
    Rows::of_factor(factor, 0)
        .take(n)
        .filter_map(|row| row.last())
        .fold(R::ZERO, |s, &reciprocal| s + reciprocal.ln())
}

/// Solves `L x = b` in place.
pub(super) fn forward<R: Real>(factor: &[R], x: &mut [R]) {
    for (i, row) in (0..x.len()).zip(Rows::of_factor(factor, 0)) {
        let (Some((reciprocal, entries)), Some((done, rest))) =
            (row.split_last(), x.split_at_mut_checked(i))
        else {
            return;
        };
        if let Some(x) = rest.first_mut() {
            *x = (*x - real::dot(entries, done)) * *reciprocal;
        }
    }
}

/// Solves `L^T x = b` in place.
pub(super) fn backward<R: Real>(factor: &[R], x: &mut [R]) {
    let mut rest = factor.get(..triangle(x.len())).unwrap_or(&[]);
    let mut x = x;
    while let Some((last, before)) = x.split_last_mut() {
        let Some((above, row)) = rest.split_at_checked(triangle(before.len())) else { return };
        let Some((reciprocal, entries)) = row.split_last() else { return };
        *last *= *reciprocal;
        for (x, &l) in before.iter_mut().zip(entries) {
            *x -= *last * l;
        }
        rest = above;
        x = before;
    }
}

/// Solves `L x = b` in place for `W` right sides at once (lane `w` of every element), for the part of
/// the factor from row and column `first` on. A lane's bits do not depend on `W` or on other lanes.
pub(super) fn forward_lanes<R: Real, const W: usize>(factor: &[R], first: usize, x: &mut [[R; W]]) {
    for (i, row) in (0..x.len()).zip(Rows::of_factor(factor, first)) {
        let (Some((reciprocal, entries)), Some((done, rest))) =
            (row.get(first..).and_then(<[R]>::split_last), x.split_at_mut_checked(i))
        else {
            return;
        };
        let Some(x) = rest.first_mut() else { return };
        let mut s = *x;
        for (&l, done) in entries.iter().zip(done.iter()) {
            for (s, &v) in s.iter_mut().zip(done) {
                *s -= l * v;
            }
        }
        *x = s.map(|s| s * *reciprocal);
    }
}
