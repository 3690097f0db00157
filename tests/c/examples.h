/* What the examples in the comments of hotnas.h take for granted. `cargo xtask test examples` puts it at the
 * beginning of the function `main` around each of them; an example may declare the same names again. */
static uint64_t memory[4096], scratch[65536], cell_memory[4096];
static const hotnas_real dissimilarity[9] = {0, 1, 2, 1, 0, 2, 2, 2, 0};
static const uint8_t nodes[2] = {0, 2};
static const hotnas_edge edges[1] = {{0, 1}};
hotnas_workspace workspace;
hotnas_operations_spec operations_spec = {0};
hotnas_operations operations;
hotnas_cell_spec cell_spec = {0};
hotnas_cell stem, body;

if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK) return 1;
operations_spec.operation_count = 3;
operations_spec.dissimilarity = dissimilarity;
if (hotnas_operations_init(&operations, &operations_spec) != HOTNAS_STATUS_OK) return 1;
cell_spec.node_count = 1;
cell_spec.operations = nodes;
if (hotnas_cell_init(&stem, &operations, &cell_spec, cell_memory, sizeof cell_memory / 2, &workspace) != HOTNAS_STATUS_OK)
    return 1;
cell_spec.node_count = 2;
cell_spec.edge_count = 1;
cell_spec.edges = edges;
if (hotnas_cell_init(&body, &operations, &cell_spec, cell_memory + 2048, sizeof cell_memory / 2, &workspace) != HOTNAS_STATUS_OK)
    return 1;
