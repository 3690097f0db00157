/* Which of three cells is nearest to a given one? */
#include <stddef.h>

#include "board.h"
#include "hotnas.h"

#define NODES 4
#define CELLS 4

static const uint8_t layers[CELLS][NODES] = {{0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 2, 3}, {1, 1, 2, 3}};
static const hotnas_edge chain[3] = {{0, 1}, {1, 2}, {2, 3}}, fork[3] = {{0, 2}, {1, 2}, {2, 3}};

static uint64_t memory[CELLS][256];
static uint64_t scratch[1024];

int main(void) {
    hotnas_workspace workspace;
    hotnas_operations operations;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_cell cells[CELLS];
    hotnas_solution solution;
    hotnas_real least = 0;
    int i, nearest = 0;
    if (hotnas_abi_version() != HOTNAS_ABI_VERSION ||
        hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
        return 1;
    for (i = 0; i < CELLS; i++) {
        hotnas_cell_spec spec = {0};
        spec.node_count = NODES;
        spec.operations = layers[i];
        spec.edge_count = 3;
        spec.edges = i == 2 ? fork : chain;
        if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
            HOTNAS_STATUS_OK)
            return 1;
    }
    for (i = 1; i < CELLS; i++) {
        if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[i], &workspace, &solution, NULL) !=
            HOTNAS_STATUS_OK)
            return 1;
        if (nearest == 0 || solution.value < least) {
            nearest = i;
            least = solution.value;
        }
    }
    board_print("nearest: ");
    board_print(nearest == 1 ? "1\n" : nearest == 2 ? "2\n" : "3\n");
    return 0;
}
