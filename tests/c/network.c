/* Networks: shared cells, hashes, what is refused. */
#include "check.h"

static lent storage, scratch;
static hotnas_workspace workspace;
static hotnas_operations operations;
static hotnas_cell a, a_again, b, foreign;
static uint64_t cell_memory[4][256];

static void make_cell(hotnas_cell *cell, size_t slot, const hotnas_operations *table, uint8_t last) {
    static const hotnas_edge chain[2] = {{0, 1}, {1, 2}};
    uint8_t ops[3] = {0, 1, 2};
    hotnas_cell_spec spec;
    ops[2] = last;
    memset(&spec, 0, sizeof spec);
    spec.node_count = 3;
    spec.operations = ops;
    spec.edge_count = 2;
    spec.edges = chain;
    EXPECT(OK, hotnas_cell_init(cell, table, &spec, cell_memory[slot], sizeof cell_memory[slot], &workspace));
}

static void refuse(int32_t expected, size_t count, const hotnas_cell *const *cells,
                   const hotnas_real *positions, const hotnas_real *masses) {
    hotnas_network network;
    size_t size = hotnas_network_size(3);
    void *memory = lent_start(&storage);
    EXPECT_UNTOUCHED(expected, network,
                     hotnas_network_init(&network, count, cells, positions, masses, memory, size));
    CHECK(lent_surroundings_intact(&storage, size));
}

static void bad_arguments(void) {
    static const hotnas_real down[3] = {REAL(0.5), REAL(0.25), 1}, outside[3] = {REAL(0.5), 1, REAL(1.5)};
    static const hotnas_real zero[3] = {0, REAL(0.5), 1}, sum[3] = {REAL(0.5), REAL(0.25), 0};
    static const hotnas_real negative[3] = {REAL(1.5), REAL(-0.5), 0};
    hotnas_real odd[3] = {REAL(0.25), REAL(0.5), 1};
    hotnas_cell none;
    hotnas_network network;
    const hotnas_cell *good[3], *bad[3], *many[65];
    size_t i, size = hotnas_network_size(3);
    unsigned char *memory;
    good[0] = &a, good[1] = &b, good[2] = &a;
    for (i = 0; i < 65; i++) many[i] = &a;
    refuse(HOTNAS_STATUS_EMPTY_NETWORK, 0, good, NULL, NULL);
    refuse(HOTNAS_STATUS_TOO_MANY_CELLS, 65, many, NULL, NULL);
    refuse(HOTNAS_STATUS_TOO_MANY_CELLS, SIZE_MAX, many, NULL, NULL);
    refuse(HOTNAS_STATUS_NULL, 3, NULL, NULL, NULL);
    refuse(HOTNAS_STATUS_INVALID_POSITION, 3, good, down, NULL);
    refuse(HOTNAS_STATUS_INVALID_POSITION, 3, good, outside, NULL);
    refuse(HOTNAS_STATUS_INVALID_POSITION, 3, good, zero, NULL);
    odd[1] = not_a_number();
    refuse(HOTNAS_STATUS_INVALID_POSITION, 3, good, odd, NULL);
    refuse(HOTNAS_STATUS_MASS_NOT_FINITE, 3, good, NULL, odd);
    refuse(HOTNAS_STATUS_NEGATIVE_MASS, 3, good, NULL, negative);
    refuse(HOTNAS_STATUS_MASS_SUM, 3, good, NULL, sum);
    memcpy(bad, good, sizeof bad);
    bad[1] = NULL;
    refuse(HOTNAS_STATUS_NULL, 3, bad, NULL, NULL);
    memset(&none, 0, sizeof none);
    bad[1] = &none;
    refuse(HOTNAS_STATUS_NOT_INITIALISED, 3, bad, NULL, NULL);
    bad[1] = &foreign;
    refuse(HOTNAS_STATUS_TABLE_MISMATCH, 3, bad, NULL, NULL);
    memory = (unsigned char *)lent_start(&storage);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, network,
                     hotnas_network_init(&network, 3, good, NULL, NULL, memory, size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, network,
                     hotnas_network_init(&network, 3, good, NULL, NULL, memory + 1, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, network,
                     hotnas_network_init(&network, 3, good, NULL, NULL, NULL, size));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_init(NULL, 3, good, NULL, NULL, memory, size));
    CHECK(pattern_is(&storage, sizeof storage));
    CHECK(hotnas_network_size(0) == SIZE_MAX && hotnas_network_size(65) == SIZE_MAX);
}

static void what_it_is(void) {
    static const hotnas_real third[3] = {REAL(1.0 / 3), REAL(1.0 / 3), REAL(1.0 / 3)};
    const hotnas_cell *first[3], *second[3];
    hotnas_network x, y;
    hotnas_network_info info_x, info_y;
    int32_t order;
    unsigned char *memory = (unsigned char *)lent_start(&storage);
    size_t size = hotnas_network_size(3), apart = (size + 7) / 8 * 8;
    first[0] = &a, first[1] = &a_again, first[2] = &b;
    second[0] = &a, second[1] = &a, second[2] = &b;
    EXPECT(OK, hotnas_network_init(&x, 3, first, NULL, NULL, memory, size));
    CHECK(lent_surroundings_intact(&storage, size));
    EXPECT(OK, hotnas_network_init(&y, 3, second, NULL, third, memory + apart, size));
    EXPECT(OK, hotnas_network_describe(&x, &info_x));
    EXPECT(OK, hotnas_network_describe(&y, &info_y));
    CHECK(info_x.cell_count == 3 && info_x.distinct_count == 2);
    CHECK(memcmp(info_x.fingerprint, info_y.fingerprint, sizeof info_x.fingerprint) == 0);
    EXPECT(OK, hotnas_network_compare(&x, &y, &order));
    CHECK(order == 0);
    second[0] = &b;
    EXPECT(OK, hotnas_network_init(&y, 3, second, NULL, NULL, memory + apart, size));
    EXPECT(OK, hotnas_network_compare(&x, &y, &order));
    CHECK(order == -1 || order == 1);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, order, hotnas_network_compare(NULL, &y, &order));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, order, hotnas_network_compare(&x, NULL, &order));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_compare(&x, &y, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_describe(&x, NULL));
    memset(&y, 0, sizeof y);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info_x, hotnas_network_describe(&y, &info_x));
}

int main(void) {
    hotnas_operations flat;
    hotnas_operations_spec spec;
    memset(&spec, 0, sizeof spec);
    spec.operation_count = 4;
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    EXPECT(OK, hotnas_operations_init_poster(&operations));
    EXPECT(OK, hotnas_operations_init(&flat, &spec));
    make_cell(&a, 0, &operations, 2);
    make_cell(&a_again, 1, &operations, 2);
    make_cell(&b, 2, &operations, 3);
    make_cell(&foreign, 3, &flat, 2);
    bad_arguments();
    what_it_is();
    return finish();
}
