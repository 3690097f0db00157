//! The small problem inside a fully-corrective Frank-Wolfe step: weights of the vertices found so far.
//!
//! Minimises b.w + w.H w / 2 over the weights w >= 0 with sum 1. H may be indefinite. From the
//! weights it is given it descends to a local minimiser: Newton steps within the face of positive
//! weights, and where the face has a direction of non-positive curvature, along it to the boundary.
//! Each blocked step removes a vertex, so that it ends.

use crate::real::Real;

/// Most vertices at once.
pub(crate) const MOST: usize = 16;

/// A symmetric matrix over the vertices.
pub(crate) type Gram<R> = [[R; MOST]; MOST];

/// Descends from `w`, all of whose first `count` numbers belong to vertices. Vertices that leave
/// have weight exactly 0 afterwards.
#[cfg_attr(feature = "small", inline(never))]
pub(crate) fn minimise<R: Real>(
    gram: &Gram<R>,
    lower: &mut Gram<R>,
    linear: &[R; MOST],
    count: usize,
    w: &mut [R; MOST],
) {
    if count == 2 {
        segment(gram, linear, w);
        return;
    }
    let mut face = [0usize; MOST];
    let mut size = 0;
    for (to, a) in face.iter_mut().zip(0..count.min(MOST)) {
        *to = a;
        size += 1;
    }
    while size > 1 {
        let Some(leaving) = descend(gram, lower, linear, &face, size, w) else { break };
        w[face[leaving & (MOST - 1)] & (MOST - 1)] = R::ZERO;
        for k in leaving + 1..size {
            face[(k - 1) & (MOST - 1)] = face[k & (MOST - 1)];
        }
        size -= 1;
    }
    // The weights sum to 1 up to rounding; the largest takes the rest.
    let (mut sum, mut largest) = (R::ZERO, 0);
    for a in 0..count.min(MOST) {
        if w[a] > w[largest & (MOST - 1)] {
            largest = a;
        }
    }
    for (a, &w) in w.iter().enumerate().take(count) {
        if a != largest {
            sum += w;
        }
    }
    w[largest & (MOST - 1)] = R::ONE - sum;
}

/// Two vertices: the minimiser on the segment between them, downhill from where the weights are.
fn segment<R: Real>(gram: &Gram<R>, linear: &[R; MOST], w: &mut [R; MOST]) {
    let towards = (linear[1] + gram[1][0] * w[0] + gram[1][1] * w[1])
        - (linear[0] + gram[0][0] * w[0] + gram[0][1] * w[1]);
    let curvature = (gram[0][0] - gram[0][1]) + (gram[1][1] - gram[1][0]);
    let room = if towards < R::ZERO { w[0] } else { w[1] };
    let step = if curvature * room > towards.abs() { towards.abs() / curvature } else { room };
    // The end of the segment is reached exactly.
    let end = step >= room;
    let second = if towards < R::ZERO {
        if end { R::ONE } else { w[1] + step }
    } else if end {
        R::ZERO
    } else {
        w[1] - step
    };
    w[0] = R::ONE - second;
    w[1] = second;
}

/// One step within the face. Returns the place of the weight that became 0 and stopped it, if any.
fn descend<R: Real>(
    gram: &Gram<R>,
    lower: &mut Gram<R>,
    linear: &[R; MOST],
    face: &[usize; MOST],
    size: usize,
    w: &mut [R; MOST],
) -> Option<usize> {
    const MASK: usize = MOST - 1;
    let size = size.min(MOST);
    let vertex = |k: usize| face[k & MASK] & MASK;
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
        let (a, b) = (vertex(k), vertex(l));
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
    } else {
        // (x, 1) with L^T (x, 1) = e has the curvature of the pivot.
        direction[convex & MASK] = R::ONE;
    }
    let top = convex.min(size - 1);
    for k in (1..=top).rev() {
        let x = direction[k & MASK];
        for l in 1..k {
            direction[l & MASK] -= lower[k & MASK][l & MASK] * x;
        }
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
        minimise(&gram, &mut [[f64::NAN; MOST]; MOST], &linear, count, &mut w);
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
