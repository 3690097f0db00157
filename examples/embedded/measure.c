/*
 * What calls cost on a machine without an operating system: lines `instructions NAME N` and `stack NAME N`, and what
 * states take of RAM: `bytes NAME N`. Stack is counted below the caller's frame, without lent memory.
 *
 * Cells are those of NAS-Bench-201 with the operations of its ready-made space, ten pairs of them; a line has the
 * mean of the pairs, and the greatest stack.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "boards/board.h"
#include "hotnas.h"

enum { NODES = 8, CELLS = 20, PAIRS = 10, POINTS = 32 };

static uint64_t cell_memory[CELLS][400], network_memory[2][80], scratch[4000], gp_memory[1300];
static hotnas_workspace workspace;
static hotnas_operations operations;
static hotnas_cell cells[CELLS];

/* What the calls of one line needed, all together. */
static uint32_t instructions, stack, calls;

static void print_line(const char *kind, const char *name, uint32_t number)
{
    board_print(kind);
    board_print(" ");
    board_print(name);
    board_print(" ");
    board_print_number(number);
    board_print("\n");
}

static void report(const char *name)
{
    print_line("instructions", name, instructions / calls);
    print_line("stack", name, stack);
    instructions = stack = calls = 0;
}

/* Once for the stack, once for the instructions. */
#define MEASURE(call)                                             \
    do {                                                          \
        hotnas_status status_;                                    \
        uint32_t used_;                                           \
        board_paint_stack();                                      \
        status_ = (call);                                         \
        used_ = board_stack_used();                               \
        if (used_ > stack) stack = used_;                         \
        board_start_counting();                                   \
        if (status_ == HOTNAS_STATUS_OK) status_ = (call);        \
        instructions += board_count();                            \
        calls++;                                                  \
        TRY(status_);                                             \
    } while (0)

#define TRY(call)                                                 \
    do {                                                          \
        hotnas_status try_ = (call);                              \
        if (try_ != HOTNAS_STATUS_OK) {                           \
            board_print(#call ": ");                              \
            board_print(hotnas_status_message(try_));             \
            board_print("\n");                                    \
            return 1;                                             \
        }                                                         \
    } while (0)

/* Operations skip to pooling on the six edges: the digits of `number` to the base 4. */
static int measure_cells(void)
{
    static const hotnas_edge edges[10] = {{0, 1}, {0, 2}, {1, 3}, {0, 4}, {1, 5},
                                          {2, 6}, {3, 6}, {4, 7}, {5, 7}, {6, 7}};
    uint32_t i;
    int at;
    for (i = 0; i < CELLS; i++) {
        uint8_t nodes[NODES] = {0, 0, 0, 0, 0, 0, 0, 1};
        uint32_t number = i * 2654435761u >> 8;
        hotnas_cell_spec spec = {0};
        for (at = 1; at < NODES - 1; at++, number >>= 2) nodes[at] = (uint8_t)(3 + (number & 3));
        spec.node_count = NODES;
        spec.operations = nodes;
        spec.edge_count = 10;
        spec.edges = edges;
        MEASURE(hotnas_cell_init(&cells[i], &operations, &spec, cell_memory[i], sizeof cell_memory[i], &workspace));
    }
    report("cell-init-8");
    return 0;
}

static int measure_transport(void)
{
    hotnas_real cost[NODES * NODES];
    hotnas_transport_problem problem = {0};
    hotnas_transport_report answer;
    uint32_t i, pair;
    problem.rows = problem.columns = NODES;
    problem.cost = cost;
    for (pair = 0; pair < PAIRS; pair++) {
        for (i = 0; i < NODES * NODES; i++)
            cost[i] = (hotnas_real)((i + 64 * pair) * 2654435761u >> 22);
        MEASURE(hotnas_transport_solve_exact(&problem, &workspace, &answer, NULL, NULL, NULL));
    }
    report("transport-8x8");
    return 0;
}

static int measure_distance(const char *name, int pairing)
{
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_solution solution;
    int pair;
    TRY(hotnas_metric_settings_default(&settings));
    settings.pairing = pairing;
    settings.gap = (hotnas_real)1e-6;
    TRY(hotnas_metric_init(&metric, &operations, &settings));
    for (pair = 0; pair < PAIRS; pair++)
        MEASURE(hotnas_metric_cell_distance(&metric, &cells[2 * pair], &cells[2 * pair + 1], &workspace, &solution,
                                            NULL));
    report(name);
    return 0;
}

/* Networks of four different cells each. */
static int measure_networks(void)
{
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_network networks[2];
    hotnas_network_solution solution;
    int i, s;
    TRY(hotnas_metric_settings_default(&settings));
    settings.gap = (hotnas_real)1e-6;
    TRY(hotnas_metric_init(&metric, &operations, &settings));
    for (i = 0; i < 2; i++) {
        const hotnas_cell *sequence[4];
        for (s = 0; s < 4; s++) sequence[s] = &cells[4 * i + s];
        TRY(hotnas_network_init(&networks[i], 4, sequence, NULL, NULL, network_memory[i], sizeof network_memory[i]));
    }
    MEASURE(hotnas_metric_network_distance(&metric, &networks[0], &networks[1], NULL, &workspace, &solution, NULL));
    report("hotnn-4x4");
    return 0;
}

/* Points on a line at whole numbers. */
static hotnas_real between(uint32_t i, uint32_t j)
{
    uint32_t a = i * 7 % 64, b = j * 7 % 64;
    return (hotnas_real)(a > b ? a - b : b - a);
}

/* The observation that makes it `count`, forgotten after the first time. */
static int measure_process(const char *append, const char *predict, uint32_t count)
{
    static const hotnas_hyperparameters begin = {1, 8, (hotnas_real)0.0625, 0};
    static hotnas_gp gp;
    static hotnas_real distances[POINTS];
    hotnas_real mean, variance;
    uint32_t i, j;
    TRY(hotnas_gp_init(&gp, POINTS, HOTNAS_KERNEL_EXPONENTIAL, &begin, gp_memory, sizeof gp_memory));
    for (i = 0; i + 1 < count; i++) {
        for (j = 0; j < i; j++) distances[j] = between(i, j);
        TRY(hotnas_gp_append(&gp, i, distances, (hotnas_real)(i * i % 11)));
    }
    for (j = 0; j < i; j++) distances[j] = between(i, j);
    board_paint_stack();
    TRY(hotnas_gp_append(&gp, i, distances, 5));
    stack = board_stack_used();
    TRY(hotnas_gp_truncate(&gp, i));
    board_start_counting();
    TRY(hotnas_gp_append(&gp, i, distances, 5));
    instructions = board_count();
    calls = 1;
    report(append);
    for (j = 0; j < count; j++) distances[j] = between(count, j);
    MEASURE(hotnas_gp_posterior(&gp, 1, distances, &workspace, &mean, &variance));
    report(predict);
    return 0;
}

/* For genomes of 16 genes; and for the digits space, whose networks are decoded on demand. */
static int measure_states(void)
{
    static const char *const states[] = {"state-8", "state-16", "state-32", "state-64", "state-128"};
    static const char *const workspaces[] = {"workspace-8", "workspace-16", "workspace-32", "workspace-64",
                                             "workspace-128"};
    hotnas_search_settings settings;
    hotnas_metric_settings metric_settings;
    hotnas_metric metric;
    hotnas_space space;
    hotnas_operations table;
    int i;
    TRY(hotnas_search_settings_compact(&settings));
    TRY(hotnas_space_init(&space, HOTNAS_READY_SPACE_DIGITS, &table));
    TRY(hotnas_metric_settings_default(&metric_settings));
    TRY(hotnas_metric_init(&metric, &table, &metric_settings));
    for (i = 0; i < 5; i++) {
        print_line("bytes", states[i], (uint32_t)hotnas_search_size(&settings, (size_t)8 << i, 16));
        print_line("bytes", workspaces[i],
                   (uint32_t)hotnas_search_workspace_size(&settings, (size_t)8 << i, &space, &metric));
    }
    return 0;
}

int main(void)
{
    hotnas_space space;
    TRY(hotnas_workspace_init(&workspace, scratch, sizeof scratch));
    TRY(hotnas_space_init(&space, HOTNAS_READY_SPACE_NAS_BENCH201, &operations));
    return measure_cells() || measure_transport() || measure_distance("ifgw-8x8-ordered", HOTNAS_PAIRING_ORDERED) ||
           measure_distance("ifgw-8x8-full", HOTNAS_PAIRING_FULL) ||
           measure_distance("ifgw-8x8-flow", HOTNAS_PAIRING_FLOW) || measure_networks() ||
           measure_process("gp-append-16", "gp-predict-16", 16) ||
           measure_process("gp-append-32", "gp-predict-32", 32) || measure_states();
}
