/* Compiled once for each precision: makes a handle of each kind, and tells whether one is taken for its own. */

#include <string.h>

#include "hotnas.h"

#define KINDS 7

static const uint8_t nodes[2] = {0, 2};
static const hotnas_edge edge = {0, 1};
static uint64_t memory[KINDS][4096];
static hotnas_workspace workspace;
static hotnas_operations operations;
static hotnas_cell cell;
static hotnas_network network;
static hotnas_metric metric;
static hotnas_cache cache;
static hotnas_gp gp;

void *const *HOTNAS_SYMBOL(make)(void);
int HOTNAS_SYMBOL(own)(void *const *handles);

/* Handles of every kind, or NULL. */
void *const *HOTNAS_SYMBOL(make)(void) {
    static void *const handles[KINDS] = {&workspace, &operations, &cell, &network, &metric, &cache, &gp};
    const hotnas_cell *sequence = &cell;
    hotnas_hyperparameters start = {1, 1, (hotnas_real)0.01, 0};
    hotnas_metric_settings settings;
    hotnas_cell_spec spec;
    memset(&spec, 0, sizeof spec);
    spec.node_count = 2;
    spec.operations = nodes;
    spec.edge_count = 1;
    spec.edges = &edge;
    if (hotnas_workspace_init(&workspace, memory[0], sizeof memory[0]) != HOTNAS_STATUS_OK ||
        hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
        hotnas_cell_init(&cell, &operations, &spec, memory[1], sizeof memory[1], &workspace) !=
            HOTNAS_STATUS_OK ||
        hotnas_network_init(&network, 1, &sequence, NULL, NULL, memory[2], sizeof memory[2]) !=
            HOTNAS_STATUS_OK ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK ||
        hotnas_cache_init(&cache, 8, memory[3], sizeof memory[3]) != HOTNAS_STATUS_OK ||
        hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, memory[4], sizeof memory[4]) !=
            HOTNAS_STATUS_OK)
        return NULL;
    return handles;
}

/* How many of the handles this precision takes for its own; -1 if one is refused for another reason. */
int HOTNAS_SYMBOL(own)(void *const *handles) {
    hotnas_operations_info operations_info;
    hotnas_cell_info cell_info;
    hotnas_network_info network_info;
    hotnas_cache_info cache_info;
    hotnas_gp_info gp_info;
    hotnas_solution solution;
    hotnas_cell own;
    hotnas_cell_spec spec;
    hotnas_status outcomes[KINDS];
    int i, taken = 0;
    memset(&spec, 0, sizeof spec);
    spec.node_count = 2;
    spec.operations = nodes;
    outcomes[0] = hotnas_cell_init(&own, &operations, &spec, memory[5], sizeof memory[5],
                                   (hotnas_workspace *)handles[0]);
    outcomes[1] = hotnas_operations_describe((hotnas_operations *)handles[1], &operations_info);
    outcomes[2] = hotnas_cell_describe((hotnas_cell *)handles[2], &cell_info);
    outcomes[3] = hotnas_network_describe((hotnas_network *)handles[3], &network_info);
    outcomes[4] =
        hotnas_metric_cell_distance((hotnas_metric *)handles[4], &cell, &cell, &workspace, &solution, NULL);
    outcomes[5] = hotnas_cache_describe((hotnas_cache *)handles[5], &cache_info);
    outcomes[6] = hotnas_gp_describe((hotnas_gp *)handles[6], &gp_info);
    for (i = 0; i < KINDS; i++) {
        if (outcomes[i] == HOTNAS_STATUS_OK)
            taken++;
        else if (outcomes[i] != HOTNAS_STATUS_NOT_INITIALISED)
            return -1;
    }
    return taken;
}
