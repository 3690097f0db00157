/* Transport on plain matrices: closed forms, duals as proof, what is refused. */
#include "check.h"

static lent scratch;
static hotnas_workspace workspace;

static hotnas_transport_problem problem_of(size_t rows, size_t columns, const hotnas_real *cost) {
    hotnas_transport_problem problem;
    memset(&problem, 0, sizeof problem);
    problem.rows = rows;
    problem.columns = columns;
    problem.cost = cost;
    return problem;
}

/* Nothing is written when a problem is refused. */
static void refuse(int32_t expected, const hotnas_transport_problem *problem) {
    hotnas_transport_report report;
    hotnas_real plan[16], u[4], v[4];
    pattern_fill(plan, sizeof plan);
    pattern_fill(u, sizeof u);
    pattern_fill(v, sizeof v);
    EXPECT_UNTOUCHED(expected, report, hotnas_transport_solve_exact(problem, &workspace, &report, plan, u, v));
    CHECK(pattern_is(plan, sizeof plan) && pattern_is(u, sizeof u) && pattern_is(v, sizeof v));
}

static void bad_problems(void) {
    static const hotnas_real good[4] = {0, 1, 1, 0}, half[2] = {REAL(0.5), REAL(0.5)};
    static const hotnas_real negative[2] = {REAL(1.5), REAL(-0.5)}, sum[2] = {REAL(0.5), REAL(0.25)};
    hotnas_real odd[4] = {0, 1, 1, 0}, plan[4], u[2];
    hotnas_transport_problem problem = problem_of(2, 2, good);
    hotnas_transport_report report;
    hotnas_workspace small;
    size_t size = hotnas_transport_exact_workspace_size(2, 2);
    problem.cost = NULL;
    refuse(HOTNAS_STATUS_NULL, &problem);
    refuse(HOTNAS_STATUS_NULL, NULL);
    problem = problem_of(0, 2, good);
    refuse(HOTNAS_STATUS_DIMENSION_MISMATCH, &problem);
    problem = problem_of(2, 0, good);
    refuse(HOTNAS_STATUS_DIMENSION_MISMATCH, &problem);
    problem = problem_of(SIZE_MAX, SIZE_MAX, good);
    refuse(HOTNAS_STATUS_SIZE_OVERFLOW, &problem);
    problem = problem_of(SIZE_MAX / 2, 1, good);
    refuse(HOTNAS_STATUS_SIZE_OVERFLOW, &problem);
    problem = problem_of(2, 2, (const hotnas_real *)(const void *)((const char *)odd + 1));
    refuse(HOTNAS_STATUS_MISALIGNED, &problem);
    problem = problem_of(2, 2, odd);
    odd[2] = not_a_number();
    refuse(HOTNAS_STATUS_NOT_FINITE, &problem);
    odd[2] = infinity_();
    refuse(HOTNAS_STATUS_NOT_FINITE, &problem);
    odd[2] = -infinity_();
    refuse(HOTNAS_STATUS_NOT_FINITE, &problem);
    problem = problem_of(2, 2, good);
    problem.row_masses = negative;
    refuse(HOTNAS_STATUS_NEGATIVE_MASS, &problem);
    problem.row_masses = half;
    problem.column_masses = sum;
    refuse(HOTNAS_STATUS_MASS_SUM, &problem);
    odd[0] = odd[1] = not_a_number();
    problem.column_masses = odd;
    refuse(HOTNAS_STATUS_MASS_NOT_FINITE, &problem);
    problem.column_masses = NULL;
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_exact(&problem, NULL, &report, plan, NULL, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_exact(&problem, &workspace, NULL, plan, NULL, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report,
                     hotnas_transport_solve_exact(&problem, &workspace, &report, plan, u, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report,
                     hotnas_transport_solve_exact(&problem, &workspace, &report, plan, NULL, u));
    memset(&small, 0, sizeof small);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, report,
                     hotnas_transport_solve_exact(&problem, &small, &report, plan, NULL, NULL));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, report,
                     hotnas_transport_solve_exact(&problem, &small, &report, plan, NULL, NULL));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_transport_solve_exact(&problem, &small, &report, NULL, NULL, NULL));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(hotnas_transport_exact_workspace_size(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
    CHECK(hotnas_transport_exact_workspace_size(SIZE_MAX / 2, 2) == SIZE_MAX);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

/* Potentials of whatever origin lead to the same cost, and are replaced by ones that prove it. */
static void warm_starts(void) {
    int trial;
    for (trial = 0; trial < 30; trial++) {
        size_t n = 1 + random_word() % 8, i, j;
        hotnas_real cost[64], plan[64], u[8], v[8], starts[4][8], proof;
        hotnas_transport_problem problem = problem_of(n, n, cost);
        hotnas_transport_report cold, warm;
        int s;
        for (i = 0; i < n * n; i++) cost[i] = random_real() - REAL(0.5);
        EXPECT(OK, hotnas_transport_solve_exact(&problem, &workspace, &cold, plan, u, v));
        memcpy(starts[0], v, sizeof v);
        for (j = 0; j < n; j++) {
            starts[1][j] = 0;
            starts[2][j] = random_real();
            starts[3][j] = random_word() % 2 ? REAL(1e30) : REAL(-1e30);
        }
        for (s = 0; s < 4; s++) {
            memcpy(v, starts[s], n * sizeof *v);
            EXPECT(OK, hotnas_transport_solve_warm(&problem, &workspace, &warm, plan, u, v));
            NEAR(warm.cost, cold.cost);
            CHECK(warm.marginal_residual <= TOLERANCE);
            for (proof = 0, i = 0; i < n; i++) {
                proof += (u[i] + v[i]) / (hotnas_real)n;
                for (j = 0; j < n; j++) {
                    CHECK(u[i] + v[j] <= cost[i * n + j] + TOLERANCE);
                    CHECK(plan[i * n + j] == 0 || distance_of(u[i] + v[j], cost[i * n + j]) <= TOLERANCE);
                }
            }
            NEAR(proof, warm.cost);
        }
    }
}

/* What a warm start refuses, it leaves alone. */
static void bad_warm_starts(void) {
    static const hotnas_real cost[4] = {0, 1, 1, 0};
    hotnas_transport_problem problem = problem_of(2, 2, cost);
    hotnas_transport_report report;
    hotnas_real plan[4], u[2], v[2] = {0, 0}, bad[2];
    pattern_fill(plan, sizeof plan);
    pattern_fill(u, sizeof u);
    bad[0] = infinity_();
    bad[1] = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, report,
                     hotnas_transport_solve_warm(&problem, &workspace, &report, plan, u, bad));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report,
                     hotnas_transport_solve_warm(&problem, &workspace, &report, plan, NULL, v));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report,
                     hotnas_transport_solve_warm(&problem, &workspace, &report, plan, u, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report, hotnas_transport_solve_warm(NULL, &workspace, &report, plan, u, v));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, report, hotnas_transport_solve_warm(&problem, NULL, &report, plan, u, v));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_warm(&problem, &workspace, NULL, plan, u, v));
    problem.rows = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, report,
                     hotnas_transport_solve_warm(&problem, &workspace, &report, plan, u, v));
    CHECK(pattern_is(plan, sizeof plan) && pattern_is(u, sizeof u) && v[0] == 0 && v[1] == 0);
}

/* On a line, the cost is the integral of the difference of the distribution functions. */
static void on_a_line(void) {
    int trial;
    for (trial = 0; trial < 30; trial++) {
        size_t n = 1 + random_word() % 8, m = 1 + random_word() % 8, i, j;
        hotnas_real x[8], y[8], p[8], q[8], cost[64], plan[64], u[8], v[8], total = 0, expected = 0;
        hotnas_real rows = 0, proof = 0, at = 0;
        hotnas_transport_problem problem;
        hotnas_transport_report report, again;
        for (i = 0; i < n; i++) total += p[i] = random_real() + REAL(0.01);
        for (i = 0; i < n; i++) p[i] /= total;
        for (total = 0, j = 0; j < m; j++) total += q[j] = random_real() + REAL(0.01);
        for (j = 0; j < m; j++) q[j] /= total;
        for (i = 0; i < n; i++) x[i] = (at += random_real());
        for (at = 0, j = 0; j < m; j++) y[j] = (at += random_real());
        for (i = 0; i < n; i++)
            for (j = 0; j < m; j++) cost[i * m + j] = distance_of(x[i], y[j]);
        for (i = j = 0, at = 0, total = 0; i < n || j < m;) {
            hotnas_real next = j == m || (i < n && x[i] < y[j]) ? x[i] : y[j];
            expected += (next - at) * distance_of(total, 0);
            at = next;
            if (j == m || (i < n && x[i] < y[j])) total += p[i++];
            else total -= q[j++];
        }
        problem = problem_of(n, m, cost);
        problem.row_masses = p;
        problem.column_masses = q;
        EXPECT(OK, hotnas_transport_solve_exact(&problem, &workspace, &report, plan, u, v));
        NEAR(report.cost, expected);
        CHECK(report.marginal_residual <= TOLERANCE);
        for (i = 0; i < n; i++) {
            for (rows = 0, j = 0; j < m; j++) {
                CHECK(plan[i * m + j] >= 0);
                CHECK(u[i] + v[j] <= cost[i * m + j] + TOLERANCE);
                rows += plan[i * m + j];
            }
            NEAR(rows, p[i]);
            proof += p[i] * u[i];
        }
        for (j = 0; j < m; j++) proof += q[j] * v[j];
        NEAR(proof, report.cost);
        EXPECT(OK, hotnas_transport_solve_exact(&problem, &workspace, &again, NULL, NULL, NULL));
        CHECK(memcmp(&again.cost, &report.cost, sizeof report.cost) == 0);
    }
}

/* Between exact transport and the plan of independent masses. */
static void sinkhorn(void) {
    static const hotnas_real cost[6] = {0, 1, 2, 1, 0, 1}, p[2] = {REAL(0.25), REAL(0.75)};
    static const hotnas_real q[3] = {REAL(0.5), REAL(0.25), REAL(0.25)};
    hotnas_transport_problem problem = problem_of(2, 3, cost);
    hotnas_sinkhorn_settings settings;
    hotnas_sinkhorn_report report;
    hotnas_transport_report exact;
    hotnas_real plan[6], sum = 0, last = -1;
    hotnas_workspace small;
    size_t i, size = hotnas_transport_sinkhorn_workspace_size(2, 3);
    problem.row_masses = p;
    problem.column_masses = q;
    settings.tolerance = TOLERANCE;
    settings.iterations = HOTNAS_DEFAULT_SINKHORN_ITERATIONS;
    EXPECT(OK, hotnas_transport_solve_exact(&problem, &workspace, &exact, NULL, NULL, NULL));
    for (settings.regularisation = 100; settings.regularisation > REAL(0.001); settings.regularisation /= 4) {
        EXPECT(OK, hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, &report, plan));
        CHECK(report.marginal_residual <= settings.tolerance);
        CHECK(report.transport_cost >= exact.cost - TOLERANCE);
        CHECK(last < 0 || report.transport_cost <= last + TOLERANCE);
        last = report.transport_cost;
        for (sum = 0, i = 0; i < 6; i++) sum += plan[i] * cost[i];
        NEAR(sum, report.transport_cost);
    }
    NEAR(last, exact.cost);
    settings.regularisation = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, report,
                     hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, &report, NULL));
    settings.regularisation = not_a_number();
    pattern_fill(&report, sizeof report);
    CHECK(hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, &report, NULL) != OK);
    CHECK(pattern_is(&report, sizeof report));
    settings.regularisation = REAL(0.05);
    settings.iterations = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, report,
                     hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, &report, NULL));
    settings.iterations = 1;
    pattern_fill(plan, sizeof plan);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_CONVERGED, report,
                     hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, &report, plan));
    CHECK(pattern_is(plan, sizeof plan));
    settings.iterations = 1000;
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_sinkhorn(&problem, NULL, &workspace, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_sinkhorn(&problem, &settings, NULL, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_sinkhorn(&problem, &settings, &workspace, NULL, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_sinkhorn(NULL, &settings, &workspace, &report, plan));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, report,
                     hotnas_transport_solve_sinkhorn(&problem, &settings, &small, &report, plan));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_transport_solve_sinkhorn(&problem, &settings, &small, &report, plan));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(hotnas_transport_sinkhorn_workspace_size(SIZE_MAX, 2) == SIZE_MAX);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

/* A side against itself renumbered costs nothing; lambda = 1 is exact transport. */
static void gromov(void) {
    static const hotnas_real within[9] = {0, 1, 4, 1, 0, 2, 4, 2, 0}, swapped[9] = {0, 2, 4, 2, 0, 1, 4, 1, 0};
    static const hotnas_real skew[9] = {0, 1, 4, -1, 0, 2, -4, -2, 0}, cost[9] = {3, 3, 0, 3, 0, 3, 0, 3, 3};
    static const hotnas_real no_cost[9] = {0};
    hotnas_gromov_problem problem;
    hotnas_gromov_settings settings;
    hotnas_solution solution;
    hotnas_transport_problem linear = problem_of(3, 3, within);
    hotnas_transport_report exact;
    hotnas_real plan[9], odd[9] = {0};
    hotnas_workspace small;
    size_t size = hotnas_transport_gromov_workspace_size(3, 3, HOTNAS_EFFORT_FAST);
    memset(&problem, 0, sizeof problem);
    problem.rows = problem.columns = 3;
    problem.cost = cost;
    problem.row_costs = within;
    problem.column_costs = swapped;
    settings.lambda = REAL(0.5);
    settings.gap = sizeof(hotnas_real) == 4 ? REAL(1e-5) : REAL(1e-9);
    settings.pairing = HOTNAS_PAIRING_FULL;
    settings.effort = HOTNAS_EFFORT_FAST;
    settings.iterations = 100;
    settings.proof_gap = HOTNAS_DEFAULT_PROOF_GAP;
    settings.nodes = HOTNAS_DEFAULT_NODES;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, plan));
    NEAR(solution.value, 0);
    NEAR(plan[2], REAL(1.0 / 3));
    NEAR(plan[4], REAL(1.0 / 3));
    CHECK(solution.proved_optimal == 1 && solution.starts > 0);
    settings.lambda = 1;
    problem.cost = within;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, plan));
    EXPECT(OK, hotnas_transport_solve_exact(&linear, &workspace, &exact, NULL, NULL, NULL));
    NEAR(solution.value, exact.cost);
    settings.lambda = 0;
    problem.cost = no_cost;
    settings.pairing = HOTNAS_PAIRING_ORDERED;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    CHECK(solution.value >= 0 && solution.lower_bound <= solution.value);

    settings.pairing = HOTNAS_PAIRING_FLOW; /* wants antisymmetric costs */
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_SYMMETRIC, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    problem.row_costs = problem.column_costs = skew;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    NEAR(solution.value, 0);
    settings.pairing = 3;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    settings.pairing = HOTNAS_PAIRING_FLOW;
    settings.effort = -1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    settings.effort = HOTNAS_EFFORT_FAST;
    settings.lambda = REAL(1.5);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    settings.lambda = not_a_number();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, NULL));
    settings.lambda = REAL(0.5);
    odd[1] = not_a_number();
    problem.cost = odd;
    pattern_fill(plan, sizeof plan);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, plan));
    CHECK(pattern_is(plan, sizeof plan));
    problem.cost = cost;
    problem.row_costs = NULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, plan));
    problem.row_costs = skew;
    problem.rows = SIZE_MAX;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_SIZE_OVERFLOW, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &workspace, &solution, plan));
    problem.rows = 3;
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_gromov(NULL, &settings, &workspace, &solution, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_gromov(&problem, NULL, &workspace, &solution, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_gromov(&problem, &settings, NULL, &solution, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_gromov(&problem, &settings, &workspace, NULL, plan));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, plan));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, plan));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(hotnas_transport_gromov_workspace_size(SIZE_MAX, 2, HOTNAS_EFFORT_FAST) == SIZE_MAX);
    CHECK(hotnas_transport_gromov_workspace_size(3, 3, 3) == SIZE_MAX);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

/* The least of a grid over the plans of two by two, and the proof that it is the least. */
static void proof(void) {
    static const hotnas_real cost[4] = {REAL(0.1), REAL(0.2), REAL(0.3), 0};
    static const hotnas_real left[4] = {0, 1, 1, 0}, right[4] = {0, REAL(0.25), REAL(0.25), 0};
    static const hotnas_real p[2] = {REAL(0.75), REAL(0.25)}, q[2] = {REAL(0.5), REAL(0.5)};
    hotnas_gromov_problem problem;
    hotnas_gromov_settings settings;
    hotnas_solution solution, thorough;
    hotnas_workspace small;
    hotnas_real plan[4], least = 2;
    size_t i, size = hotnas_transport_gromov_workspace_size(2, 2, HOTNAS_EFFORT_EXACT);
    memset(&problem, 0, sizeof problem);
    problem.rows = problem.columns = 2;
    problem.cost = cost;
    problem.row_costs = left;
    problem.column_costs = right;
    problem.row_masses = p;
    problem.column_masses = q;
    memset(&settings, 0, sizeof settings);
    settings.lambda = REAL(0.5);
    settings.gap = REAL(1e-5);
    settings.proof_gap = REAL(1e-3);
    settings.pairing = HOTNAS_PAIRING_FULL;
    settings.effort = HOTNAS_EFFORT_EXACT;
    settings.iterations = HOTNAS_DEFAULT_STEPS;
    settings.nodes = HOTNAS_DEFAULT_NODES;
    settings.prover = hotnas_prover_get();
    for (i = 0; i <= 1000; i++) {
        hotnas_real a = REAL(0.25) + REAL(0.25) * REAL(i) / 1000, b = p[0] - a, c = q[0] - a, d = p[1] - c, value;
        value = a * cost[0] + b * cost[1] + c * cost[2] + d * cost[3];
        /* within the same side: |1 - 1/4|; one end stays: 1 and 1/4 */
        value += 2 * (REAL(0.75) * (a * d + b * c) + a * c + b * d + REAL(0.25) * (a * b + c * d)) / 2;
        value /= 2;
        if (value < least) least = value;
    }
    CHECK(size > hotnas_transport_gromov_workspace_size(2, 2, HOTNAS_EFFORT_THOROUGH));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, plan));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(solution.proved_optimal == 1 && solution.nodes > 0);
    CHECK(solution.value <= least + TOLERANCE && solution.lower_bound <= least + TOLERANCE);
    CHECK(solution.lower_bound <= solution.value && solution.lower_bound >= solution.value * REAL(0.9989));
    settings.prover = NULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, NULL));
    settings.prover = (const hotnas_prover *)(const void *)scratch.words; /* something else */
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, NULL));
    settings.prover = hotnas_prover_get();
    settings.nodes = 0;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, plan));
    settings.effort = HOTNAS_EFFORT_THOROUGH;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &settings, &small, &thorough, plan));
    CHECK(solution.nodes == 0 && solution.value == thorough.value);
    settings.effort = HOTNAS_EFFORT_EXACT;
    settings.proof_gap = 1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, NULL));
    settings.proof_gap = 0;
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, solution,
                     hotnas_transport_solve_gromov(&problem, &settings, &small, &solution, NULL));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

static void entropic_gromov(void) {
    hotnas_real cost[9], a[9], b[9], plan[9], sum = 0;
    hotnas_gromov_problem problem;
    hotnas_gromov_settings exact;
    hotnas_entropic_settings settings, bad;
    hotnas_entropic_report report;
    hotnas_solution solution;
    hotnas_workspace small;
    size_t i, j, size = hotnas_transport_entropic_gromov_workspace_size(3, 3);
    int32_t method;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) {
            cost[i * 3 + j] = random_real();
            a[i * 3 + j] = i < j ? random_real() : i > j ? -a[j * 3 + i] : 0;
            b[i * 3 + j] = i < j ? random_real() : i > j ? -b[j * 3 + i] : 0;
        }
    memset(&problem, 0, sizeof problem);
    problem.rows = problem.columns = 3;
    problem.cost = cost;
    problem.row_costs = a;
    problem.column_costs = b;
    memset(&exact, 0, sizeof exact);
    exact.lambda = HOTNAS_DEFAULT_LAMBDA;
    exact.gap = REAL(1e-4);
    exact.pairing = HOTNAS_PAIRING_FLOW;
    exact.effort = HOTNAS_EFFORT_THOROUGH;
    exact.iterations = 100;
    EXPECT(OK, hotnas_transport_solve_gromov(&problem, &exact, &workspace, &solution, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_entropic_settings_default(1, NULL));
    EXPECT(OK, hotnas_entropic_settings_default(REAL(0.05), &settings));
    CHECK(settings.method == HOTNAS_ENTROPIC_METHOD_PROXIMAL && settings.regularisation == REAL(0.05));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    for (method = HOTNAS_ENTROPIC_METHOD_ENTROPIC; method <= HOTNAS_ENTROPIC_METHOD_PROXIMAL; method++) {
        settings.method = method;
        EXPECT(OK, hotnas_transport_solve_entropic_gromov(&problem, &settings, &small, &report, plan));
        for (sum = 0, i = 0; i < 9; i++) {
            CHECK(plan[i] >= 0);
            sum += plan[i];
        }
        CHECK(distance_of(sum, 1) < REAL(1e-4) && report.marginal_residual < REAL(1e-4));
        CHECK(report.converged == 1 && report.iterations > 0 && report.sweeps > 0);
        CHECK(report.value >= solution.lower_bound - REAL(1e-4) && report.entropic_value < report.value);
    }
    CHECK(lent_surroundings_intact(&scratch, size));
    bad = settings;
    bad.regularisation = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, report,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, NULL));
    bad.regularisation = not_a_number();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, plan,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, plan));
    bad = settings;
    bad.method = 2;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, plan,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, plan));
    bad = settings;
    bad.pairing = -1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, report,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, NULL));
    bad.pairing = HOTNAS_PAIRING_FULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_SYMMETRIC, report,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, NULL));
    bad = settings;
    bad.sweeps = 1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_CONVERGED, plan,
                     hotnas_transport_solve_entropic_gromov(&problem, &bad, &small, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_entropic_gromov(NULL, &settings, &small, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_entropic_gromov(&problem, NULL, &small, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_entropic_gromov(&problem, &settings, NULL, &report, plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_transport_solve_entropic_gromov(&problem, &settings, &small, NULL, plan));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, plan,
                     hotnas_transport_solve_entropic_gromov(&problem, &settings, &small, &report, plan));
    CHECK(hotnas_transport_entropic_gromov_workspace_size(SIZE_MAX, 2) == SIZE_MAX);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

int main(void) {
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    bad_problems();
    on_a_line();
    warm_starts();
    bad_warm_starts();
    sinkhorn();
    gromov();
    entropic_gromov();
    proof();
    return finish();
}
