#include "problems.h"

#include <stdlib.h>
#include <string.h>

#define MOST HOTNAS_MAX_NODES
#define EPSILON ((hotnas_real)0.5)

/* Labels of the operations; the first two are the same in both tables. */
enum { INPUT = 0, OUTPUT = 1, NONE = 2, DARTS_OPERATIONS = 9, FIRST_DARTS_OPERATION = 2 };

/* Groups of the DARTS operations: all but skip, 3x3, 5x5, pooling. */
static const uint8_t darts_groups[DARTS_OPERATIONS] = {0, 0, 0, 9, 9, 3, 5, 3, 5};

/* A cell while it is being drawn. */
typedef struct sketch {
    size_t nodes;
    uint8_t operations[MOST];
    hotnas_edge edges[MOST * MOST];
    size_t edge_count;
    hotnas_real masses[MOST];
    int uniform;
} sketch;

/* SplitMix64: a generator of a few lines that is the same everywhere. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned below(uint64_t *state, unsigned n)
{
    return (unsigned)((draw(state) >> 32) % n);
}

static void join(sketch *cell, size_t from, size_t to)
{
    cell->edges[cell->edge_count].from = (uint8_t)from;
    cell->edges[cell->edge_count].to = (uint8_t)to;
    cell->edge_count++;
}

/* Operations that reach nothing become isolated nodes without an operation, as in the ready-made space. */
static void draw_nas_bench_201(sketch *cell, uint64_t *state)
{
    static const uint8_t links[10][2] = {{0, 1}, {0, 2}, {1, 3}, {0, 4}, {1, 5},
                                         {2, 6}, {3, 6}, {4, 7}, {5, 7}, {6, 7}};
    unsigned forward = 1u, backward = 1u << 7, alive;
    size_t i;
    cell->nodes = 8;
    cell->operations[0] = INPUT;
    cell->operations[7] = OUTPUT;
    for (i = 1; i < 7; i++) cell->operations[i] = (uint8_t)(NONE + below(state, 5));
    for (i = 0; i < 10; i++)
        if ((forward >> links[i][0] & 1) && cell->operations[links[i][1]] != NONE) forward |= 1u << links[i][1];
    for (i = 10; i-- > 0;)
        if ((backward >> links[i][1] & 1) && cell->operations[links[i][0]] != NONE)
            backward |= 1u << links[i][0];
    alive = forward & backward;
    for (i = 1; i < 7; i++)
        if (!(alive >> i & 1)) cell->operations[i] = NONE;
    for (i = 0; i < 10; i++)
        if ((alive >> links[i][0] & 1) && (alive >> links[i][1] & 1)) join(cell, links[i][0], links[i][1]);
}

/* Two operations for each intermediate node, on different nodes before it; the output sees all of them. */
static void draw_darts(sketch *cell, uint64_t *state)
{
    size_t step, side, into;
    cell->nodes = 11;
    cell->operations[0] = cell->operations[1] = INPUT;
    cell->operations[10] = OUTPUT;
    for (step = 0; step < 4; step++) {
        unsigned first = below(state, (unsigned)step + 2);
        unsigned second = (first + 1 + below(state, (unsigned)step + 1)) % ((unsigned)step + 2);
        for (side = 0; side < 2; side++) {
            unsigned source = side == 0 ? first : second;
            into = 2 + 2 * step + side;
            cell->operations[into] =
                (uint8_t)(FIRST_DARTS_OPERATION + below(state, DARTS_OPERATIONS - FIRST_DARTS_OPERATION));
            if (source < 2) {
                join(cell, source, into);
            } else {
                join(cell, 2 * source - 2, into);
                join(cell, 2 * source - 1, into);
            }
            join(cell, into, 10);
        }
    }
}

static void draw_random(sketch *cell, size_t nodes, int uniform, uint64_t *state)
{
    hotnas_real sum = 0;
    size_t i, j;
    cell->nodes = nodes;
    for (i = 0; i < nodes; i++) {
        size_t before = cell->edge_count;
        cell->operations[i] = (uint8_t)(NONE + below(state, 5));
        for (j = 0; j < i; j++)
            if (below(state, 3) == 0) join(cell, j, i);
        if (i > 0 && cell->edge_count == before) join(cell, below(state, (unsigned)i), i);
    }
    if (uniform) return;
    cell->uniform = 0;
    for (i = 0; i < nodes; i++) sum += cell->masses[i] = (hotnas_real)(10 + below(state, 1000));
    for (i = 0; i < nodes; i++) cell->masses[i] /= sum;
}

static void draw_cell(sketch *cell, int family, size_t nodes, uint64_t *state)
{
    cell->edge_count = 0;
    cell->uniform = 1;
    if (family == FAMILY_NAS_BENCH_201) draw_nas_bench_201(cell, state);
    else if (family == FAMILY_DARTS) draw_darts(cell, state);
    else draw_random(cell, nodes, family == FAMILY_RANDOM, state);
}

static int make_table(int family, hotnas_operations *operations)
{
    hotnas_space space;
    hotnas_operations_spec spec;
    if (family != FAMILY_DARTS)
        return hotnas_space_init(&space, HOTNAS_READY_SPACE_NAS_BENCH201, operations) == HOTNAS_STATUS_OK;
    memset(&spec, 0, sizeof spec);
    spec.operation_count = DARTS_OPERATIONS;
    spec.group_count = 4;
    spec.group_masks = darts_groups;
    return hotnas_operations_init(operations, &spec) == HOTNAS_STATUS_OK;
}

/* The memory behind the handle stays. */
static int make_cell(hotnas_cell *cell, const sketch *from, const hotnas_operations *operations)
{
    hotnas_cell_spec spec;
    hotnas_workspace workspace;
    size_t size = hotnas_cell_size(operations, from->nodes);
    size_t scratch_size = hotnas_cell_workspace_size(operations, from->nodes);
    void *memory = malloc(size), *scratch = malloc(scratch_size);
    int made;
    if (memory == NULL || scratch == NULL) return 0;
    memset(&spec, 0, sizeof spec);
    spec.node_count = from->nodes;
    spec.operations = from->operations;
    spec.edge_count = from->edge_count;
    spec.edges = from->edges;
    spec.masses = from->uniform ? NULL : from->masses;
    made = hotnas_workspace_init(&workspace, scratch, scratch_size) == HOTNAS_STATUS_OK &&
           hotnas_cell_init(cell, operations, &spec, memory, size, &workspace) == HOTNAS_STATUS_OK;
    free(scratch);
    return made;
}

/* What a comparison sees of a cell, in canonical order. */
typedef struct view {
    size_t nodes, features;
    uint8_t operations[MOST];
    hotnas_real values[MOST * 6 * HOTNAS_MAX_GROUPS];
    hotnas_real masses[MOST];
    unsigned char reach[MOST][MOST];
} view;

static int look(view *out, const hotnas_cell *cell, const sketch *from)
{
    static hotnas_real values[MOST * 6 * HOTNAS_MAX_GROUPS];
    unsigned char reach[MOST][MOST];
    uint8_t order[MOST];
    hotnas_cell_info info;
    size_t i, j, k, n = from->nodes;
    if (hotnas_cell_describe(cell, &info) != HOTNAS_STATUS_OK ||
        hotnas_cell_read_order(cell, n, order) != HOTNAS_STATUS_OK ||
        hotnas_cell_read_features(cell, n * info.feature_count, values) != HOTNAS_STATUS_OK)
        return 0;
    memset(reach, 0, sizeof reach);
    for (i = 0; i < from->edge_count; i++) reach[from->edges[i].from][from->edges[i].to] = 1;
    for (k = 0; k < n; k++)
        for (i = 0; i < n; i++)
            for (j = 0; j < n; j++) reach[i][j] |= reach[i][k] & reach[k][j];
    out->nodes = n;
    out->features = info.feature_count;
    for (i = 0; i < n; i++) {
        size_t old = order[i];
        out->operations[i] = from->operations[old];
        out->masses[i] = from->uniform ? 1 / (hotnas_real)n : from->masses[old];
        for (j = 0; j < n; j++) out->reach[i][j] = reach[old][order[j]];
        for (j = 0; j < info.feature_count; j++)
            out->values[i * info.feature_count + j] = values[old * info.feature_count + j];
    }
    return 1;
}

static hotnas_real node_cost(const view *a, size_t i, const view *b, size_t j)
{
    hotnas_real sum = 0;
    size_t k;
    for (k = 0; k < a->features; k++) {
        hotnas_real difference = a->values[i * a->features + k] - b->values[j * b->features + k];
        sum += difference < 0 ? -difference : difference;
    }
    return EPSILON * (hotnas_real)(a->operations[i] != b->operations[j]) +
           (1 - EPSILON) * sum / (hotnas_real)a->features;
}

/* The matrix of costs between two cells, or within one; `flow` gives it the sign of the direction. */
static hotnas_real *matrix(const view *a, const view *b, int flow)
{
    hotnas_real *out = malloc(a->nodes * b->nodes * sizeof *out);
    size_t i, j;
    for (i = 0; out != NULL && i < a->nodes; i++)
        for (j = 0; j < b->nodes; j++)
            out[i * b->nodes + j] =
                node_cost(a, i, b, j) * (flow ? (hotnas_real)(a->reach[i][j] - a->reach[j][i]) : 1);
    return out;
}

static hotnas_real *copy(const hotnas_real *from, size_t count)
{
    hotnas_real *out = malloc(count * sizeof *out);
    if (out != NULL) memcpy(out, from, count * sizeof *out);
    return out;
}

static int make_problem(problem *out, int family, size_t nodes, uint64_t seed, const hotnas_operations *operations)
{
    static sketch drawn[2];
    static view views[2];
    uint64_t state = seed;
    int32_t order = 0;
    /* A pair of equal cells would be no problem. */
    while (order == 0) {
        draw_cell(&drawn[0], family, nodes, &state);
        draw_cell(&drawn[1], family, nodes, &state);
        if (!make_cell(&out->a, &drawn[0], operations) || !make_cell(&out->b, &drawn[1], operations) ||
            hotnas_cell_compare(&out->a, &out->b, &order) != HOTNAS_STATUS_OK)
            return 0;
    }
    if (!look(&views[0], &out->a, &drawn[0]) || !look(&views[1], &out->b, &drawn[1])) return 0;
    out->rows = views[0].nodes;
    out->columns = views[1].nodes;
    out->uniform = drawn[0].uniform;
    out->cost = matrix(&views[0], &views[1], 0);
    out->row_costs = matrix(&views[0], &views[0], 0);
    out->column_costs = matrix(&views[1], &views[1], 0);
    out->row_flows = matrix(&views[0], &views[0], 1);
    out->column_flows = matrix(&views[1], &views[1], 1);
    out->row_masses = copy(views[0].masses, out->rows);
    out->column_masses = copy(views[1].masses, out->columns);
    return out->cost != NULL && out->row_costs != NULL && out->column_costs != NULL && out->row_flows != NULL &&
           out->column_flows != NULL && out->row_masses != NULL && out->column_masses != NULL;
}

/* Solves the exact transport problem of other costs, each up to 1 % off. */
static int make_potentials(problem *p, uint64_t seed, const hotnas_workspace *workspace)
{
    hotnas_transport_problem near = {0};
    hotnas_transport_report report;
    size_t i, size = p->rows * p->columns;
    hotnas_real *cost = copy(p->cost, size), *row_potentials = malloc(p->rows * sizeof *row_potentials);
    hotnas_workspace lent = *workspace;
    uint64_t state = seed;
    int made;
    p->potentials = malloc(p->columns * sizeof *p->potentials);
    if (cost == NULL || row_potentials == NULL || p->potentials == NULL) return 0;
    for (i = 0; i < size; i++) cost[i] *= 1 + ((hotnas_real)(draw(&state) % 2001) - 1000) / 100000;
    near.rows = p->rows;
    near.columns = p->columns;
    near.cost = cost;
    near.row_masses = p->uniform ? NULL : p->row_masses;
    near.column_masses = p->uniform ? NULL : p->column_masses;
    made = hotnas_transport_solve_exact(&near, &lent, &report, NULL, row_potentials, p->potentials) ==
           HOTNAS_STATUS_OK;
    free(cost);
    free(row_potentials);
    return made;
}

static uint64_t seed_of(int family, size_t nodes, size_t index)
{
    uint64_t state = (uint64_t)family << 48 | (uint64_t)nodes << 32 | (uint64_t)index;
    return draw(&state);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

problem_set *problem_set_make(int family, size_t nodes, size_t count)
{
    problem_set *set = calloc(1, sizeof *set);
    hotnas_metric_settings settings;
    hotnas_metric metric;
    size_t i, size = 0;
    int32_t effort;
    void *memory;
    if (set == NULL || !make_table(family, &set->operations) ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK)
        return NULL;
    set->problems = calloc(count, sizeof *set->problems);
    if (set->problems == NULL) return NULL;
    set->count = count;
    for (i = 0; i < count; i++) {
        problem *p = &set->problems[i];
        if (!make_problem(p, family, nodes, seed_of(family, nodes, i), &set->operations)) return NULL;
        size = larger(size, hotnas_transport_exact_workspace_size(p->rows, p->columns));
        size = larger(size, hotnas_transport_sinkhorn_workspace_size(p->rows, p->columns));
        for (effort = HOTNAS_EFFORT_FAST; effort <= HOTNAS_EFFORT_THOROUGH; effort++) {
            size = larger(size, hotnas_transport_gromov_workspace_size(p->rows, p->columns, effort));
            settings.effort = effort;
            if (hotnas_metric_init(&metric, &set->operations, &settings) != HOTNAS_STATUS_OK) return NULL;
            size = larger(size, hotnas_metric_cell_workspace_size(&metric, p->rows, p->columns));
        }
    }
    memory = malloc(size);
    if (memory == NULL || hotnas_workspace_init(&set->workspace, memory, size) != HOTNAS_STATUS_OK) return NULL;
    for (i = 0; i < count; i++)
        if (!make_potentials(&set->problems[i], seed_of(family, nodes, i), &set->workspace)) return NULL;
    return set;
}

int cells_make(int family, size_t nodes, size_t count, hotnas_operations *operations, hotnas_cell *cells)
{
    static sketch drawn;
    size_t i;
    if (!make_table(family, operations)) return 0;
    for (i = 0; i < count; i++) {
        uint64_t state = seed_of(family, nodes, ((size_t)1 << 24) + i);
        draw_cell(&drawn, family, nodes, &state);
        if (!make_cell(&cells[i], &drawn, operations)) return 0;
    }
    return 1;
}
