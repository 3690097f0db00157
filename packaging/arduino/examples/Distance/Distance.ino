// The distance of two chains of two layers: a 3x3 or 1x1 convolution, then a pool.
#include <Hotnas.h>

static uint64_t memory[2][128];
static uint64_t scratch[1024];

static bool distance(hotnas_real *out) {
    static const uint8_t layers[2][2] = {{0, 2}, {1, 2}};
    static const hotnas_edge edge = {0, 1};
    hotnas_operations operations;
    hotnas_workspace workspace;
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_cell cells[2];
    hotnas_solution solution;
    if (hotnas_abi_version() != HOTNAS_ABI_VERSION ||
        hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
        return false;
    for (int i = 0; i < 2; i++) {
        hotnas_cell_spec spec = {};
        spec.node_count = 2;
        spec.operations = layers[i];
        spec.edge_count = 1;
        spec.edges = &edge;
        if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
            HOTNAS_STATUS_OK)
            return false;
    }
    if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[1], &workspace, &solution, NULL) !=
        HOTNAS_STATUS_OK)
        return false;
    *out = solution.value;
    return true;
}

void setup() {
    Serial.begin(115200);
    hotnas_real value;
    if (distance(&value)) Serial.println(value, 4); // 0.0200
    else Serial.println("failed");
}

void loop() {}
