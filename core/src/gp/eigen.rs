//! Eigenvalues and eigenvectors of a symmetric matrix.

use crate::real::Real;
use crate::rows::InRows;

/// Sweeps over all pairs, at most; convergence is quadratic, so about ten are enough for any size.
const SWEEPS: u32 = 40;

/// Replaces `vectors` (n x n) by the eigenvectors of `matrix` (n x n, symmetric), one in each row, and the
/// diagonal of `matrix` by the eigenvalues in the same order. Cyclic Jacobi rotations: O(n^3) a sweep, and no
/// other method is as exact for eigenvalues near 0. False if it did not converge.
pub(super) fn decompose<R: Real>(matrix: &mut [R], vectors: &mut [R], n: usize) -> bool {
    let entry = |m: &[R], i: usize, j: usize| m.get(i * n + j).copied().unwrap_or(R::ZERO);
    for (i, row) in vectors.in_rows_mut(n).enumerate() {
        row.fill(R::ZERO);
        if let Some(x) = row.get_mut(i) {
            *x = R::ONE;
        }
    }
    for _ in 0..SWEEPS {
        let mut largest = R::ZERO;
        for p in 0..n {
            for q in p + 1..n {
                let (off, a, b) = (entry(matrix, p, q), entry(matrix, p, p), entry(matrix, q, q));
                // Below this a rotation changes nothing that counts beside the unit diagonal.
                if off.abs() <= R::HALF * R::EPSILON {
                    continue;
                }
                largest = largest.max(off.abs());
                // The smaller of the two angles that make the entry 0.
                let theta = (b - a) / (off + off);
                let root = theta.abs() + (theta * theta + R::ONE).sqrt();
                let tangent = if theta < R::ZERO { -R::ONE / root } else { R::ONE / root };
                let cosine = R::ONE / (tangent * tangent + R::ONE).sqrt();
                let sine = tangent * cosine;
                let turn = |x: &mut R, y: &mut R| {
                    (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
                };
                rotate_rows(matrix, n, p, q, turn);
                for row in matrix.in_rows_mut(n) {
                    if let Some((head, tail)) = row.split_at_mut_checked(q)
                        && let (Some(x), Some(y)) = (head.get_mut(p), tail.first_mut())
                    {
                        turn(x, y);
                    }
                }
                rotate_rows(vectors, n, p, q, turn);
            }
        }
        if largest <= R::ZERO {
            return true;
        }
    }
    false
}

/// Turns rows `p` < `q` of a square matrix.
fn rotate_rows<R: Real>(m: &mut [R], n: usize, p: usize, q: usize, turn: impl Fn(&mut R, &mut R)) {
    if let Some((head, tail)) = m.split_at_mut_checked(q * n)
        && let Some(first) = head.get_mut(p * n..(p + 1) * n)
    {
        first.iter_mut().zip(tail).for_each(|(x, y)| turn(x, y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn vectors_and_values_make_the_matrix_again(
            n in 1usize..9,
            numbers in prop::collection::vec(-1.0f64..1.0, 64),
        ) {
            let at = |i: usize, j: usize| if i == j { 1.0 } else { numbers[i.min(j) * 8 + i.max(j)] };
            let whole: Vec<f64> = (0..n * n).map(|k| at(k / n, k % n)).collect();
            let (mut m, mut v) = (whole.clone(), vec![f64::NAN; n * n]);
            prop_assert!(decompose(&mut m, &mut v, n));
            for i in 0..n {
                for j in 0..n {
                    let unit: f64 = (0..n).map(|k| v[i * n + k] * v[j * n + k]).sum();
                    prop_assert!((unit - f64::from(u8::from(i == j))).abs() < 1e-13);
                    let again: f64 = (0..n).map(|k| m[k * n + k] * v[k * n + i] * v[k * n + j]).sum();
                    prop_assert!((again - at(i, j)).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn equal_eigenvalues_and_single_precision() {
        let n = 24;
        // All entries equal: one eigenvalue n, the others 0.
        let (mut m, mut v) = (vec![1.0f32; n * n], vec![0.0; n * n]);
        assert!(decompose(&mut m, &mut v, n));
        let mut values: Vec<f32> = (0..n).map(|k| m[k * n + k]).collect();
        values.sort_by(f32::total_cmp);
        // n roundings of numbers as large as the norm.
        let tolerance = (n * n) as f32 * f32::EPSILON;
        assert!((values[n - 1] - n as f32).abs() < tolerance);
        assert!(values[n - 2].abs() < tolerance && values[0].abs() < tolerance);
    }
}
