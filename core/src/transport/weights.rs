//! The small problem inside a fully-corrective Frank-Wolfe step: weights of the vertices found so far.
//!
//! Minimises b.w + w.H w / 2 over the weights w >= 0 with sum 1. H may be indefinite. From the
//! weights it is given it descends to a local minimiser: Newton steps within the face of positive
//! weights, and where the face has a direction of non-positive curvature, along it to the boundary.
//! Each blocked step removes a vertex, so that it ends.

use super::lanes::BY_WIDTH;
use crate::real::Real;

/// Most vertices at once.
pub(crate) const MOST: usize = 16;

/// A symmetric matrix over the vertices.
pub(crate) type Gram<R> = [[R; MOST]; MOST];

/// The order of the places where numbers of vertices lie.
pub(crate) type Places = [u8; MOST];

/// The place of vertex `k`.
#[inline(always)]
pub(crate) fn place(places: &Places, k: usize) -> usize {
    usize::from(places[k & (MOST - 1)]) & (MOST - 1)
}

/// Descends from the weights `w` of the vertices in the first `count` places. Vertices that leave have
/// weight exactly 0 afterwards.
#[cfg_attr(feature = "small", inline(never))]
pub(crate) fn minimise<R: Real>(
    gram: &Gram<R>,
    lower: &mut Gram<R>,
    linear: &[R; MOST],
    places: &Places,
    count: usize,
    w: &mut [R; MOST],
) {
    if count == 2 {
        segment(gram, linear, [place(places, 0), place(places, 1)], w);
        return;
    }
    let (mut face, mut size) = (*places, count);
    while size > 1 {
        let leaving = match size {
            3 if BY_WIDTH => descend(gram, lower, linear, &face, 3, w),
            4 if BY_WIDTH => descend(gram, lower, linear, &face, 4, w),
            _ => descend(gram, lower, linear, &face, size, w),
        };
        let Some(leaving) = leaving else { break };
        w[place(&face, leaving)] = R::ZERO;
        for k in leaving + 1..size {
            face[(k - 1) & (MOST - 1)] = face[k & (MOST - 1)];
        }
        size -= 1;
    }
    // The weights sum to 1 up to rounding; the largest takes the rest.
    let mut largest = place(&face, 0);
    for k in 1..size {
        let k = place(&face, k);
        if w[k] > w[largest] {
            largest = k;
        }
    }
    let mut sum = R::ZERO;
    for k in 0..size {
        let k = place(&face, k);
        if k != largest {
            sum += w[k];
        }
    }
    w[largest] = R::ONE - sum;
}

/// Two vertices: the minimiser on the segment between them, downhill from where the weights are.
fn segment<R: Real>(gram: &Gram<R>, linear: &[R; MOST], [a, b]: [usize; 2], w: &mut [R; MOST]) {
    let (a, b) = (a & (MOST - 1), b & (MOST - 1));
    let towards = (linear[b] + gram[b][a] * w[a] + gram[b][b] * w[b])
        - (linear[a] + gram[a][a] * w[a] + gram[a][b] * w[b]);
    let curvature = (gram[a][a] - gram[a][b]) + (gram[b][b] - gram[b][a]);
    let room = if towards < R::ZERO { w[a] } else { w[b] };
    let step = if curvature * room > towards.abs() { towards.abs() / curvature } else { room };
    // The end of the segment is reached exactly.
    let end = step >= room;
    let second = if towards < R::ZERO {
        if end { R::ONE } else { w[b] + step }
    } else if end {
        R::ZERO
    } else {
        w[b] - step
    };
    w[a] = R::ONE - second;
    w[b] = second;
}

/// Solves L^T x = `x` for what belongs to the first `size` vertices.
#[inline(always)]
fn back<R: Real>(lower: &Gram<R>, x: &mut [R; MOST], size: usize) {
    for k in (1..size).rev() {
        let k = k & (MOST - 1);
        for l in 1..k {
            x[l] -= lower[k][l] * x[k];
        }
    }
}

/// One step within the face. Returns which weight became 0 and stopped it, if any. Inlined, so that few
/// vertices need no loops.
#[inline(always)]
fn descend<R: Real>(
    gram: &Gram<R>,
    lower: &mut Gram<R>,
    linear: &[R; MOST],
    face: &Places,
    size: usize,
    w: &mut [R; MOST],
) -> Option<usize> {
    const MASK: usize = MOST - 1;
    let size = size.min(MOST);
    let vertex = |k: usize| place(face, k);
    let first = vertex(0);
    // Gradient and Hessian in the weights of all but the first vertex, which takes the rest.
    let mut slope = [R::ZERO; MOST];
    let mut base = R::ZERO;
    for (k, slope) in slope.iter_mut().enumerate().take(size) {
        let a = vertex(k);
        let mut g = linear[a];
        for l in 0..size {
            g += gram[a][vertex(l)] * w[vertex(l)];
        }
        if k == 0 {
            base = g;
        }
        *slope = g - base;
    }
    let hessian = |k: usize, l: usize| {
        let (a, b, first) = (vertex(k), vertex(l), first & MASK);
        (gram[a][b] - gram[a][first]) + (gram[first][first] - gram[first][b])
    };
    let mut scale = R::ZERO;
    for k in 1..size {
        scale = scale.max(hessian(k, k).abs());
    }
    let tiny = R::from_usize(64) * R::EPSILON * scale;
    // L D L^T of the leading part; `lower` row k holds L, `pivot` D.
    let mut pivot = [R::ZERO; MOST];
    let mut direction = [R::ZERO; MOST];
    let mut convex = size;
    for k in 1..size {
        let mut d = hessian(k, k);
        for l in 1..k {
            let mut x = hessian(k, l);
            for q in 1..l {
                x -= lower[k][q] * pivot[q] * lower[l][q];
            }
            lower[k][l] = x / pivot[l];
            d -= x * lower[k][l];
        }
        pivot[k] = d;
        if d <= tiny {
            convex = k;
            break;
        }
    }
    if convex == size {
        // Newton: solve L D L^T x = -slope.
        for k in 1..size {
            let mut x = -slope[k];
            for l in 1..k {
                x -= lower[k][l] * direction[l];
            }
            direction[k] = x;
        }
        for k in 1..size {
            direction[k] /= pivot[k];
        }
        back(lower, &mut direction, size);
    } else {
        // (x, 1) with L^T (x, 1) = e has the curvature of the pivot.
        direction[convex & MASK] = R::ONE;
        back(lower, &mut direction, convex + 1);
    }
    let mut sum = R::ZERO;
    let mut descent = R::ZERO;
    for k in 1..size {
        sum += direction[k];
        descent += direction[k] * slope[k];
    }
    direction[0] = -sum;
    if convex != size && descent > R::ZERO {
        direction.iter_mut().for_each(|d| *d = -*d);
    }
    let mut step = if convex == size { R::ONE } else { R::INFINITY };
    let mut blocked = None;
    for k in 0..size {
        let (d, w) = (direction[k], w[vertex(k)]);
        if d < R::ZERO && w < -(step * d) {
            step = w / -d;
            blocked = Some(k);
        }
    }
    for k in 0..size {
        let w = &mut w[vertex(k)];
        *w = (*w + step * direction[k]).max(R::ZERO);
    }
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a grid of weights no neighbour of the result is better than it by more than rounding.
    fn is_local_minimum(count: usize, seed: u64) {
        let number =
            |k: u64| (super::super::starts::mix(seed * 1000 + k) >> 40) as f64 / 16_777_216.0 - 0.5;
        let (mut gram, mut linear) = ([[0.0f64; MOST]; MOST], [0.0f64; MOST]);
        for (a, (row, linear)) in gram.iter_mut().zip(&mut linear).enumerate() {
            *linear = number(a as u64);
            for (b, x) in row.iter_mut().enumerate() {
                let place = a.min(b) * MOST + a.max(b) + 100;
                *x = number(place as u64) + if a == b { 0.3 } else { 0.0 };
            }
        }
        let value = |w: &[f64; MOST]| {
            (0..count)
                .map(|a| {
                    let g: f64 = (0..count).map(|b| gram[a][b] * w[b]).sum();
                    w[a] * (linear[a] + 0.5 * g)
                })
                .sum::<f64>()
        };
        let mut w = [0.0; MOST];
        w.iter_mut().take(count).for_each(|w| *w = 1.0 / count as f64);
        let before = value(&w);
        let places = core::array::from_fn(|k| k as u8);
        minimise(&gram, &mut [[f64::NAN; MOST]; MOST], &linear, &places, count, &mut w);
        assert!(w.iter().all(|&x| x >= 0.0) && (w.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let after = value(&w);
        assert!(after <= before + 1e-15);
        for a in (0..count).filter(|&a| w[a] > 0.0) {
            for b in (0..count).filter(|&b| w[b] > 0.0 && b != a) {
                let mut near = w;
                let step = 1e-4f64.min(w[a]);
                near[a] -= step;
                near[b] += step;
                assert!(value(&near) >= after - 1e-14, "{count} {seed}: {a} to {b}");
            }
        }
    }

    #[test]
    fn weights_reach_a_local_minimum_of_their_face() {
        for count in 1..=8 {
            (0..200).for_each(|seed| is_local_minimum(count, seed));
        }
    }
}
