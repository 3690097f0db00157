/* Operation tables and cells: what is refused, and closed forms of what is made. */
#include "check.h"

static lent storage, scratch;
static hotnas_workspace workspace;
static hotnas_operations operations;

static const uint8_t three[3] = {0, 1, 2};
static const hotnas_edge chain[2] = {{0, 1}, {1, 2}};

static hotnas_cell_spec spec_of(size_t nodes, const uint8_t *ops, size_t edges, const hotnas_edge *list) {
    hotnas_cell_spec spec;
    memset(&spec, 0, sizeof spec);
    spec.node_count = nodes;
    spec.operations = ops;
    spec.edge_count = edges;
    spec.edges = list;
    return spec;
}

/* A spec that must be refused with one status, nothing written outside the lent memory. */
static void refuse(int32_t expected, const hotnas_cell_spec *spec) {
    hotnas_cell cell;
    size_t size = hotnas_cell_size(&operations, 3);
    void *memory = lent_start(&storage);
    EXPECT_UNTOUCHED(expected, cell, hotnas_cell_init(&cell, &operations, spec, memory, size, &workspace));
    CHECK(lent_surroundings_intact(&storage, size));
}

static void bad_graphs(void) {
    static const hotnas_edge loop[1] = {{1, 1}}, twice[2] = {{0, 1}, {0, 1}}, outside[1] = {{0, 3}};
    static const hotnas_edge cycle[3] = {{0, 1}, {1, 2}, {2, 0}};
    static const uint8_t unknown[3] = {0, 1, 4}, many[40] = {0};
    hotnas_cell_spec spec = spec_of(3, three, 1, loop);
    refuse(HOTNAS_STATUS_SELF_LOOP, &spec);
    spec = spec_of(3, three, 2, twice);
    refuse(HOTNAS_STATUS_DUPLICATE_EDGE, &spec);
    spec = spec_of(3, three, 1, outside);
    refuse(HOTNAS_STATUS_NODE_OUT_OF_RANGE, &spec);
    spec = spec_of(3, three, 3, cycle);
    refuse(HOTNAS_STATUS_CYCLE, &spec);
    spec = spec_of(3, unknown, 0, NULL);
    refuse(HOTNAS_STATUS_UNKNOWN_OPERATION, &spec);
    spec = spec_of(0, three, 0, NULL);
    refuse(HOTNAS_STATUS_EMPTY_CELL, &spec);
    spec = spec_of(33, many, 0, NULL);
    refuse(HOTNAS_STATUS_TOO_MANY_NODES, &spec);
    spec = spec_of(SIZE_MAX, many, 0, NULL);
    refuse(HOTNAS_STATUS_TOO_MANY_NODES, &spec);
    spec = spec_of(3, NULL, 0, NULL);
    refuse(HOTNAS_STATUS_NULL, &spec);
    spec = spec_of(3, three, 2, NULL);
    refuse(HOTNAS_STATUS_NULL, &spec);
    spec = spec_of(3, three, SIZE_MAX, chain);
    refuse(HOTNAS_STATUS_SIZE_OVERFLOW, &spec);
}

static void bad_masses(void) {
    static const hotnas_real negative[3] = {REAL(1.5), REAL(-0.5), 0}, sum[3] = {REAL(0.5), REAL(0.25), 0};
    static const hotnas_real zero[3] = {0, 0, 0};
    hotnas_real odd[3] = {0, 0, 0};
    hotnas_cell_spec spec = spec_of(3, three, 2, chain);
    spec.masses = negative;
    refuse(HOTNAS_STATUS_NEGATIVE_MASS, &spec);
    spec.masses = sum;
    refuse(HOTNAS_STATUS_MASS_SUM, &spec);
    spec.masses = zero;
    refuse(HOTNAS_STATUS_MASS_SUM, &spec);
    odd[1] = not_a_number();
    spec.masses = odd;
    refuse(HOTNAS_STATUS_MASS_NOT_FINITE, &spec);
    odd[1] = infinity_();
    refuse(HOTNAS_STATUS_MASS_NOT_FINITE, &spec);
    spec.masses = (const hotnas_real *)(const void *)((const char *)odd + 1);
    refuse(HOTNAS_STATUS_MISALIGNED, &spec);
}

static void bad_attributes(void) {
    static const hotnas_real weights[2] = {REAL(0.5), 1};
    hotnas_operations_spec table;
    hotnas_operations with;
    hotnas_real values[6] = {0, 1, 2, 3, 4, 5};
    hotnas_cell_spec spec = spec_of(3, three, 2, chain);
    hotnas_cell cell;
    void *memory = lent_start(&storage);
    memset(&table, 0, sizeof table);
    table.operation_count = 4;
    table.attribute_count = 2;
    table.attribute_weights = weights;
    EXPECT(OK, hotnas_operations_init(&with, &table));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, cell,
                     hotnas_cell_init(&cell, &with, &spec, memory, 8192, &workspace));
    spec.attributes = values;
    EXPECT(OK, hotnas_cell_init(&cell, &with, &spec, memory, 8192, &workspace));
    values[4] = not_a_number();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_ATTRIBUTE_NOT_FINITE, cell,
                     hotnas_cell_init(&cell, &with, &spec, memory, 8192, &workspace));
    values[4] = REAL(2e6);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TOO_LARGE, cell,
                     hotnas_cell_init(&cell, &with, &spec, memory, 8192, &workspace));
}

static void bad_memory(void) {
    hotnas_cell_spec spec = spec_of(3, three, 2, chain);
    hotnas_cell cell;
    hotnas_operations not_one;
    hotnas_workspace small, none;
    size_t size = hotnas_cell_size(&operations, 3), work = hotnas_cell_workspace_size(&operations, 3);
    unsigned char *memory = (unsigned char *)lent_start(&storage);
    memset(&none, 0, sizeof none);
    memset(&not_one, 0, sizeof not_one);
    CHECK(size > 0 && size < 8192);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, cell,
                     hotnas_cell_init(&cell, &operations, &spec, memory, size - 1, &workspace));
    CHECK(pattern_is(&storage, sizeof storage));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, cell,
                     hotnas_cell_init(&cell, &operations, &spec, memory + 1, size, &workspace));
    CHECK(pattern_is(&storage, sizeof storage));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, cell,
                     hotnas_cell_init(&cell, &operations, &spec, NULL, size, &workspace));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_init(NULL, &operations, &spec, memory, size, &workspace));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, cell,
                     hotnas_cell_init(&cell, NULL, &spec, memory, size, &workspace));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, cell,
                     hotnas_cell_init(&cell, &operations, NULL, memory, size, &workspace));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, cell,
                     hotnas_cell_init(&cell, &operations, &spec, memory, size, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, cell,
                     hotnas_cell_init(&cell, &not_one, &spec, memory, size, &workspace));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, cell,
                     hotnas_cell_init(&cell, &operations, &spec, memory, size, &none));
    if (work > 0) {
        EXPECT(OK, hotnas_workspace_init(&small, scratch.words, work - 1));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, cell,
                         hotnas_cell_init(&cell, &operations, &spec, memory, size, &small));
        EXPECT(OK, hotnas_workspace_init(&small, scratch.words, work));
    }
    EXPECT(OK, hotnas_cell_init(&cell, &operations, &spec, memory, size, &small));
    CHECK(lent_surroundings_intact(&storage, size));
    CHECK(hotnas_cell_size(&operations, 0) == SIZE_MAX);
    CHECK(hotnas_cell_size(&operations, 33) == SIZE_MAX);
    CHECK(hotnas_cell_size(&not_one, 3) == SIZE_MAX);
    CHECK(hotnas_cell_size(NULL, 3) == SIZE_MAX);
    CHECK(hotnas_cell_workspace_size(NULL, 3) == SIZE_MAX);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_workspace_init(&small, NULL, 8));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_workspace_init(NULL, scratch.words, 8));
    EXPECT(HOTNAS_STATUS_MISALIGNED, hotnas_workspace_init(&small, (char *)scratch.words + 4, 8));
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_workspace_init(&small, scratch.words, SIZE_MAX));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

static void bad_tables(void) {
    static const hotnas_real skew[4] = {0, 1, 2, 0}, diagonal[4] = {1, 1, 1, 0}, negative[4] = {0, -1, -1, 0};
    static const hotnas_real large[4] = {0, REAL(2e6), REAL(2e6), 0};
    static const uint8_t groups[2] = {1, 2}, bad_group[2] = {1, 4};
    hotnas_real odd[4] = {0, 0, 0, 0};
    hotnas_operations table;
    hotnas_operations_spec spec;
    hotnas_operations_info info;
    memset(&spec, 0, sizeof spec);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_OPERATION_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.operation_count = 257;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_OPERATION_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.operation_count = SIZE_MAX;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_OPERATION_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.operation_count = 2;
    EXPECT(HOTNAS_STATUS_NULL, hotnas_operations_init(NULL, &spec));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, table, hotnas_operations_init(&table, NULL));
    spec.dissimilarity = skew;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_SYMMETRIC, table, hotnas_operations_init(&table, &spec));
    spec.dissimilarity = diagonal;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NON_ZERO_DIAGONAL, table, hotnas_operations_init(&table, &spec));
    spec.dissimilarity = negative;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NEGATIVE_COST, table, hotnas_operations_init(&table, &spec));
    spec.dissimilarity = large;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TOO_LARGE, table, hotnas_operations_init(&table, &spec));
    odd[1] = odd[2] = not_a_number();
    spec.dissimilarity = odd;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, table, hotnas_operations_init(&table, &spec));
    odd[1] = odd[2] = infinity_();
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, table, hotnas_operations_init(&table, &spec));
    spec.dissimilarity = (const hotnas_real *)(const void *)((const char *)odd + 1);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, table, hotnas_operations_init(&table, &spec));
    spec.dissimilarity = NULL;
    spec.scale = 7;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, table, hotnas_operations_init(&table, &spec));
    spec.scale = -1;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, table, hotnas_operations_init(&table, &spec));
    spec.scale = HOTNAS_FEATURE_SCALE_RAW;
    spec.group_count = 2;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, table, hotnas_operations_init(&table, &spec));
    spec.group_masks = bad_group;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GROUP_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.group_masks = groups;
    spec.group_count = 9;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GROUP_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.group_count = 2;
    spec.attribute_count = 5;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_ATTRIBUTE_COUNT, table, hotnas_operations_init(&table, &spec));
    spec.attribute_count = 0;
    EXPECT(OK, hotnas_operations_init(&table, &spec));
    EXPECT(OK, hotnas_operations_describe(&table, &info));
    CHECK(info.operation_count == 2 && info.group_count == 2 && info.feature_count == 12);
    CHECK(info.attribute_count == 0);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_operations_describe(&table, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, info, hotnas_operations_describe(NULL, &info));
    memset(&table, 0, sizeof table);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info, hotnas_operations_describe(&table, &info));
}

/* Numbers that no cell has, one after the other: features, a mass, costs within the cell. */
static void damaged(void *memory, size_t size) {
    hotnas_real wrong[3], *numbers = (hotnas_real *)memory;
    hotnas_cell cell;
    size_t i, k, mass = 6 * 4, count = (6 + 1 + 2 * 3) * 4;
    wrong[0] = not_a_number();
    wrong[1] = -infinity_();
    wrong[2] = REAL(1e30);
    for (i = 0; i < count; i++) {
        hotnas_real kept = numbers[i];
        for (k = 0; k < 3; k++) {
            numbers[i] = wrong[k];
            EXPECT_UNTOUCHED(HOTNAS_STATUS_SAVED_CHECKSUM, cell,
                             hotnas_cell_open(&cell, &operations, 3, memory, size));
        }
        numbers[i] = kept;
    }
    for (k = 0; k < 2; k++) {
        hotnas_real kept = numbers[mass];
        numbers[mass] = k == 0 ? REAL(-0.25) : REAL(1.25);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_SAVED_CHECKSUM, cell,
                         hotnas_cell_open(&cell, &operations, 3, memory, size));
        numbers[mass] = kept;
    }
    EXPECT(OK, hotnas_cell_open(&cell, &operations, 3, memory, size));
}

/* The chain fc -> conv -> pool, numbered backwards: order, features, and what is refused. */
static void a_chain(void) {
    static const uint8_t ops[3] = {3, 0, 2};
    static const hotnas_edge edges[2] = {{2, 1}, {1, 0}};
    hotnas_cell_spec spec = spec_of(3, ops, 2, edges);
    hotnas_cell cell, again, copy;
    hotnas_cell_info info;
    uint8_t order[3];
    hotnas_real features[18];
    int32_t comparison;
    size_t node, size = hotnas_cell_size(&operations, 3);
    void *memory = lent_start(&storage);
    EXPECT(OK, hotnas_cell_init(&cell, &operations, &spec, memory, size, &workspace));
    EXPECT(OK, hotnas_cell_describe(&cell, &info));
    CHECK(info.node_count == 3 && info.feature_count == 6 && info.attribute_count == 0);
    CHECK(info.longest_path == 2 && info.is_uniform == 1 && info.is_canonical == 1);
    EXPECT(OK, hotnas_cell_read_order(&cell, 3, order));
    CHECK(order[0] == 2 && order[1] == 1 && order[2] == 0);
    EXPECT(OK, hotnas_cell_read_features(&cell, 18, features));
    for (node = 0; node < 3; node++) {
        /* Node v is 2 - v steps from the input; lengths are divided by the longest path. */
        hotnas_real from = (hotnas_real)(2 - node) / 2, to = (hotnas_real)node / 2;
        NEAR(features[node * 6], from);
        NEAR(features[node * 6 + 1], from);
        NEAR(features[node * 6 + 2], from);
        NEAR(features[node * 6 + 3], to);
        NEAR(features[node * 6 + 4], to);
        NEAR(features[node * 6 + 5], to);
    }
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, order, hotnas_cell_read_order(&cell, 2, order));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, features,
                     hotnas_cell_read_features(&cell, 17, features));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_read_order(&cell, 3, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_read_features(&cell, 18, NULL));
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_cell_read_features(&cell, SIZE_MAX, features));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_describe(&cell, NULL));

    /* The same memory read in place; a copy of the handle. */
    EXPECT(OK, hotnas_cell_open(&again, &operations, 3, memory, size));
    copy = again;
    EXPECT(OK, hotnas_cell_compare(&cell, &copy, &comparison));
    CHECK(comparison == 0);
    EXPECT(HOTNAS_STATUS_MEMORY_TOO_SMALL, hotnas_cell_open(&again, &operations, 3, memory, size - 1));
    EXPECT(HOTNAS_STATUS_NOT_A_SAVED_STATE, hotnas_cell_open(&again, &operations, 2, memory, size));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_open(&again, &operations, 3, NULL, size));
    EXPECT(HOTNAS_STATUS_MISALIGNED,
           hotnas_cell_open(&again, &operations, 3, (const char *)memory + 2, size));
    EXPECT(HOTNAS_STATUS_EMPTY_CELL, hotnas_cell_open(&again, &operations, 0, memory, size));
    EXPECT(HOTNAS_STATUS_TOO_MANY_NODES, hotnas_cell_open(&again, &operations, 33, memory, size));
    damaged(memory, size);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, comparison, hotnas_cell_compare(&cell, NULL, &comparison));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, comparison, hotnas_cell_compare(NULL, &cell, &comparison));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cell_compare(&cell, &copy, NULL));
    memset(&copy, 0, sizeof copy);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, comparison,
                     hotnas_cell_compare(&cell, &copy, &comparison));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info, hotnas_cell_describe(&copy, &info));
    /* A workspace is not a cell. */
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info,
                     hotnas_cell_describe((const hotnas_cell *)(const void *)&operations, &info));
}

/* Renumbering changes nothing, to the bit. */
static void renumbered(void) {
    hotnas_cell cells[2];
    hotnas_cell_info infos[2];
    int trial;
    for (trial = 0; trial < 50; trial++) {
        size_t n = 2 + random_word() % 9, edges = 0, i, j, k, size = hotnas_cell_size(&operations, n);
        uint8_t ops[2][12], number[12];
        hotnas_edge list[2][66];
        int32_t comparison = 2;
        unsigned char *memory = (unsigned char *)lent_start(&storage);
        for (i = 0; i < n; i++) {
            number[i] = (uint8_t)i;
            ops[0][i] = (uint8_t)(random_word() % 4);
        }
        for (i = n; i-- > 1;) {
            uint8_t swap = number[i];
            j = random_word() % (i + 1);
            number[i] = number[j];
            number[j] = swap;
        }
        for (i = 0; i < n; i++) {
            ops[1][number[i]] = ops[0][i];
            for (j = i + 1; j < n; j++) {
                if (random_word() % 3 != 0) continue;
                list[0][edges].from = (uint8_t)i;
                list[0][edges].to = (uint8_t)j;
                list[1][edges].from = number[i];
                list[1][edges].to = number[j];
                edges++;
            }
        }
        for (k = 0; k < 2; k++) {
            hotnas_cell_spec spec = spec_of(n, ops[k], edges, list[k]);
            size_t offset = k * (size + 7) / 8 * 8;
            EXPECT(OK, hotnas_cell_init(&cells[k], &operations, &spec, memory + offset, size, &workspace));
            EXPECT(OK, hotnas_cell_describe(&cells[k], &infos[k]));
        }
        EXPECT(OK, hotnas_cell_compare(&cells[0], &cells[1], &comparison));
        CHECK(comparison == 0);
        CHECK(memcmp(infos[0].fingerprint, infos[1].fingerprint, sizeof infos[0].fingerprint) == 0);
    }
}

int main(void) {
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    EXPECT(OK, hotnas_operations_init_poster(&operations));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_operations_init_poster(NULL));
    bad_graphs();
    bad_masses();
    bad_attributes();
    bad_tables();
    bad_memory();
    a_chain();
    renumbered();
    return finish();
}
