/*
 * Golden hashes: a line `stage size hash` for each part of the library. The hash is over every number that the
 * part returns, so two machines with the same lines compute the same bits. A stage comes in two sizes; a board
 * with little memory prints `-` for the larger one.
 *
 * Numbers of this program itself are constants or small integers: no compiler option can change them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "boards/board.h"
#include "hotnas.h"

/* Bytes that are lent to the library, everything together. */
#ifndef ARENA
#define ARENA 65536
#endif

#define TRY(call)                                    \
    do {                                             \
        hotnas_status status_ = (call);              \
        if (status_ != HOTNAS_STATUS_OK) return status_; \
    } while (0)

#define R(x) ((hotnas_real)(x))

/* ---- Memory: every stage starts with the whole arena. ---- */

static uint64_t arena[ARENA / 8];
static size_t lent;
static int exhausted;

static void *lend(size_t size)
{
    uint64_t *memory = &arena[lent];
    size_t words = size / 8 + (size % 8 != 0);
    if (words > ARENA / 8 - lent) {
        exhausted = 1;
        return NULL;
    }
    lent += words;
    return memory;
}

/* All that is left. */
static hotnas_status lend_scratch(hotnas_workspace *workspace)
{
    return hotnas_workspace_init(workspace, &arena[lent], sizeof arena - 8 * lent);
}

/* ---- The hash, over little-endian bytes. ---- */

static uint64_t hash;

static void add_bytes(const void *bytes, size_t count)
{
    hash = board_hash(hash, bytes, (uint32_t)count);
}

static void add_reals(const hotnas_real *reals, size_t count)
{
    add_bytes(reals, count * sizeof *reals);
}

static void add_real(hotnas_real real)
{
    add_reals(&real, 1);
}

static void add_word(uint32_t word)
{
    add_bytes(&word, sizeof word);
}

/* ---- Cells: two graphs, of which a stage takes the first nodes. ---- */

#define MOST_NODES 8
#define MOST_EDGES 11

typedef struct graph {
    uint8_t operations[MOST_NODES];
    hotnas_edge edges[MOST_EDGES];
} graph;

static const graph graphs[2] = {
    {{0, 1, 2, 0, 3, 1, 2, 3},
     {{0, 1}, {1, 2}, {0, 3}, {2, 3}, {1, 4}, {3, 5}, {2, 5}, {4, 6}, {5, 6}, {5, 7}, {6, 7}}},
    {{2, 0, 1, 3, 0, 2, 1, 3},
     {{0, 1}, {0, 2}, {1, 3}, {2, 3}, {0, 4}, {3, 4}, {3, 5}, {4, 6}, {5, 6}, {2, 7}, {6, 7}}}};

/* Masses are multiples of 1/64, exact in both precisions. */
static const hotnas_real masses_of_8[8] = {R(0.25),   R(0.125),  R(0.046875), R(0.078125),
                                           R(0.1875), R(0.0625), R(0.15625),  R(0.09375)};

static hotnas_status make_cell(hotnas_cell *cell, const hotnas_operations *table, int which, size_t nodes,
                               const hotnas_real *masses, hotnas_workspace *workspace)
{
    const graph *from = &graphs[which];
    hotnas_edge edges[MOST_EDGES];
    hotnas_cell_spec spec = {0};
    size_t size = hotnas_cell_size(table, nodes), i;
    void *memory = lend(size);
    for (i = 0; i < MOST_EDGES; i++)
        if (from->edges[i].to < nodes) edges[spec.edge_count++] = from->edges[i];
    spec.node_count = nodes;
    spec.operations = from->operations;
    spec.edges = edges;
    spec.masses = masses;
    TRY(lend_scratch(workspace));
    return hotnas_cell_init(cell, table, &spec, memory, size, workspace);
}

/* ---- Stages ---- */

static hotnas_status features(size_t nodes)
{
    hotnas_operations table;
    hotnas_workspace workspace;
    hotnas_cell cell;
    hotnas_cell_info info;
    hotnas_real numbers[6 * MOST_NODES];
    uint8_t order[MOST_NODES];
    int which;
    TRY(hotnas_operations_init_poster(&table));
    for (which = 0; which < 2; which++) {
        TRY(make_cell(&cell, &table, which, nodes, nodes == 8 ? masses_of_8 : NULL, &workspace));
        TRY(hotnas_cell_describe(&cell, &info));
        TRY(hotnas_cell_read_order(&cell, nodes, order));
        TRY(hotnas_cell_read_features(&cell, nodes * 6, numbers));
        add_bytes(order, nodes);
        add_reals(numbers, nodes * 6);
        add_word(info.longest_path);
        add_bytes(info.fingerprint, sizeof info.fingerprint);
    }
    return HOTNAS_STATUS_OK;
}

enum { ROWS = 6, COLUMNS = 5 };

static const hotnas_real costs[ROWS * COLUMNS] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9,
                                                  3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7};
static const hotnas_real row_masses[ROWS] = {R(0.25), R(0.125), R(0.171875), R(0.0625), R(0.296875), R(0.09375)};
static const hotnas_real column_masses[COLUMNS] = {R(0.140625), R(0.25), R(0.203125), R(0.3125), R(0.09375)};

static const hotnas_transport_problem transport = {ROWS, COLUMNS, costs, row_masses, column_masses};

static hotnas_status exact(size_t rows)
{
    hotnas_workspace workspace;
    hotnas_transport_report report;
    hotnas_real plan[ROWS * COLUMNS], row_duals[ROWS], column_duals[COLUMNS];
    (void)rows;
    TRY(lend_scratch(&workspace));
    TRY(hotnas_transport_solve_exact(&transport, &workspace, &report, plan, row_duals, column_duals));
    add_real(report.cost);
    add_real(report.marginal_residual);
    add_word(report.iterations);
    add_reals(plan, ROWS * COLUMNS);
    add_reals(row_duals, ROWS);
    add_reals(column_duals, COLUMNS);
    return HOTNAS_STATUS_OK;
}

static hotnas_status sinkhorn(size_t rows)
{
    static const hotnas_sinkhorn_settings settings = {R(0.25), R(0.0001220703125), 1000};
    hotnas_workspace workspace;
    hotnas_sinkhorn_report report;
    hotnas_real plan[ROWS * COLUMNS];
    (void)rows;
    TRY(lend_scratch(&workspace));
    TRY(hotnas_transport_solve_sinkhorn(&transport, &settings, &workspace, &report, plan));
    add_real(report.transport_cost);
    add_real(report.entropic_value);
    add_real(report.marginal_residual);
    add_word(report.iterations);
    add_reals(plan, ROWS * COLUMNS);
    return HOTNAS_STATUS_OK;
}

static hotnas_status ifgw(size_t nodes, int pairing)
{
    hotnas_operations table;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_workspace workspace;
    hotnas_cell a, b;
    hotnas_solution solution;
    hotnas_real plan[MOST_NODES * MOST_NODES];
    TRY(hotnas_operations_init_poster(&table));
    TRY(hotnas_metric_settings_default(&settings));
    settings.pairing = pairing;
    TRY(hotnas_metric_init(&metric, &table, &settings));
    TRY(make_cell(&a, &table, 0, nodes, nodes == 8 ? masses_of_8 : NULL, &workspace));
    TRY(make_cell(&b, &table, 1, nodes, NULL, &workspace));
    TRY(lend_scratch(&workspace));
    TRY(hotnas_metric_cell_distance(&metric, &a, &b, &workspace, &solution, plan));
    add_real(solution.value);
    add_real(solution.lower_bound);
    add_real(solution.gap);
    add_real(solution.marginal_residual);
    add_word(solution.iterations);
    add_word(solution.starts);
    add_word(solution.proved_optimal);
    add_reals(plan, nodes * nodes);
    return HOTNAS_STATUS_OK;
}

static hotnas_status ifgw_ordered(size_t nodes)
{
    return ifgw(nodes, HOTNAS_PAIRING_ORDERED);
}

static hotnas_status ifgw_full(size_t nodes)
{
    return ifgw(nodes, HOTNAS_PAIRING_FULL);
}

static hotnas_status ifgw_flow(size_t nodes)
{
    return ifgw(nodes, HOTNAS_PAIRING_FLOW);
}

enum { CELLS = 4 };

static hotnas_status hotnn(size_t nodes)
{
    static const uint8_t sequences[2][CELLS] = {{0, 1, 0, 0}, {1, 1, 0, 1}};
    hotnas_operations table;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_workspace workspace;
    hotnas_cell cells[2];
    hotnas_network networks[2];
    hotnas_network_info info;
    hotnas_network_solution solution;
    hotnas_real plan[CELLS * CELLS];
    int i, s;
    TRY(hotnas_operations_init_poster(&table));
    TRY(hotnas_metric_settings_default(&settings));
    TRY(hotnas_metric_init(&metric, &table, &settings));
    for (i = 0; i < 2; i++) TRY(make_cell(&cells[i], &table, i, nodes, NULL, &workspace));
    for (i = 0; i < 2; i++) {
        size_t size = hotnas_network_size(CELLS);
        const hotnas_cell *sequence[CELLS];
        for (s = 0; s < CELLS; s++) sequence[s] = &cells[sequences[i][s]];
        TRY(hotnas_network_init(&networks[i], CELLS, sequence, NULL, NULL, lend(size), size));
        TRY(hotnas_network_describe(&networks[i], &info));
        add_bytes(info.fingerprint, sizeof info.fingerprint);
    }
    TRY(lend_scratch(&workspace));
    TRY(hotnas_metric_network_distance(&metric, &networks[0], &networks[1], NULL, &workspace, &solution, plan));
    add_real(solution.value);
    add_real(solution.lower_bound);
    add_real(solution.marginal_residual);
    add_word(solution.iterations);
    add_reals(plan, CELLS * CELLS);
    return HOTNAS_STATUS_OK;
}

/* Points on a line at whole numbers. */
static hotnas_real between(size_t i, size_t j)
{
    unsigned a = (unsigned)(i * 7 % 32), b = (unsigned)(j * 7 % 32);
    return (hotnas_real)(a > b ? a - b : b - a);
}

enum { MOST_POINTS = 24, OTHERS = 3 };

static hotnas_status gaussian_process(size_t points)
{
    static const hotnas_hyperparameters begin = {1, 8, R(0.0625), 0};
    hotnas_fit_settings settings;
    hotnas_fit_report report;
    hotnas_workspace workspace;
    hotnas_gp gp;
    hotnas_real distances[OTHERS * MOST_POINTS], mean[MOST_POINTS], variance[MOST_POINTS];
    size_t size = hotnas_gp_size(points), i, j;
    TRY(hotnas_gp_init(&gp, points, HOTNAS_KERNEL_EXPONENTIAL, &begin, lend(size), size));
    TRY(lend_scratch(&workspace));
    TRY(hotnas_fit_settings_default(&settings));
    for (i = 0; i < points; i++) {
        for (j = 0; j < i; j++) distances[j] = between(i, j);
        TRY(hotnas_gp_append(&gp, i, distances, (hotnas_real)(i * i % 11)));
    }
    TRY(hotnas_gp_fit(&gp, &settings, &workspace, &report));
    add_real(report.hyperparameters.variance);
    add_real(report.hyperparameters.length_scale);
    add_real(report.hyperparameters.noise);
    add_real(report.hyperparameters.mean);
    add_real(report.log_marginal_likelihood);
    add_real(report.jitter);
    add_word(report.evaluations);
    for (i = 0; i < OTHERS; i++)
        for (j = 0; j < points; j++) distances[i * points + j] = between(points + i, j);
    TRY(hotnas_gp_posterior(&gp, OTHERS, distances, &workspace, mean, variance));
    add_reals(mean, OTHERS);
    add_reals(variance, OTHERS);
    TRY(hotnas_gp_leave_one_out(&gp, points, &workspace, mean, variance));
    add_reals(mean, points);
    add_reals(variance, points);
    return HOTNAS_STATUS_OK;
}

/* A space of small networks: three operations, a shortcut or none, and one to three such cells. */
enum { GENES = 5 };

static int32_t decode(void *user, const uint8_t *genome, hotnas_network_builder *builder)
{
    static const hotnas_edge edges[3] = {{0, 1}, {1, 2}, {0, 2}};
    hotnas_cell_spec spec = {0};
    uint8_t cell;
    int i;
    (void)user;
    spec.node_count = 3;
    spec.operations = genome;
    spec.edge_count = genome[3] == 0 ? 2 : 3;
    spec.edges = edges;
    TRY(hotnas_network_builder_add_cell(builder, &spec, &cell));
    for (i = 0; i <= genome[4]; i++) TRY(hotnas_network_builder_push(builder, cell));
    return HOTNAS_STATUS_OK;
}

enum { TRIALS = 8, POOL = 16, MOST_GENES = 7 };

static hotnas_status search(const hotnas_space *space, const hotnas_operations *table)
{
    hotnas_metric_settings metric_settings;
    hotnas_metric metric;
    hotnas_search_settings settings;
    hotnas_search *state = lend(sizeof *state);
    hotnas_workspace workspace;
    size_t size, saved, i;
    uint32_t trial;
    if (state == NULL) return HOTNAS_STATUS_MEMORY_TOO_SMALL;
    TRY(hotnas_metric_settings_default(&metric_settings));
    TRY(hotnas_metric_init(&metric, table, &metric_settings));
    TRY(hotnas_search_settings_compact(&settings));
    settings.initial = 3;
    settings.limit = POOL;
    size = hotnas_search_size(&settings, TRIALS, space->gene_count);
    TRY(hotnas_search_init(state, &settings, TRIALS, space->gene_count, lend(size), size));
    TRY(lend_scratch(&workspace));
    for (trial = 0; trial < TRIALS; trial++) {
        uint8_t genome[MOST_GENES];
        uint32_t value = 0;
        hotnas_proposal proposal;
        TRY(hotnas_search_ask(state, trial, space, &metric, NULL, &workspace, &proposal, genome));
        add_bytes(genome, space->gene_count);
        add_real(proposal.mean);
        add_real(proposal.deviation);
        add_real(proposal.acquisition);
        add_word((uint32_t)proposal.origin);
        add_word(proposal.candidates);
        for (i = 0; i < space->gene_count; i++) value = (5 * value + genome[i]) % 23;
        TRY(hotnas_search_tell(state, trial, (hotnas_real)value));
    }
    /* The scratch has done its work. */
    TRY(hotnas_search_save(state, space, &metric, sizeof arena - 8 * lent, (uint8_t *)&arena[lent], &saved));
    add_bytes(&arena[lent], saved);
    return HOTNAS_STATUS_OK;
}

static hotnas_status search_own_space(size_t nodes)
{
    static const uint8_t cardinalities[GENES] = {4, 4, 4, 2, 3};
    hotnas_operations table;
    hotnas_space space = {0};
    space.gene_count = GENES;
    space.cardinalities = cardinalities;
    space.max_nodes = nodes;
    space.max_distinct = 1;
    space.max_cells = 3;
    space.decode = decode;
    TRY(hotnas_operations_init_poster(&table));
    return search(&space, &table);
}

static hotnas_status search_ready_space(size_t nodes)
{
    hotnas_operations table;
    hotnas_space space;
    (void)nodes;
    TRY(hotnas_space_init(&space, HOTNAS_READY_SPACE_DIGITS, &table));
    return search(&space, &table);
}

/* ---- The program ---- */

static const struct {
    const char *name;
    uint8_t size;
    hotnas_status (*run)(size_t size);
} stages[] = {{"features", 4, features},
              {"features", 8, features},
              {"exact", ROWS, exact},
              {"sinkhorn", ROWS, sinkhorn},
              {"ifgw-ordered", 4, ifgw_ordered},
              {"ifgw-ordered", 8, ifgw_ordered},
              {"ifgw-full", 4, ifgw_full},
              {"ifgw-full", 8, ifgw_full},
              {"ifgw-flow", 4, ifgw_flow},
              {"ifgw-flow", 8, ifgw_flow},
              {"hotnn", 3, hotnn},
              {"hotnn", 8, hotnn},
              {"gp", 12, gaussian_process},
              {"gp", 24, gaussian_process},
              {"search", 3, search_own_space},
              {"search", 6, search_ready_space}};

int main(void)
{
    int failures = 0;
    size_t i;
    for (i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        hotnas_status status;
        lent = 0;
        exhausted = 0;
        hash = BOARD_HASH_START;
        status = stages[i].run(stages[i].size);
        board_print(stages[i].name);
        board_print(" ");
        board_print_number(stages[i].size);
        board_print(" ");
        if (status == HOTNAS_STATUS_OK) {
            board_print_hash(hash);
        } else if (exhausted || status == HOTNAS_STATUS_MEMORY_TOO_SMALL) {
            board_print("-");
        } else {
            board_print(hotnas_status_message(status));
            failures++;
        }
        board_print("\n");
    }
    return failures == 0 ? 0 : 1;
}
