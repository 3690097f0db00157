/* The distance of a network to one whose cells lie in flash as another program wrote them. 0 if all went well.
 * Tests link it, and count the bytes of a program that uses the metric alone and builds no cell. */
#include "hotnas.h"

#define NODES 8

/* Where a device of this kind keeps the two cells; the bytes of one are a multiple of 8. */
#define FLASH ((const unsigned char *)0x08040000u)

static uint64_t network_memory[2][64];
static uint64_t scratch[2048];

/* Where a debugger finds the result. */
volatile hotnas_real result;

int main(void) {
    hotnas_workspace workspace;
    hotnas_operations operations;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_cell cells[2];
    hotnas_network networks[2];
    hotnas_network_solution answer;
    size_t i, size;
    if (hotnas_abi_version() != HOTNAS_ABI_VERSION ||
        hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
        return 1;
    size = hotnas_cell_size(&operations, NODES);
    for (i = 0; i < 2; i++) {
        const hotnas_cell *sequence[1];
        sequence[0] = &cells[i];
        if (hotnas_cell_open(&cells[i], &operations, NODES, FLASH + i * ((size + 7) & ~(size_t)7), size) !=
                HOTNAS_STATUS_OK ||
            hotnas_network_init(&networks[i], 1, sequence, NULL, NULL, network_memory[i], sizeof network_memory[i]) !=
                HOTNAS_STATUS_OK)
            return 2;
    }
    if (hotnas_metric_network_distance(&metric, &networks[0], &networks[1], NULL, &workspace, &answer, NULL) !=
        HOTNAS_STATUS_OK)
        return 3;
    result = answer.value;
    return 0;
}
