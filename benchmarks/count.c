/*
 * What is counted under callgrind, one dump of the counters for each line: the same calls on the same
 * problems in every run. The title of a dump is `function,family,nodes,pairing,effort,calls`.
 */
#include "problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

/*
 * The C library picks its own by the processor; these cost the same everywhere. Eight bytes at a time, then
 * the rest.
 */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    for (; size >= 8; size -= 8, out += 8, in += 8) __builtin_memcpy(out, in, 8);
    for (; size > 0; size--) *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (out <= in) {
        for (; size > 0; size--) *out++ = *in++;
    } else {
        while (size-- > 0) out[size] = in[size];
    }
    return to;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *out = to;
    uint64_t word = 0x0101010101010101u * (unsigned char)value;
    for (; size >= 8; size -= 8, out += 8) __builtin_memcpy(out, &word, 8);
    for (; size > 0; size--) *out++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (; size > 0; size--, x++, y++)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}

/* Problems of a line. */
#define CALLS 10

static const char *const families[] = {"nas-bench-201", "darts", "random", "masses"};
static const char *const pairings[] = {"ordered", "full", "flow"};
static const char *const efforts[] = {"fast", "thorough"};
static const hotnas_real gap = sizeof(hotnas_real) == sizeof(double) ? (hotnas_real)1e-9 : (hotnas_real)1e-5;

/* Where the counters are dumped, and what for. */
#define COUNT(TITLE, CALL)                                               \
    do {                                                                 \
        size_t i;                                                        \
        problem *p = &set->problems[0];                                  \
        if ((CALL) != HOTNAS_STATUS_OK) exit(1);                         \
        CALLGRIND_ZERO_STATS;                                            \
        for (i = 0; i < set->count; i++) {                               \
            p = &set->problems[i];                                       \
            if ((CALL) != HOTNAS_STATUS_OK) exit(1);                     \
        }                                                                \
        CALLGRIND_DUMP_STATS_AT(TITLE);                                  \
    } while (0)

static const char *title(const char *function, int family, size_t nodes, const char *pairing, const char *effort,
                         size_t calls)
{
    static char text[128];
    snprintf(text, sizeof text, "%s,%s,%u,%s,%s,%u", function, families[family], (unsigned)nodes, pairing, effort,
             (unsigned)calls);
    return text;
}

static void count_transport(problem_set *set, int family, size_t nodes)
{
    hotnas_transport_problem problems[CALLS];
    hotnas_transport_report report;
    hotnas_sinkhorn_settings settings = {HOTNAS_DEFAULT_SINKHORN_REGULARISATION, (hotnas_real)1e-4,
                                         HOTNAS_DEFAULT_SINKHORN_ITERATIONS};
    hotnas_sinkhorn_report sinkhorn;
    size_t i;
    const char *name;
    for (i = 0; i < set->count; i++) {
        const problem *p = &set->problems[i];
        problems[i].rows = p->rows;
        problems[i].columns = p->columns;
        problems[i].cost = p->cost;
        problems[i].row_masses = p->uniform ? NULL : p->row_masses;
        problems[i].column_masses = p->uniform ? NULL : p->column_masses;
    }
    name = title("transport_solve_exact", family, nodes, "", "", set->count);
    COUNT(name, hotnas_transport_solve_exact(&problems[p - set->problems], &set->workspace, &report, NULL, NULL,
                                             NULL));
    if (nodes != 8) return;
    if (set->problems[0].uniform) {
        hotnas_real row_duals[8], column_duals[8];
        name = title("transport_solve_warm", family, nodes, "", "", set->count);
        COUNT(name, (memcpy(column_duals, p->potentials, sizeof column_duals),
                     hotnas_transport_solve_warm(&problems[p - set->problems], &set->workspace, &report, NULL,
                                                 row_duals, column_duals)));
    }
    name = title("transport_solve_sinkhorn", family, nodes, "", "", set->count);
    COUNT(name, hotnas_transport_solve_sinkhorn(&problems[p - set->problems], &settings, &set->workspace, &sinkhorn,
                                                NULL));
}

static void count_gromov(problem_set *set, int family, size_t nodes, int pairing, int effort)
{
    hotnas_gromov_problem problems[CALLS];
    hotnas_gromov_settings settings = {0};
    hotnas_solution solution;
    size_t i;
    const char *name = title("transport_solve_gromov", family, nodes, pairings[pairing], efforts[effort], set->count);
    settings.lambda = HOTNAS_DEFAULT_LAMBDA;
    settings.gap = gap;
    settings.pairing = pairing;
    settings.effort = effort;
    settings.iterations = HOTNAS_DEFAULT_STEPS;
    for (i = 0; i < set->count; i++) {
        const problem *p = &set->problems[i];
        int flow = pairing == HOTNAS_PAIRING_FLOW;
        problems[i].rows = p->rows;
        problems[i].columns = p->columns;
        problems[i].cost = p->cost;
        problems[i].row_costs = flow ? p->row_flows : p->row_costs;
        problems[i].column_costs = flow ? p->column_flows : p->column_costs;
        problems[i].row_masses = p->uniform ? NULL : p->row_masses;
        problems[i].column_masses = p->uniform ? NULL : p->column_masses;
    }
    COUNT(name, hotnas_transport_solve_gromov(&problems[p - set->problems], &settings, &set->workspace, &solution,
                                              NULL));
}

static void count_metric(problem_set *set, int family, size_t nodes, int pairing)
{
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_solution solution;
    const char *name = title("metric_cell_distance", family, nodes, pairings[pairing], "fast", set->count);
    if (hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK) exit(1);
    settings.pairing = pairing;
    if (hotnas_metric_init(&metric, &set->operations, &settings) != HOTNAS_STATUS_OK) exit(1);
    COUNT(name, hotnas_metric_cell_distance(&metric, &p->a, &p->b, &set->workspace, &solution, NULL));
}

/* 20 random points on a line: appending them one by one, and predicting 50 others. */
static void count_gp(void)
{
    enum { POINTS = 20, OTHERS = 50 };
    static uint64_t memory[4096], scratch[4096];
    static hotnas_real to_others[OTHERS * POINTS], mean[OTHERS], variance[OTHERS];
    hotnas_real at[POINTS], distances[POINTS];
    hotnas_hyperparameters start = {1, 1, (hotnas_real)0.01, 0};
    hotnas_workspace workspace;
    hotnas_gp gp;
    size_t i, j;
    for (i = 0; i < POINTS; i++) at[i] = (hotnas_real)((i * 7) % POINTS) / 8;
    for (i = 0; i < OTHERS; i++)
        for (j = 0; j < POINTS; j++) {
            hotnas_real d = (hotnas_real)i / 16 - at[j];
            to_others[i * POINTS + j] = d < 0 ? -d : d;
        }
    if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        hotnas_gp_init(&gp, POINTS, HOTNAS_KERNEL_EXPONENTIAL, &start, memory, sizeof memory) != HOTNAS_STATUS_OK)
        exit(1);
    CALLGRIND_ZERO_STATS;
    for (i = 0; i < POINTS; i++) {
        for (j = 0; j < i; j++) distances[j] = at[i] < at[j] ? at[j] - at[i] : at[i] - at[j];
        if (hotnas_gp_append(&gp, i, distances, at[i]) != HOTNAS_STATUS_OK) exit(1);
    }
    CALLGRIND_DUMP_STATS_AT("gp_append,,20,,,20");
    CALLGRIND_ZERO_STATS;
    if (hotnas_gp_posterior(&gp, OTHERS, to_others, &workspace, mean, variance) != HOTNAS_STATUS_OK) exit(1);
    CALLGRIND_DUMP_STATS_AT("gp_posterior,,20,,,50");
}

/* A ladder: each node after the next two, operations in turns. */
static void count_cell(size_t nodes)
{
    static uint64_t memory[4096], scratch[4096];
    static uint8_t operations[HOTNAS_MAX_NODES];
    static hotnas_edge edges[2 * HOTNAS_MAX_NODES];
    static char text[64];
    hotnas_cell_spec spec;
    hotnas_operations table;
    hotnas_workspace workspace;
    hotnas_cell cell;
    size_t i;
    memset(&spec, 0, sizeof spec);
    for (i = 0; i < nodes; i++) {
        operations[i] = (uint8_t)(i % 4);
        if (i > 0) edges[spec.edge_count].from = (uint8_t)(i - 1), edges[spec.edge_count++].to = (uint8_t)i;
        if (i > 1) edges[spec.edge_count].from = (uint8_t)(i - 2), edges[spec.edge_count++].to = (uint8_t)i;
    }
    spec.node_count = nodes;
    spec.operations = operations;
    spec.edges = edges;
    snprintf(text, sizeof text, "cell_init,,%u,,,1", (unsigned)nodes);
    if (hotnas_operations_init_poster(&table) != HOTNAS_STATUS_OK ||
        hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK)
        exit(1);
    CALLGRIND_ZERO_STATS;
    if (hotnas_cell_init(&cell, &table, &spec, memory, sizeof memory, &workspace) != HOTNAS_STATUS_OK) exit(1);
    CALLGRIND_DUMP_STATS_AT(text);
}

int main(void)
{
    static const size_t sizes[] = {4, 6, 8, 10, 11, 16, 24, 32};
    size_t s;
    int family, pairing;
    for (family = FAMILY_NAS_BENCH_201; family <= FAMILY_MASSES; family++) {
        for (s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            size_t nodes = sizes[s];
            problem_set *set;
            if ((family == FAMILY_NAS_BENCH_201 && nodes != 8) || (family == FAMILY_DARTS && nodes != 11)) continue;
            set = problem_set_make(family, nodes, nodes <= 16 ? CALLS : CALLS / 5);
            if (set == NULL) return 1;
            count_transport(set, family, nodes);
            for (pairing = HOTNAS_PAIRING_ORDERED; pairing <= HOTNAS_PAIRING_FLOW; pairing++) {
                count_gromov(set, family, nodes, pairing, HOTNAS_EFFORT_FAST);
                if (nodes == 8) count_gromov(set, family, nodes, pairing, HOTNAS_EFFORT_THOROUGH);
                if (family <= FAMILY_DARTS) count_metric(set, family, nodes, pairing);
            }
        }
    }
    count_cell(8);
    count_cell(32);
    count_gp();
    return 0;
}
