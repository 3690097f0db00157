/*
 * Loops around the library for compare.py, so that no time of Python counts for hotnas: one shared object
 * for each build of the library. A loop goes `passes` times over `count` problems and adds the seconds of
 * each block of `block` problems to `seconds`: a processor then cannot learn one problem by heart. The time
 * that the looks at the clock take is taken off.
 */
#include "problems.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Seconds of this thread on a processor: what else runs on the machine does not count. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What a look at that clock takes, the median of many: it is a call of the operating system. */
static double look_time(void)
{
    static double looks[1001];
    double before = now();
    size_t i;
    for (i = 0; i < 1001; i++) {
        double after = now();
        looks[i] = after - before;
        before = after;
    }
    qsort(looks, 1001, sizeof looks[0], ascending);
    return looks[500];
}

/* Runs CALL for problem `p`, number `i`; leaves the function if CALL is not 0. */
#define LOOP(CALL)                                                                   \
    do {                                                                             \
        size_t pass, start, i;                                                       \
        double look = look_time();                                                   \
        memset(seconds, 0, (count + block - 1) / block * sizeof *seconds);           \
        for (pass = 0; pass < passes; pass++)                                        \
            for (start = 0; start < count; start += block) {                         \
                double begin = now();                                                \
                for (i = start; i < start + block && i < count; i++) {               \
                    problem *p = &set->problems[i];                                  \
                    int status = (int)(CALL);                                        \
                    if (status != 0) return status;                                  \
                }                                                                    \
                seconds[start / block] += now() - begin - look;                      \
            }                                                                        \
    } while (0)

void *bench_make(int family, size_t nodes, size_t count)
{
    return problem_set_make(family, nodes, count);
}

void bench_shape(const problem_set *set, size_t index, size_t *rows, size_t *columns)
{
    *rows = set->problems[index].rows;
    *columns = set->problems[index].columns;
}

/* Copies one array of a problem: between, within rows, columns; with signs, rows, columns; masses. */
void bench_read(const problem_set *set, size_t index, int which, double *out)
{
    const problem *p = &set->problems[index];
    const hotnas_real *from[7];
    size_t sizes[7], i;
    from[0] = p->cost, sizes[0] = p->rows * p->columns;
    from[1] = p->row_costs, sizes[1] = p->rows * p->rows;
    from[2] = p->column_costs, sizes[2] = p->columns * p->columns;
    from[3] = p->row_flows, sizes[3] = sizes[1];
    from[4] = p->column_flows, sizes[4] = sizes[2];
    from[5] = p->row_masses, sizes[5] = p->rows;
    from[6] = p->column_masses, sizes[6] = p->columns;
    for (i = 0; i < sizes[which]; i++) out[i] = (double)from[which][i];
}

static hotnas_transport_problem transport(const problem *p)
{
    hotnas_transport_problem out;
    out.rows = p->rows;
    out.columns = p->columns;
    out.cost = p->cost;
    out.row_masses = p->uniform ? NULL : p->row_masses;
    out.column_masses = p->uniform ? NULL : p->column_masses;
    return out;
}

static hotnas_status exact(problem_set *set, const problem *p, double *value)
{
    hotnas_transport_problem problem = transport(p);
    hotnas_transport_report report;
    hotnas_status status = hotnas_transport_solve_exact(&problem, &set->workspace, &report, NULL, NULL, NULL);
    if (status == HOTNAS_STATUS_OK) *value = (double)report.cost;
    return status;
}

/* The potentials are copied within the time: the call replaces them. */
static hotnas_status warm(problem_set *set, const problem *p, double *value)
{
    enum { MOST = 64 };
    hotnas_real row_duals[MOST], column_duals[MOST];
    hotnas_transport_problem problem = transport(p);
    hotnas_transport_report report;
    hotnas_status status;
    if (p->rows > MOST || p->columns > MOST) return HOTNAS_STATUS_DIMENSION_MISMATCH;
    memcpy(column_duals, p->potentials, p->columns * sizeof *column_duals);
    status = hotnas_transport_solve_warm(&problem, &set->workspace, &report, NULL, row_duals, column_duals);
    if (status == HOTNAS_STATUS_OK) *value = (double)report.cost;
    return status;
}

int bench_warm(problem_set *set, size_t count, size_t block, size_t passes, double *seconds, double *values)
{
    LOOP(warm(set, p, &values[i]));
    return 0;
}

int bench_exact(problem_set *set, size_t count, size_t block, size_t passes, double *seconds, double *values)
{
    LOOP(exact(set, p, &values[i]));
    return 0;
}

static hotnas_gromov_settings settings_of(int pairing, int effort)
{
    hotnas_gromov_settings settings = {0};
    settings.lambda = HOTNAS_DEFAULT_LAMBDA;
    settings.gap = sizeof(hotnas_real) == sizeof(double) ? (hotnas_real)1e-9 : (hotnas_real)1e-5;
    settings.pairing = pairing;
    settings.effort = effort;
    settings.iterations = HOTNAS_DEFAULT_STEPS;
    return settings;
}

static hotnas_status gromov(problem_set *set, const problem *p, const hotnas_gromov_settings *settings,
                            double *value, hotnas_real *plan)
{
    int flow = settings->pairing == HOTNAS_PAIRING_FLOW;
    hotnas_gromov_problem problem;
    hotnas_solution solution;
    hotnas_status status;
    problem.rows = p->rows;
    problem.columns = p->columns;
    problem.cost = p->cost;
    problem.row_costs = flow ? p->row_flows : p->row_costs;
    problem.column_costs = flow ? p->column_flows : p->column_costs;
    problem.row_masses = p->uniform ? NULL : p->row_masses;
    problem.column_masses = p->uniform ? NULL : p->column_masses;
    status = hotnas_transport_solve_gromov(&problem, settings, &set->workspace, &solution, plan);
    if (status == HOTNAS_STATUS_OK) *value = (double)solution.value;
    return status;
}

int bench_gromov(problem_set *set, int pairing, int effort, size_t count, size_t block, size_t passes,
                 double *seconds, double *values)
{
    hotnas_gromov_settings settings = settings_of(pairing, effort);
    LOOP(gromov(set, p, &settings, &values[i], NULL));
    return 0;
}

/* The plan of one problem, for whoever wants to compute its value independently. */
int bench_plan(problem_set *set, int pairing, int effort, size_t index, double *plan)
{
    static hotnas_real own[HOTNAS_MAX_NODES * HOTNAS_MAX_NODES];
    hotnas_gromov_settings settings = settings_of(pairing, effort);
    const problem *p = &set->problems[index];
    double value;
    size_t i;
    int status = (int)gromov(set, p, &settings, &value, own);
    for (i = 0; status == 0 && i < p->rows * p->columns; i++) plan[i] = (double)own[i];
    return status;
}

static int metric_of(hotnas_metric *metric, const hotnas_operations *operations, int pairing, int effort)
{
    hotnas_metric_settings settings;
    if (hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK) return 0;
    settings.pairing = pairing;
    settings.effort = effort;
    return hotnas_metric_init(metric, operations, &settings) == HOTNAS_STATUS_OK;
}

static hotnas_status distance(problem_set *set, const hotnas_metric *metric, const problem *p, double *value)
{
    hotnas_solution solution;
    hotnas_status status = hotnas_metric_cell_distance(metric, &p->a, &p->b, &set->workspace, &solution, NULL);
    if (status == HOTNAS_STATUS_OK) *value = (double)solution.value;
    return status;
}

/* The same pairs as cells: the library makes the cost matrices. */
int bench_cells(problem_set *set, int pairing, int effort, size_t count, size_t block, size_t passes,
                double *seconds, double *values)
{
    hotnas_metric metric;
    if (!metric_of(&metric, &set->operations, pairing, effort)) return HOTNAS_STATUS_OTHER;
    LOOP(distance(set, &metric, p, &values[i]));
    return 0;
}

/* All distances between `count` NAS-Bench-201 cells, in one call, without a cache. */
int bench_matrix(size_t count, double *seconds, double *matrix)
{
    static hotnas_operations operations;
    hotnas_metric metric;
    hotnas_workspace workspace;
    hotnas_cell *cells = calloc(count, sizeof *cells);
    const hotnas_cell **pointers = calloc(count, sizeof *pointers);
    hotnas_real *own = malloc(count * count * sizeof *own);
    size_t i, size;
    void *memory = NULL;
    double begin;
    int status = HOTNAS_STATUS_OTHER;
    if (cells != NULL && pointers != NULL && own != NULL &&
        cells_make(FAMILY_NAS_BENCH_201, 8, count, &operations, cells) &&
        metric_of(&metric, &operations, HOTNAS_PAIRING_FLOW, HOTNAS_EFFORT_FAST) &&
        (memory = malloc(size = hotnas_metric_cell_workspace_size(&metric, 8, 8))) != NULL &&
        hotnas_workspace_init(&workspace, memory, size) == HOTNAS_STATUS_OK) {
        for (i = 0; i < count; i++) pointers[i] = &cells[i];
        begin = now();
        status = (int)hotnas_metric_cell_matrix(&metric, count, pointers, NULL, &workspace, own);
        *seconds = now() - begin;
        for (i = 0; status == 0 && i < count * count; i++) matrix[i] = (double)own[i];
    }
    free(memory);
    free(own);
    free(pointers);
    free(cells);
    return status;
}

#ifndef HOTNAS_F32
/*
 * POT's network simplex, the C++ function inside its extension module, called without Python. It wants its
 * plan zeroed, which its own caller does too.
 */
typedef int simplex(int, int, double *, double *, double *, double *, double *, double *, double *, uint64_t,
                    double *, double *);

static int call_simplex(simplex *solve, const problem *p, double *value)
{
    static double plan[HOTNAS_MAX_NODES * HOTNAS_MAX_NODES], duals[2][HOTNAS_MAX_NODES];
    memset(plan, 0, p->rows * p->columns * sizeof *plan);
    /* 1 is POT's OPTIMAL. */
    return solve((int)p->rows, (int)p->columns, p->row_masses, p->column_masses, p->cost, plan, duals[0], duals[1],
                 value, 100000, NULL, NULL) == 1
               ? 0
               : -1;
}

int bench_simplex(problem_set *set, simplex *solve, size_t count, size_t block, size_t passes, double *seconds,
                  double *values)
{
    LOOP(call_simplex(solve, p, &values[i]));
    return 0;
}
#endif
