/* Distances of cells and networks: what is promised, closed forms, matrices, the cache, what is
 * refused. */
#include "check.h"

#define CELLS 12

static lent scratch;
static hotnas_workspace workspace;
static hotnas_operations operations, flat;
static hotnas_metric metric;
static hotnas_cell cells[CELLS], foreign;
static uint64_t cell_memory[CELLS + 1][512], network_memory[8][128], cache_memory[4096];

static void make(hotnas_cell *cell, size_t slot, const hotnas_operations *table, size_t n,
                 const uint8_t *ops, size_t edges, const hotnas_edge *list) {
    hotnas_cell_spec spec;
    memset(&spec, 0, sizeof spec);
    spec.node_count = n;
    spec.operations = ops;
    spec.edge_count = edges;
    spec.edges = list;
    EXPECT(OK, hotnas_cell_init(cell, table, &spec, cell_memory[slot], sizeof cell_memory[slot], &workspace));
}

/* Random graphs; every second one is the one before it with its nodes renumbered backwards. */
static void make_cells(void) {
    size_t k, i, j;
    for (k = 0; k < CELLS; k += 2) {
        uint8_t ops[2][8];
        hotnas_edge list[2][28];
        size_t n = 3 + random_word() % 5, edges = 0;
        for (i = 0; i < n; i++) {
            ops[0][i] = (uint8_t)(random_word() % 4);
            ops[1][n - 1 - i] = ops[0][i];
            for (j = i + 1; j < n; j++) {
                if (random_word() % 2 == 0) continue;
                list[0][edges].from = (uint8_t)i;
                list[0][edges].to = (uint8_t)j;
                list[1][edges].from = (uint8_t)(n - 1 - i);
                list[1][edges].to = (uint8_t)(n - 1 - j);
                edges++;
            }
        }
        for (i = 0; i < 2; i++) make(&cells[k + i], k + i, &operations, n, ops[i], edges, list[i]);
    }
}

static void metric_with(hotnas_metric *out, int32_t pairing, int32_t effort) {
    hotnas_metric_settings settings;
    EXPECT(OK, hotnas_metric_settings_default(&settings));
    settings.pairing = pairing;
    settings.effort = effort;
    EXPECT(OK, hotnas_metric_init(out, &operations, &settings));
}

static void settings_and_handles(void) {
    static const struct { int32_t pairing, effort, distance; } bad_enums[6] = {
        {3, 0, 0}, {-1, 0, 0}, {0, 3, 0}, {0, -1, 0}, {0, 0, -1}, {0, 0, 99}};
    hotnas_metric_settings settings, changed;
    hotnas_metric made;
    hotnas_operations none;
    size_t i;
    EXPECT(OK, hotnas_metric_settings_default(&settings));
    CHECK(settings.epsilon == HOTNAS_DEFAULT_EPSILON && settings.lambda == HOTNAS_DEFAULT_LAMBDA);
    CHECK(settings.eta == HOTNAS_DEFAULT_ETA && settings.pairing == HOTNAS_PAIRING_FLOW);
    CHECK(settings.effort == HOTNAS_EFFORT_FAST && settings.iterations == HOTNAS_DEFAULT_STEPS);
    CHECK(settings.proof_gap == HOTNAS_DEFAULT_PROOF_GAP && settings.nodes == HOTNAS_DEFAULT_NODES);
    EXPECT(OK, hotnas_metric_settings_poster(&changed));
    CHECK(changed.pairing == HOTNAS_PAIRING_ORDERED && changed.lambda == settings.lambda);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_settings_default(NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_settings_poster(NULL));
    CHECK(settings.distance == HOTNAS_DISTANCE_HOTNN);
    for (i = 0; i < 6; i++) {
        changed = settings;
        changed.distance = bad_enums[i].distance;
        changed.pairing = bad_enums[i].pairing;
        changed.effort = bad_enums[i].effort;
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, made, hotnas_metric_init(&made, &operations, &changed));
    }
#define REFUSED(field, value)                                                                            \
    changed = settings;                                                                                  \
    changed.field = value;                                                                               \
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, made, hotnas_metric_init(&made, &operations, &changed))
    REFUSED(epsilon, REAL(-0.1));
    REFUSED(epsilon, REAL(1.1));
    REFUSED(lambda, not_a_number());
    REFUSED(lambda, 2);
    REFUSED(eta, infinity_());
    REFUSED(gap, 0);
    REFUSED(gap, not_a_number());
    REFUSED(iterations, 0);
    REFUSED(proof_gap, 1);
    REFUSED(proof_gap, not_a_number());
    changed = settings;
    changed.pairing = HOTNAS_PAIRING_ORDERED;
    changed.lambda = 0;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, made, hotnas_metric_init(&made, &operations, &changed));
    memset(&none, 0, sizeof none);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, made, hotnas_metric_init(&made, &none, &settings));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, made, hotnas_metric_init(&made, NULL, &settings));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, made, hotnas_metric_init(&made, &operations, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_init(NULL, &operations, &settings));
}

/* Two chains that differ in one operation: half the mass moves. */
static void closed_form(void) {
    static const uint8_t ops[2][2] = {{0, 2}, {1, 2}};
    static const hotnas_edge edge = {0, 1};
    hotnas_cell a, b;
    hotnas_solution solution;
    hotnas_real plan[4];
    make(&a, 0, &operations, 2, ops[0], 1, &edge);
    make(&b, 1, &operations, 2, ops[1], 1, &edge);
    EXPECT(OK, hotnas_metric_cell_distance(&metric, &a, &b, &workspace, &solution, plan));
    NEAR(solution.value, REAL(0.02)); /* 0.8 * 1/2 * 0.5 * 0.1 */
    NEAR(plan[0], REAL(0.5));
    NEAR(plan[1], 0);
}

static void promises(void) {
    hotnas_metric m;
    hotnas_solution ab, ba, other;
    int32_t pairing, effort;
    hotnas_real plan[64], transposed[64];
    size_t i, j;
    for (pairing = 0; pairing < 3; pairing++) {
        for (effort = 0; effort < 2; effort++) {
            metric_with(&m, pairing, effort);
            for (i = 0; i < CELLS; i++) {
                for (j = 0; j <= i; j++) {
                    EXPECT(OK, hotnas_metric_cell_distance(&m, &cells[i], &cells[j], &workspace, &ab, plan));
                    EXPECT(OK, hotnas_metric_cell_distance(&m, &cells[j], &cells[i], &workspace, &ba, transposed));
                    CHECK(memcmp(&ab.value, &ba.value, sizeof ab.value) == 0);
                    CHECK(ab.value >= 0 && ab.lower_bound <= ab.value && ab.marginal_residual <= TOLERANCE);
                    if (i / 2 == j / 2) CHECK(ab.value == 0 && ab.proved_optimal == 1);
                    /* renumbered: equal to the bit */
                    EXPECT(OK, hotnas_metric_cell_distance(&m, &cells[i ^ 1], &cells[j], &workspace, &other, NULL));
                    CHECK(memcmp(&ab.value, &other.value, sizeof ab.value) == 0);
                }
            }
        }
    }
}

/* EXACT: a proved distance, between cells and through them between networks. */
static void proofs(void) {
    static const uint8_t ops[2][4] = {{0, 1, 2, 3}, {1, 0, 2, 0}};
    static const hotnas_edge left[3] = {{0, 1}, {1, 2}, {2, 3}}, right[2] = {{0, 3}, {1, 2}};
    hotnas_metric_settings settings;
    hotnas_metric proving;
    hotnas_cell a, b;
    const hotnas_cell *sequence[1];
    hotnas_network nets[2];
    hotnas_solution solution, thorough;
    hotnas_network_solution outer;
    hotnas_workspace lent_workspace;
    size_t size, slot;
    make(&a, 0, &operations, 4, ops[0], 3, left);
    make(&b, 1, &operations, 4, ops[1], 2, right);
    EXPECT(OK, hotnas_metric_settings_default(&settings));
    settings.lambda = REAL(0.5);
    settings.effort = HOTNAS_EFFORT_THOROUGH;
    EXPECT(OK, hotnas_metric_init(&proving, &operations, &settings));
    EXPECT(OK, hotnas_metric_cell_distance(&proving, &a, &b, &workspace, &thorough, NULL));
    CHECK(thorough.nodes == 0);
    settings.effort = HOTNAS_EFFORT_EXACT;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, proving, hotnas_metric_init(&proving, &operations, &settings));
    settings.prover = hotnas_prover_get();
    EXPECT(OK, hotnas_metric_init(&proving, &operations, &settings));
    size = hotnas_metric_cell_workspace_size(&proving, 4, 4);
    CHECK(size > hotnas_metric_cell_workspace_size(&metric, 4, 4));
    EXPECT(OK, hotnas_workspace_init(&lent_workspace, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_cell_distance(&proving, &a, &b, &lent_workspace, &solution, NULL));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(solution.proved_optimal == 1 && solution.value <= thorough.value);
    CHECK(solution.lower_bound >= solution.value * REAL(0.9989) && solution.lower_bound <= thorough.value);
    for (slot = 0; slot < 2; slot++) {
        sequence[0] = slot == 0 ? &a : &b;
        EXPECT(OK, hotnas_network_init(&nets[slot], 1, sequence, NULL, NULL, network_memory[slot],
                                       sizeof network_memory[slot]));
    }
    size = hotnas_metric_network_workspace_size(&proving, 4, 1, 1);
    EXPECT(OK, hotnas_workspace_init(&lent_workspace, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_network_distance(&proving, &nets[0], &nets[1], NULL, &lent_workspace, &outer, NULL));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(outer.proved_optimal == 1 && outer.nodes == solution.nodes);
    NEAR(outer.value, solution.value / 2);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

static void matrices_of_cells(void) {
    const hotnas_cell *list[CELLS], *bad[2];
    hotnas_real matrix[CELLS * CELLS], with_cache[CELLS * CELLS], row[CELLS];
    hotnas_cache cache, copy;
    hotnas_cache_info info;
    hotnas_solution solution;
    size_t i, j, size = hotnas_cache_size(64);
    for (i = 0; i < CELLS; i++) list[i] = &cells[i];
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, size));
    EXPECT(HOTNAS_STATUS_MEMORY_TOO_SMALL, hotnas_cache_init(&copy, 64, cache_memory, size - 1));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cache_init(&copy, 64, NULL, size));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_cache_init(NULL, 64, cache_memory, size));
    EXPECT(HOTNAS_STATUS_MISALIGNED, hotnas_cache_init(&copy, 64, (char *)cache_memory + 1, size));
    CHECK(hotnas_cache_size(SIZE_MAX / 2) == SIZE_MAX);
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_cache_init(&copy, SIZE_MAX / 2, cache_memory, size));
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, size));
    EXPECT(OK, hotnas_metric_cell_matrix(&metric, CELLS, list, NULL, &workspace, matrix));
    EXPECT(OK, hotnas_metric_cell_matrix(&metric, CELLS, list, &cache, &workspace, with_cache));
    CHECK(memcmp(matrix, with_cache, sizeof matrix) == 0);
    EXPECT(OK, hotnas_metric_cell_matrix(&metric, CELLS, list, &cache, &workspace, with_cache));
    CHECK(memcmp(matrix, with_cache, sizeof matrix) == 0);
    EXPECT(OK, hotnas_cache_describe(&cache, &info));
    CHECK(info.hits > 0 && info.capacity >= 64);
    for (i = 0; i < CELLS; i++) {
        EXPECT(OK, hotnas_metric_cell_distances(&metric, &cells[i], CELLS, list, &cache, &workspace, row));
        CHECK(memcmp(row, matrix + i * CELLS, sizeof row) == 0);
        for (j = 0; j < CELLS; j++) {
            EXPECT(OK, hotnas_metric_cell_distance(&metric, &cells[i], &cells[j], &workspace, &solution, NULL));
            CHECK(memcmp(&solution.value, &matrix[i * CELLS + j], sizeof solution.value) == 0);
        }
    }
    copy = cache;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, row,
                     hotnas_metric_cell_distances(&metric, &cells[0], 2, list, &copy, &workspace, row));
    bad[0] = &cells[0], bad[1] = &foreign;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, row,
                     hotnas_metric_cell_distances(&metric, &cells[0], 2, bad, NULL, &workspace, row));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, row,
                     hotnas_metric_cell_matrix(&metric, 2, bad, NULL, &workspace, row));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, solution,
                     hotnas_metric_cell_distance(&metric, &foreign, &cells[0], &workspace, &solution, NULL));
    bad[1] = NULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, row,
                     hotnas_metric_cell_matrix(&metric, 2, bad, NULL, &workspace, row));
    EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_metric_cell_matrix(&metric, SIZE_MAX, bad, NULL, &workspace, row));
    EXPECT(OK, hotnas_metric_cell_matrix(&metric, 0, NULL, NULL, &workspace, NULL));
}

static void bad_distances(void) {
    hotnas_metric no_metric;
    hotnas_cell no_cell;
    hotnas_workspace small;
    hotnas_solution solution;
    hotnas_cell_info a, b;
    hotnas_real plan[64];
    size_t size;
    memset(&no_metric, 0, sizeof no_metric);
    memset(&no_cell, 0, sizeof no_cell);
    EXPECT(OK, hotnas_cell_describe(&cells[0], &a));
    EXPECT(OK, hotnas_cell_describe(&cells[2], &b));
    size = hotnas_metric_cell_workspace_size(&metric, a.node_count, b.node_count);
    pattern_fill(plan, sizeof plan);
#define BAD(expected, m, x, y, w) \
    EXPECT_UNTOUCHED(expected, solution, hotnas_metric_cell_distance(m, x, y, w, &solution, plan))
    BAD(HOTNAS_STATUS_NULL, NULL, &cells[0], &cells[2], &workspace);
    BAD(HOTNAS_STATUS_NULL, &metric, NULL, &cells[2], &workspace);
    BAD(HOTNAS_STATUS_NULL, &metric, &cells[0], NULL, &workspace);
    BAD(HOTNAS_STATUS_NULL, &metric, &cells[0], &cells[2], NULL);
    BAD(HOTNAS_STATUS_NOT_INITIALISED, &no_metric, &cells[0], &cells[2], &workspace);
    BAD(HOTNAS_STATUS_NOT_INITIALISED, &metric, &no_cell, &cells[2], &workspace);
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size - 1));
    BAD(HOTNAS_STATUS_MEMORY_TOO_SMALL, &metric, &cells[0], &cells[2], &small);
    CHECK(pattern_is(plan, sizeof plan));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_cell_distance(&metric, &cells[0], &cells[2], &workspace, NULL, plan));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_cell_distance(&metric, &cells[0], &cells[2], &small, &solution, plan));
    CHECK(lent_surroundings_intact(&scratch, size));
    CHECK(hotnas_metric_cell_workspace_size(&metric, SIZE_MAX, 3) == SIZE_MAX);
    CHECK(hotnas_metric_cell_workspace_size(NULL, 3, 3) == SIZE_MAX);
    CHECK(hotnas_metric_cell_workspace_size(&no_metric, 3, 3) == SIZE_MAX);
    CHECK(hotnas_metric_network_workspace_size(&metric, SIZE_MAX, 3, 3) == SIZE_MAX);
    CHECK(hotnas_metric_network_workspace_size(NULL, 3, 3, 3) == SIZE_MAX);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

static void networks(void) {
    hotnas_network nets[4], none;
    const hotnas_network *list[4];
    const hotnas_cell *sequence[4];
    hotnas_network_solution solution, swapped;
    hotnas_solution pair;
    hotnas_cache cache;
    hotnas_real matrix[16], cached[16], row[4], plan[16], sum = 0;
    size_t i, j, size;
    hotnas_workspace small;
    for (i = 0; i < 4; i++) {
        for (j = 0; j < 4; j++) sequence[j] = &cells[(i * 2 + j * (i + 1)) % CELLS];
        EXPECT(OK, hotnas_network_init(&nets[i], i == 0 ? 1 : 4, sequence, NULL, NULL, network_memory[i],
                                       sizeof network_memory[i]));
        list[i] = &nets[i];
    }
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, sizeof cache_memory));
    EXPECT(OK, hotnas_metric_network_matrix(&metric, 4, list, NULL, &workspace, matrix));
    EXPECT(OK, hotnas_metric_network_matrix(&metric, 4, list, &cache, &workspace, cached));
    CHECK(memcmp(matrix, cached, sizeof matrix) == 0);
    for (i = 0; i < 4; i++) {
        EXPECT(OK, hotnas_metric_network_distances(&metric, &nets[i], 4, list, &cache, &workspace, row));
        CHECK(memcmp(row, matrix + i * 4, sizeof row) == 0);
        CHECK(matrix[i * 5] == 0);
        for (j = 0; j < 4; j++) {
            EXPECT(OK, hotnas_metric_network_distance(&metric, &nets[i], &nets[j], NULL, &workspace, &solution, plan));
            EXPECT(OK, hotnas_metric_network_distance(&metric, &nets[j], &nets[i], &cache, &workspace, &swapped, NULL));
            CHECK(memcmp(&solution.value, &matrix[i * 4 + j], sizeof solution.value) == 0);
            CHECK(memcmp(&solution.value, &swapped.value, sizeof solution.value) == 0);
            CHECK(solution.value >= 0 && solution.lower_bound <= solution.value);
        }
    }
    /* Networks of one cell: (1 - eta) of the distance of the cells; positions are both 1. */
    sequence[0] = &cells[4];
    EXPECT(OK, hotnas_network_init(&nets[1], 1, sequence, NULL, NULL, network_memory[1], sizeof network_memory[1]));
    EXPECT(OK, hotnas_metric_network_distance(&metric, &nets[0], &nets[1], NULL, &workspace, &solution, plan));
    EXPECT(OK, hotnas_metric_cell_distance(&metric, &cells[0], &cells[4], &workspace, &pair, NULL));
    NEAR(solution.value, pair.value / 2);
    NEAR(plan[0], 1);
    EXPECT(OK, hotnas_metric_network_distance(&metric, &nets[2], &nets[3], NULL, &workspace, &solution, plan));
    for (i = 0; i < 16; i++) sum += plan[i];
    NEAR(sum, 1);
    memset(&none, 0, sizeof none);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, solution,
                     hotnas_metric_network_distance(&metric, &nets[0], &none, NULL, &workspace, &solution, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, solution,
                     hotnas_metric_network_distance(&metric, NULL, &nets[0], NULL, &workspace, &solution, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, solution,
                     hotnas_metric_network_distance(NULL, &nets[0], &nets[0], NULL, &workspace, &solution, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_network_distance(&metric, &nets[0], &nets[1], NULL, &workspace, NULL, NULL));
    list[2] = NULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, row,
                     hotnas_metric_network_distances(&metric, &nets[0], 4, list, NULL, &workspace, row));
    sequence[0] = &foreign;
    EXPECT(OK, hotnas_network_init(&nets[2], 1, sequence, NULL, NULL, network_memory[2], sizeof network_memory[2]));
    list[2] = &nets[2];
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, matrix,
                     hotnas_metric_network_matrix(&metric, 4, list, NULL, &workspace, matrix));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, row,
                     hotnas_metric_network_distances(&metric, &nets[0], 4, list, NULL, &workspace, row));
    size = hotnas_metric_network_workspace_size(&metric, 8, 4, 4);
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_network_distance(&metric, &nets[0], &nets[3], NULL, &small, &solution, NULL));
    CHECK(lent_surroundings_intact(&scratch, size));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, 64));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, solution,
                     hotnas_metric_network_distance(&metric, &nets[0], &nets[3], NULL, &small, &solution, NULL));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

/* Three parts: each is a distance of its own, the last the whole; the cache changes nothing. */
static void parts(void) {
    static const struct { hotnas_real epsilon, lambda; } settings_of[3] = {{1, 1}, {0, 1}, {HOTNAS_DEFAULT_EPSILON, HOTNAS_DEFAULT_LAMBDA}};
    hotnas_metric_settings settings;
    hotnas_metric whole, single, none;
    hotnas_network nets[2];
    const hotnas_cell *sequence[3];
    hotnas_network_solution solution;
    hotnas_cache cache;
    hotnas_workspace small;
    struct { hotnas_real values[3], canary; } got, again;
    size_t i, j, size;
    for (i = 0; i < 2; i++) {
        for (j = 0; j < 3; j++) sequence[j] = &cells[(4 * i + 2 * j) % CELLS];
        EXPECT(OK, hotnas_network_init(&nets[i], 3 - i, sequence, NULL, NULL, network_memory[i],
                                       sizeof network_memory[i]));
    }
    EXPECT(OK, hotnas_metric_settings_default(&settings));
    settings.distance = HOTNAS_DISTANCE_HOTNN_PARTS;
    EXPECT(OK, hotnas_metric_init(&whole, &operations, &settings));
    memset(&none, 0, sizeof none);
    CHECK(hotnas_metric_part_count(&metric) == 1 && hotnas_metric_part_count(&whole) == 3);
    CHECK(hotnas_metric_part_count(NULL) == 0 && hotnas_metric_part_count(&none) == 0);
    got.canary = again.canary = REAL(-77);
    size = hotnas_metric_network_workspace_size(&whole, 8, 3, 3);
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_network_parts(&whole, &nets[0], &nets[1], NULL, &small, 3, got.values));
    CHECK(lent_surroundings_intact(&scratch, size) && got.canary == REAL(-77));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, sizeof cache_memory));
    for (i = 0; i < 2; i++) {
        EXPECT(OK, hotnas_metric_network_parts(&whole, &nets[1], &nets[0], &cache, &workspace, 3, again.values));
        CHECK(memcmp(got.values, again.values, sizeof got.values) == 0 && again.canary == REAL(-77));
    }
    settings.distance = HOTNAS_DISTANCE_HOTNN;
    for (i = 0; i < 3; i++) {
        settings.epsilon = settings_of[i].epsilon;
        settings.lambda = settings_of[i].lambda;
        EXPECT(OK, hotnas_metric_init(&single, &operations, &settings));
        EXPECT(OK, hotnas_metric_network_distance(&single, &nets[0], &nets[1], NULL, &workspace, &solution, NULL));
        CHECK(memcmp(&solution.value, &got.values[i], sizeof solution.value) == 0);
    }
    EXPECT(OK, hotnas_metric_network_parts(&metric, &nets[0], &nets[1], &cache, &workspace, 1, again.values));
    CHECK(memcmp(&again.values[0], &got.values[2], sizeof again.values[0]) == 0);
    EXPECT(OK, hotnas_metric_network_parts(&whole, &nets[0], &nets[0], NULL, &workspace, 3, again.values));
    CHECK(again.values[0] == 0 && again.values[1] == 0 && again.values[2] == 0);
#define BAD_PARTS(expected, m, x, y, w, count) \
    EXPECT_UNTOUCHED(expected, again, hotnas_metric_network_parts(m, x, y, NULL, w, count, again.values))
    BAD_PARTS(HOTNAS_STATUS_NULL, NULL, &nets[0], &nets[1], &workspace, 3);
    BAD_PARTS(HOTNAS_STATUS_NULL, &whole, NULL, &nets[1], &workspace, 3);
    BAD_PARTS(HOTNAS_STATUS_NULL, &whole, &nets[0], &nets[1], NULL, 3);
    BAD_PARTS(HOTNAS_STATUS_NOT_INITIALISED, &none, &nets[0], &nets[1], &workspace, 3);
    BAD_PARTS(HOTNAS_STATUS_DIMENSION_MISMATCH, &whole, &nets[0], &nets[1], &workspace, 2);
    BAD_PARTS(HOTNAS_STATUS_DIMENSION_MISMATCH, &metric, &nets[0], &nets[1], &workspace, 3);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_network_parts(&whole, &nets[0], &nets[1], NULL, &workspace, 3, NULL));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, 64));
    BAD_PARTS(HOTNAS_STATUS_MEMORY_TOO_SMALL, &whole, &nets[0], &nets[1], &small, 3);
    sequence[0] = &foreign;
    EXPECT(OK, hotnas_network_init(&nets[1], 1, sequence, NULL, NULL, network_memory[1], sizeof network_memory[1]));
    BAD_PARTS(HOTNAS_STATUS_TABLE_MISMATCH, &whole, &nets[0], &nets[1], &workspace, 3);
}

/* The distances of the peers: a closed form each, the same shape of call, what is refused. */
static void peers(void) {
    static const uint8_t ops[2][2] = {{0, 2}, {1, 2}};
    static const uint8_t codes[5] = {HOTNAS_LAYER_CONVOLUTION + 3, HOTNAS_LAYER_CONVOLUTION + 1,
                                     HOTNAS_LAYER_AVERAGE_POOLING, HOTNAS_LAYER_DENSE, 99};
    static const hotnas_edge edge = {0, 1};
    static const size_t counts[7] = {1, 3, 1, 1, 1, 3, 8};
    /* One node differs; of 2 + 2 + 2 neighbourhoods 1 + 2 + 2 differ on either side; half the mass at
     * epsilon 1/2; half the nodes and all pairs move below their class; 256 channels at 0.2 of 544. */
    static const hotnas_real expected[7] = {0, 0, 1, 10, REAL(0.25), REAL(0.15), REAL(0.2) * 256 / 544};
    hotnas_cell two[2];
    hotnas_network nets[2];
    const hotnas_network *list[2];
    const hotnas_cell *sequence[1];
    hotnas_metric_settings settings;
    hotnas_metric peer, made;
    hotnas_layers layers;
    hotnas_network_solution solution;
    hotnas_workspace small;
    hotnas_cache cache;
    hotnas_real parts[8], row[2], plan[1];
    int32_t distance;
    size_t i, size;
    memset(&layers, 0, sizeof layers);
    layers.codes = codes;
    layers.count = 4;
    layers.width = -1;
    layers.channels = 16;
    for (i = 0; i < 2; i++) {
        make(&two[i], i, &operations, 2, ops[i], 1, &edge);
        sequence[0] = &two[i];
        EXPECT(OK, hotnas_network_init(&nets[i], 1, sequence, NULL, NULL, network_memory[i],
                                       sizeof network_memory[i]));
        list[i] = &nets[i];
    }
    EXPECT(OK, hotnas_metric_settings_default(&settings));
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, sizeof cache_memory));
    for (distance = HOTNAS_DISTANCE_EDIT; distance <= HOTNAS_DISTANCE_OTMANN; distance++) {
        settings.distance = distance;
        EXPECT(OK, hotnas_metric_init_layers(&peer, &operations, &settings, &layers));
        CHECK(hotnas_metric_part_count(&peer) == counts[distance]);
        size = hotnas_metric_network_workspace_size(&peer, 2, 1, 1);
        EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
        pattern_fill(parts, sizeof parts);
        EXPECT(OK, hotnas_metric_network_parts(&peer, &nets[0], &nets[1], NULL, &small, counts[distance], parts));
        CHECK(lent_surroundings_intact(&scratch, size));
        CHECK(pattern_is(parts + counts[distance], sizeof parts - counts[distance] * sizeof parts[0]));
        EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
        for (i = 0; i < 2; i++) {
            EXPECT(OK, hotnas_metric_network_distance(&peer, &nets[1], &nets[0], &cache, &workspace, &solution, NULL));
            NEAR(solution.value, expected[distance]);
            CHECK(solution.lower_bound == solution.value && solution.proved_optimal == 1);
        }
        EXPECT(OK, hotnas_metric_network_distances(&peer, &nets[0], 2, list, NULL, &workspace, row));
        CHECK(row[0] == 0 && row[1] == solution.value);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_PLAN, solution,
                         hotnas_metric_network_distance(&peer, &nets[0], &nets[1], NULL, &workspace, &solution, plan));
        if (size > 0) {
            EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size - 1));
            EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, parts,
                             hotnas_metric_network_parts(&peer, &nets[0], &nets[1], NULL, &small, counts[distance], parts));
        }
    }
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
#define BAD_LAYERS(expected_status) \
    EXPECT_UNTOUCHED(expected_status, made, hotnas_metric_init_layers(&made, &operations, &settings, &layers))
    EXPECT_UNTOUCHED(HOTNAS_STATUS_LAYERS_MISSING, made, hotnas_metric_init(&made, &operations, &settings));
    settings.distance = HOTNAS_DISTANCE_EDIT;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_LAYERS_MISSING, made, hotnas_metric_init(&made, &operations, &settings));
    settings.distance = HOTNAS_DISTANCE_OTMANN;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, made, hotnas_metric_init_layers(&made, &operations, &settings, NULL));
    layers.count = 5;
    BAD_LAYERS(HOTNAS_STATUS_DIMENSION_MISMATCH);
    layers.count = 4;
    layers.width = 0;
    BAD_LAYERS(HOTNAS_STATUS_INVALID_SETTING);
    layers.width = 256;
    BAD_LAYERS(HOTNAS_STATUS_INVALID_SETTING);
    layers.width = -1;
    layers.channels = not_a_number();
    BAD_LAYERS(HOTNAS_STATUS_INVALID_SETTING);
    layers.channels = 16;
    layers.codes = NULL;
    BAD_LAYERS(HOTNAS_STATUS_NULL);
}

int main(void) {
    static const uint8_t one[1] = {0};
    hotnas_operations_spec spec;
    memset(&spec, 0, sizeof spec);
    spec.operation_count = 4;
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    EXPECT(OK, hotnas_operations_init_poster(&operations));
    EXPECT(OK, hotnas_operations_init(&flat, &spec));
    metric_with(&metric, HOTNAS_PAIRING_FLOW, HOTNAS_EFFORT_FAST);
    closed_form();
    proofs();
    make_cells();
    make(&foreign, CELLS, &flat, 1, one, 0, NULL);
    settings_and_handles();
    promises();
    matrices_of_cells();
    bad_distances();
    networks();
    parts();
    peers();
    return finish();
}
