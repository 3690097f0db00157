//! Masses as whole numbers of equal units, so that it is known without a tolerance when a supply is used up.

use super::lanes::set;
use crate::error::Error;
use crate::real::Real;

/// What one unit is worth and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Units<R> {
    /// As many rows as columns, one unit each: the transport problem is an assignment problem.
    Assignment,
    /// Whole numbers on both sides that sum to this.
    Total(R),
}

/// All equal, or not given: every mass counts as 1/n.
pub(crate) fn is_uniform<R: Real>(masses: Option<&[R]>) -> bool {
    masses.is_none_or(|p| p.windows(2).all(|w| matches!(w, [a, b] if a == b)))
}

/// Refuses masses that are not a distribution over `n` points.
pub(crate) fn check<R: Real>(masses: Option<&[R]>, n: usize) -> Result<(), Error> {
    let Some(p) = masses else { return Ok(()) };
    if p.len() != n {
        return Err(Error::DimensionMismatch);
    }
    let off = crate::real::sum(p) - R::ONE;
    // Almost always all is well, and that is known without a branch for each mass.
    if off.abs() <= R::MASS_TOLERANCE && p.iter().fold(true, |well, &x| well & (x >= R::ZERO)) {
        return Ok(());
    }
    if p.iter().any(|x| !x.is_finite()) {
        return Err(Error::MassNotFinite);
    }
    if p.iter().any(|&x| x < R::ZERO) {
        return Err(Error::NegativeMass);
    }
    Err(Error::MassSum)
}

/// Refuses a setting that is not finite and positive.
pub(crate) fn check_setting<R: Real>(x: R) -> Result<(), Error> {
    if x.is_finite() && x > R::ZERO { Ok(()) } else { Err(Error::InvalidSetting) }
}

/// Divides both sides into units. `rows` and `columns` have the lengths of the sides.
pub(crate) fn divide<R: Real>(
    row_masses: Option<&[R]>,
    column_masses: Option<&[R]>,
    rows: &mut [R],
    columns: &mut [R],
) -> Units<R> {
    let (n, m) = (rows.len(), columns.len());
    let uniform = is_uniform(row_masses) && is_uniform(column_masses);
    if uniform && n == m {
        rows.fill(R::ONE);
        columns.fill(R::ONE);
        return Units::Assignment;
    }
    let least = n / gcd(n, m).max(1) * m;
    if uniform && R::from_usize(least) <= R::MASS_UNITS {
        let g = gcd(n, m).max(1);
        rows.fill(R::from_usize(m / g));
        columns.fill(R::from_usize(n / g));
        return Units::Total(R::from_usize(least));
    }
    quantise(row_masses, rows);
    quantise(column_masses, columns);
    Units::Total(R::MASS_UNITS)
}

/// Rounds each mass to units and gives what is then missing or too much to the largest.
fn quantise<R: Real>(masses: Option<&[R]>, units: &mut [R]) {
    // The last digit of a number as large as `whole` is worth 1: adding it rounds.
    let whole = R::ONE / R::EPSILON;
    match masses {
        // Masses were checked. Of others no number may come that keeps the loop below alive.
        Some(p) => units.iter_mut().zip(p).for_each(|(u, &p)| {
            *u = R::ZERO.max((p * R::MASS_UNITS + whole) - whole).min(R::MASS_UNITS);
        }),
        None => units.fill((R::MASS_UNITS / R::from_usize(units.len().max(1)) + whole) - whole),
    }
    let mut missing = R::MASS_UNITS - crate::real::sum(units);
    // One round, unless so many points share the mass that the largest holds less than is too much. Then it
    // is left with nothing: there are not more rounds than points.
    while missing != R::ZERO {
        let old = units.iter().fold(R::ZERO, |most, &u| most.max(u));
        let largest = units.iter().position(|&u| u == old).unwrap_or_default();
        let change = missing.max(-old);
        if change == R::ZERO {
            return;
        }
        set(units, largest, old + change);
        missing -= change;
    }
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact<R: Real>() {
        let third = R::ONE / R::from_f64(3.0);
        let p = [third, R::ZERO, R::ONE - third - third, third];
        let (mut a, mut b) = ([R::ZERO; 4], [R::ZERO; 5]);
        assert_eq!(divide(Some(&p), None, &mut a, &mut b), Units::Total(R::MASS_UNITS));
        let total = |u: &[R]| u.iter().fold(R::ZERO, |s, &x| s + x);
        assert!(total(&a) == R::MASS_UNITS && total(&b) == R::MASS_UNITS);
        assert!(a[1] == R::ZERO && a.iter().chain(&b).all(|x| x.round() == *x && *x >= R::ZERO));
    }

    #[test]
    fn both_sides_sum_to_the_same_number_of_units() {
        exact::<f64>();
        exact::<f32>();
        // More points than there are units for them to share evenly.
        let mut many = vec![0.0f32; 1 << 16];
        quantise(None, &mut many);
        assert_eq!(many.iter().map(|&x| f64::from(x)).sum::<f64>(), f64::from(f32::MASS_UNITS));
    }

    #[test]
    fn damaged_masses_have_an_end() {
        for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, f64::MAX, -3.0, 7.0, 0.0] {
            for other in [0.25, -f64::MAX, f64::INFINITY, f64::NAN] {
                let mut units = [0.0; 3];
                quantise(Some(&[bad, 0.5, other]), &mut units);
                assert!(units.iter().all(|&u| u >= 0.0 && u.round() == u), "{bad} {other} {units:?}");
                assert_eq!(units.iter().sum::<f64>(), f64::MASS_UNITS);
            }
        }
    }

    #[test]
    fn uniform_masses_use_the_least_common_multiple() {
        let (mut a, mut b) = ([0.0f64; 6], [0.0; 4]);
        assert_eq!(divide(None, Some(&[0.25; 4]), &mut a, &mut b), Units::Total(12.0));
        assert_eq!((a, b), ([2.0; 6], [3.0; 4]));
        assert_eq!(divide::<f64>(None, None, &mut [0.0; 3], &mut [0.0; 3]), Units::Assignment);
    }
}
