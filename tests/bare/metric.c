/* Distances between two cells and between two networks, without an operating system, a C library or a heap.
 * 0 if all went well. Tests link it, and count the bytes of a program that uses the metric alone. */
#include "hotnas.h"

#define NODES 5

static const uint8_t operations_of[2][NODES] = {{0, 0, 1, 2, 3}, {0, 1, 1, 2, 3}};
static const hotnas_edge edges[NODES - 1] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}};

static uint64_t cell_memory[2][512];
static uint64_t network_memory[2][128];
static uint64_t scratch[4096];

/* Where a debugger finds the results. */
volatile hotnas_real results[2];

int main(void) {
    hotnas_workspace workspace;
    hotnas_operations operations;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_cell cells[2];
    hotnas_network networks[2];
    hotnas_solution solution;
    hotnas_network_solution answer;
    int i;
    if (hotnas_abi_version() != HOTNAS_ABI_VERSION ||
        hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
        return 1;
    for (i = 0; i < 2; i++) {
        hotnas_cell_spec spec;
        const hotnas_cell *sequence[2];
        spec.node_count = NODES;
        spec.operations = operations_of[i];
        spec.edge_count = NODES - 1;
        spec.edges = edges;
        spec.masses = NULL;
        spec.attributes = NULL;
        sequence[0] = sequence[1] = &cells[i];
        if (hotnas_cell_init(&cells[i], &operations, &spec, cell_memory[i], sizeof cell_memory[i], &workspace) !=
                HOTNAS_STATUS_OK ||
            hotnas_network_init(&networks[i], 2, sequence, NULL, NULL, network_memory[i], sizeof network_memory[i]) !=
                HOTNAS_STATUS_OK)
            return 2;
    }
    if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[1], &workspace, &solution, NULL) !=
            HOTNAS_STATUS_OK ||
        hotnas_metric_network_distance(&metric, &networks[0], &networks[1], NULL, &workspace, &answer, NULL) !=
            HOTNAS_STATUS_OK)
        return 3;
    results[0] = solution.value;
    results[1] = answer.value;
    /* No comparison of numbers: it could ask for a routine of the compiler that is not linked. */
    return solution.iterations > 0 && answer.cell_pairs_solved == 1 ? 0 : 4;
}
