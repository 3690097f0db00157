//! Proofs of global optimality: `Effort::Exact`.

mod problems;

use hotnas_core::transport::gromov::{self, Effort, GromovProblem, GromovSettings, Pairing, Solution};
use problems::{Case, Draw, Memory, vectors};

/// What must hold whatever was proved.
fn sound(case: &Case, pairing: Pairing, solution: &Solution<f64>, plan: &[f64]) {
    let name = format!("{pairing:?} {}", case.number);
    let (n, m) = (case.rows, case.columns);
    assert!((case.objective(pairing, plan) - solution.value).abs() < 1e-12, "{name}");
    for i in 0..n {
        let sum: f64 = plan[i * m..(i + 1) * m].iter().sum();
        assert!((sum - case.row_masses[i]).abs() < 1e-12, "{name}");
    }
    for j in 0..m {
        let sum: f64 = (0..n).map(|i| plan[i * m + j]).sum();
        assert!((sum - case.column_masses[j]).abs() < 1e-12, "{name}");
    }
    assert!(plan.iter().all(|&x| x >= 0.0), "{name}");
    assert!(case.allows(solution), "{name}");
}

#[test]
fn vectors_are_proved_and_nothing_contradicts_them() {
    let limits = [(Pairing::Ordered, 300), (Pairing::Full, 300), (Pairing::Flow, 100)];
    for (pairing, nodes) in limits {
        let (mut middle, mut proved) = (0, 0);
        for case in vectors(pairing) {
            let size = case.rows.max(case.columns);
            let nodes = if size > 8 { 20 } else { nodes };
            let (solution, plan) = case.solve::<f64>(pairing, 1e-3, nodes);
            sound(&case, pairing, &solution, &plan);
            assert!(solution.nodes <= nodes);
            if size <= 5 {
                assert!(solution.proved_optimal, "{pairing:?} {}", case.number);
            } else if size <= 8 {
                middle += 1;
                proved += usize::from(solution.proved_optimal);
            }
        }
        assert!(proved * 100 >= middle * 97, "{pairing:?}: {proved} of {middle}");
    }
}

#[test]
fn a_smaller_gap_is_proved_too() {
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        let mut counts = (0, 0);
        for case in vectors(pairing).iter().filter(|case| case.rows.max(case.columns) <= 4) {
            let (solution, plan) = case.solve::<f64>(pairing, 1e-5, 300);
            sound(case, pairing, &solution, &plan);
            counts = (counts.0 + 1, counts.1 + usize::from(solution.proved_optimal));
        }
        assert!(counts.1 * 10 >= counts.0 * 9, "{pairing:?} {counts:?}");
    }
}

#[test]
fn single_precision_claims_nothing_false() {
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        let (mut count, mut proved) = (0, 0);
        for case in vectors(pairing).iter().filter(|case| case.rows.max(case.columns) <= 6) {
            let (solution, plan) = case.solve::<f32>(pairing, 1e-3, 50);
            // Costs and masses are rounded to single precision on the way in.
            assert!(f64::from(solution.lower_bound) <= case.best + 2e-6, "{pairing:?} {}", case.number);
            let plan: Vec<f64> = plan.iter().map(|&x| f64::from(x)).collect();
            let value = case.objective(pairing, &plan);
            assert!((value - f64::from(solution.value)).abs() < 1e-5);
            if solution.proved_optimal {
                assert!(f64::from(solution.value) <= case.best * 1.001 + 1e-5);
            }
            count += 1;
            proved += usize::from(solution.proved_optimal);
        }
        assert!(proved * 2 > count, "{pairing:?}: {proved} of {count}");
    }
}

#[test]
fn two_by_two_has_a_closed_form() {
    let mut draw = Draw(1);
    for k in 0..150 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let mut case = draw.case(2, 2, pairing, false);
        let (p, q) = (case.row_masses[0], case.column_masses[0]);
        let value = |t: f64| case.objective(pairing, &[t, p - t, q - t, 1.0 - p - q + t]);
        let (low, high) = ((p + q - 1.0).max(0.0), p.min(q));
        // A parabola in t through three values.
        let (a, b, c) = (value(low), value(0.5 * (low + high)), value(high));
        let bend = 2.0 * (a - 2.0 * b + c);
        let slope = -3.0 * a + 4.0 * b - c;
        let mut best = a.min(c);
        if bend > 0.0 {
            best = best.min(value(low + (high - low) * (-slope / (2.0 * bend)).clamp(0.0, 1.0)));
        }
        case.best = best;
        case.certified = true;
        let (solution, plan) = case.solve::<f64>(pairing, 1e-4, 500);
        sound(&case, pairing, &solution, &plan);
        assert!(solution.proved_optimal && solution.value <= best + 1e-7);
    }
}

#[test]
fn two_by_three_agrees_with_a_grid() {
    let mut draw = Draw(2);
    for k in 0..45 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let mut case = draw.case(2, 3, pairing, false);
        let (p, q) = (&case.row_masses, &case.column_masses);
        for a in 0..=60 {
            for b in 0..=60 {
                let (x, y) = (q[0] * f64::from(a) / 60.0, q[1] * f64::from(b) / 60.0);
                let z = p[0] - x - y;
                if (0.0..=q[2]).contains(&z) {
                    let plan = [x, y, z, q[0] - x, q[1] - y, q[2] - z];
                    case.best = case.best.min(case.objective(pairing, &plan));
                }
            }
        }
        let (solution, plan) = case.solve::<f64>(pairing, 1e-3, 500);
        sound(&case, pairing, &solution, &plan);
        assert!(solution.proved_optimal, "{k}");
    }
}

#[test]
fn no_plan_lies_below_the_bound() {
    let mut draw = Draw(3);
    for k in 0..120 {
        let pairing = [Pairing::Ordered, Pairing::Full, Pairing::Flow][k % 3];
        let (n, m) = (1 + k % 5, 1 + (k / 5) % 4);
        let mut case = draw.case(n, m, pairing, k % 2 == 1);
        let nodes = [1, 5, 100][k % 3];
        // Vertices: rows and columns filled in random orders.
        for _ in 0..200 {
            let (mut p, mut q) = (case.row_masses.clone(), case.column_masses.clone());
            let mut plan = vec![0.0; n * m];
            let mut order: Vec<(f64, usize)> = (0..n * m).map(|e| (draw.next(), e)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, e) in order {
                let x = p[e / m].min(q[e % m]);
                plan[e] = x;
                p[e / m] -= x;
                q[e % m] -= x;
            }
            case.best = case.best.min(case.objective(pairing, &plan));
        }
        let (solution, plan) = case.solve::<f64>(pairing, 1e-3, nodes);
        sound(&case, pairing, &solution, &plan);
    }
}

#[test]
fn easy_problems_need_no_search() {
    let mut draw = Draw(4);
    for pairing in [Pairing::Ordered, Pairing::Full, Pairing::Flow] {
        // One point: one plan.
        let case = draw.case(1, 5, pairing, false);
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal);
        // Linear.
        let mut case = draw.case(4, 5, pairing, false);
        case.lambda = 1.0;
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal);
        // Equal sides.
        let mut case = draw.case(5, 5, pairing, false);
        case.column_costs.clone_from(&case.row_costs);
        case.column_masses.clone_from(&case.row_masses);
        case.cost.iter_mut().enumerate().for_each(|(e, c)| *c = if e % 6 == 0 { 0.0 } else { *c });
        let (solution, _) = case.solve::<f64>(pairing, 1e-9, 1);
        assert!(solution.proved_optimal && solution.value == 0.0 && solution.lower_bound == 0.0);
    }
    // Nothing but a quadratic term: a plan that reverses the order costs nothing.
    let mut case = draw.case(4, 4, Pairing::Ordered, false);
    case.lambda = 0.0;
    let (solution, _) = case.solve::<f64>(Pairing::Ordered, 1e-3, 1);
    assert!(solution.proved_optimal && solution.value.abs() < 1e-15);
    // Costs of any size, masses of 0.
    for scale in [1e-300, 1e-30, 1e250] {
        let mut case = draw.case(3, 4, Pairing::Full, true);
        for costs in [&mut case.cost, &mut case.row_costs, &mut case.column_costs] {
            costs.iter_mut().for_each(|c| *c *= scale);
        }
        let (solution, _) = case.solve::<f64>(Pairing::Full, 1e-3, 200);
        assert!(solution.lower_bound >= 0.0 && solution.lower_bound <= solution.value);
        assert!(solution.proved_optimal, "{scale:e}");
    }
}

#[test]
fn memory_and_settings_are_checked_and_leave_no_trace() {
    let mut draw = Draw(5);
    let case = draw.case(4, 6, Pairing::Full, false);
    let problem = GromovProblem {
        rows: 4,
        columns: 6,
        cost: &case.cost,
        row_costs: &case.row_costs,
        column_costs: &case.column_costs,
        row_masses: Some(&case.row_masses),
        column_masses: None,
    };
    let mut settings = GromovSettings::new(0.2, Pairing::Full, Effort::Exact);
    settings.proof_gap = 1e-4;
    let need = gromov::workspace(4, 6, Effort::Exact);
    let run = |fill: f64| {
        let mut memory = Memory::<f64>::of(need);
        memory.reals.fill(fill);
        memory.words.fill(fill as u32);
        let mut plan = [0.0; 24];
        let solution = gromov::solve(&problem, &settings, Some(&mut plan), memory.arena()).unwrap();
        (solution, plan)
    };
    let first = run(0.0);
    assert!(first.0.nodes > 0 && first.0.proved_optimal);
    assert_eq!(first, run(f64::NAN));
    assert_eq!(first, run(1e300));
    let mut memory = Memory::<f64>::of(gromov::workspace(4, 6, Effort::Fast));
    let refused = gromov::solve(&problem, &settings, None, memory.arena());
    assert_eq!(refused.unwrap_err(), hotnas_core::Error::MemoryTooSmall);
    let mut memory = Memory::<f64>::of(need);
    for gap in [-1.0, 1.0, f64::NAN] {
        let settings = GromovSettings { proof_gap: gap, ..settings };
        let refused = gromov::solve(&problem, &settings, None, memory.arena());
        assert_eq!(refused.unwrap_err(), hotnas_core::Error::InvalidSetting);
    }
    // Without nodes: the answer of `Thorough`.
    let settings = GromovSettings { nodes: 0, ..settings };
    let none = gromov::solve(&problem, &settings, None, memory.arena()).unwrap();
    let settings = GromovSettings { effort: Effort::Thorough, ..settings };
    assert_eq!(none, gromov::solve(&problem, &settings, None, memory.arena()).unwrap());
}
