/* Nearest neighbours: what all distances give, one candidate at a time out of read-only memory, what is
 * refused. */
#include "check.h"

#define COUNT_ 24
#define WORDS 256

static lent scratch;
static hotnas_workspace workspace;
static hotnas_operations operations, flat;
static hotnas_metric metric;
static hotnas_cell cells[COUNT_], foreign;
static size_t node_counts[COUNT_];
static uint64_t cell_memory[COUNT_ + 1][WORDS], network_memory[8][128], cache_memory[4096];

static void make_cells(void) {
    size_t k, i, j;
    for (k = 0; k < COUNT_; k++) {
        uint8_t ops[6];
        hotnas_edge list[15];
        hotnas_cell_spec spec;
        size_t n = 2 + random_word() % 5, edges = 0;
        for (i = 0; i < n; i++) {
            ops[i] = (uint8_t)(random_word() % 4);
            for (j = i + 1; j < n; j++) {
                if (random_word() % 2 == 0) continue;
                list[edges].from = (uint8_t)i;
                list[edges].to = (uint8_t)j;
                edges++;
            }
        }
        memset(&spec, 0, sizeof spec);
        spec.node_count = node_counts[k] = n;
        spec.operations = ops;
        spec.edge_count = edges;
        spec.edges = list;
        EXPECT(OK, hotnas_cell_init(&cells[k], &operations, &spec, cell_memory[k], sizeof cell_memory[k], &workspace));
        spec.node_count = 1;
        spec.edge_count = 0;
        ops[0] = 0;
        EXPECT(OK, hotnas_cell_init(&foreign, &flat, &spec, cell_memory[COUNT_], sizeof cell_memory[COUNT_], &workspace));
    }
    /* A tie: of equal distances the lowest index is the answer. */
    cells[7] = cells[3];
    node_counts[7] = node_counts[3];
    memcpy(cell_memory[7], cell_memory[3], sizeof cell_memory[3]);
}

/* Distances ascend, of equal ones the indices, and what is left out is not nearer than the last. */
static void check_order(const hotnas_neighbour *nearest, size_t wanted, const hotnas_real *all, size_t count) {
    size_t i, j, before;
    for (i = 0; i < wanted; i++) {
        CHECK(memcmp(&nearest[i].distance, &all[nearest[i].index], sizeof nearest[i].distance) == 0);
        for (before = 0, j = 0; j < count; j++)
            before += all[j] < nearest[i].distance || (all[j] == nearest[i].distance && j < nearest[i].index);
        CHECK(before == i);
    }
}

static void nearest_cells(void) {
    const hotnas_cell *list[COUNT_], *bad[2];
    hotnas_neighbour nearest[COUNT_ + 1];
    hotnas_nearest_report report;
    hotnas_real all[COUNT_];
    hotnas_cache cache;
    hotnas_workspace small;
    size_t i, wanted, size = hotnas_metric_nearest_cells_workspace_size(&metric, COUNT_, 6, 6);
    for (i = 0; i < COUNT_; i++) list[i] = &cells[i];
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, sizeof cache_memory));
    for (i = 0; i < 8; i++) {
        EXPECT(OK, hotnas_metric_cell_distances(&metric, &cells[i], COUNT_, list, NULL, &workspace, all));
        for (wanted = 1; wanted <= COUNT_; wanted += 7) {
            pattern_fill(nearest, sizeof nearest);
            EXPECT(OK, hotnas_metric_nearest_cells(&metric, &cells[i], COUNT_, list, wanted % 2 ? NULL : &cache,
                                                   &workspace, wanted, nearest, &report));
            check_order(nearest, wanted, all, COUNT_);
            CHECK(pattern_is(&nearest[wanted], sizeof nearest[wanted]));
            CHECK(report.moments == COUNT_ && report.solved <= report.transports && report.solved >= wanted);
        }
    }
    EXPECT(OK, hotnas_metric_nearest_cells(&metric, &cells[7], COUNT_, list, NULL, &workspace, 2, nearest, NULL));
    CHECK(nearest[0].index == 3 && nearest[1].index == 7 && nearest[1].distance == 0);

    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    EXPECT(OK, hotnas_metric_nearest_cells(&metric, &cells[0], COUNT_, list, NULL, &small, 1, nearest, &report));
    CHECK(lent_surroundings_intact(&scratch, size));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size / 2));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], COUNT_, list, NULL, &small, 1, nearest, NULL));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));

    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], COUNT_, list, NULL, &workspace, 0, nearest, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], 3, list, NULL, &workspace, 4, nearest, &report));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], 0, NULL, NULL, &workspace, 1, nearest, NULL));
    EXPECT(HOTNAS_STATUS_NULL,
           hotnas_metric_nearest_cells(&metric, &cells[0], COUNT_, list, NULL, &workspace, 1, NULL, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], COUNT_, list, NULL, &workspace, 1,
                                                 (hotnas_neighbour *)((char *)nearest + 1), NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, nearest,
                     hotnas_metric_nearest_cells(NULL, &cells[0], COUNT_, list, NULL, &workspace, 1, nearest, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, nearest,
                     hotnas_metric_nearest_cells(&metric, NULL, COUNT_, list, NULL, &workspace, 1, nearest, NULL));
    bad[0] = &cells[0], bad[1] = &foreign;
    pattern_fill(&report, sizeof report);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], 2, bad, NULL, &workspace, 1, nearest, &report));
    CHECK(pattern_is(&report, sizeof report));
    bad[1] = NULL;
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, nearest,
                     hotnas_metric_nearest_cells(&metric, &cells[0], 2, bad, NULL, &workspace, 1, nearest, NULL));
    CHECK(hotnas_metric_nearest_cells_workspace_size(&metric, SIZE_MAX / 4, 6, 6) == SIZE_MAX);
    CHECK(hotnas_metric_nearest_cells_workspace_size(NULL, 4, 6, 6) == SIZE_MAX);
}

/* One candidate at a time, read in place. */
static void one_at_a_time(void) {
    hotnas_solution solution;
    hotnas_comparison answer;
    hotnas_cell candidate;
    hotnas_workspace small;
    size_t i, best = COUNT_, solved = 0, size = hotnas_metric_cell_workspace_size(&metric, 6, 6);
    hotnas_real least = infinity_(), expected = infinity_();
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    for (i = 1; i < COUNT_; i++) {
        EXPECT(OK, hotnas_cell_open(&candidate, &operations, node_counts[i], cell_memory[i], sizeof cell_memory[i]));
        EXPECT(OK, hotnas_metric_compare_cell_distance(&metric, &cells[0], &candidate, least, &small, &answer));
        EXPECT(OK, hotnas_metric_cell_distance(&metric, &cells[0], &candidate, &small, &solution, NULL));
        CHECK(answer.value <= solution.value && answer.is_nearer == (solution.value < least ? 1u : 0u));
        CHECK(answer.stage >= HOTNAS_STAGE_MOMENTS && answer.stage <= HOTNAS_STAGE_SOLVED);
        solved += answer.stage == HOTNAS_STAGE_SOLVED;
        if (solution.value < expected) expected = solution.value;
        if (answer.is_nearer) best = i, least = answer.value;
    }
    CHECK(best < COUNT_ && least == expected && solved < COUNT_ - 1);
    CHECK(lent_surroundings_intact(&scratch, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, answer,
                     hotnas_metric_compare_cell_distance(&metric, &cells[0], &cells[1], not_a_number(), &small, &answer));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_TABLE_MISMATCH, answer,
                     hotnas_metric_compare_cell_distance(&metric, &cells[0], &foreign, 1, &small, &answer));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, answer,
                     hotnas_metric_compare_cell_distance(&metric, NULL, &cells[1], 1, &small, &answer));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_metric_compare_cell_distance(&metric, &cells[0], &cells[1], 1, &small, NULL));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, 64));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, answer,
                     hotnas_metric_compare_cell_distance(&metric, &cells[0], &cells[1], 1, &small, &answer));
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
}

static void nearest_networks(void) {
    hotnas_network nets[8], none;
    const hotnas_network *list[8];
    const hotnas_cell *sequence[3];
    hotnas_neighbour nearest[8];
    hotnas_nearest_report report;
    hotnas_comparison answer;
    hotnas_cache cache;
    hotnas_workspace small;
    hotnas_real all[8];
    size_t i, j, size = hotnas_metric_nearest_networks_workspace_size(&metric, 8, 6, 3, 3);
    for (i = 0; i < 8; i++) {
        for (j = 0; j < 3; j++) sequence[j] = &cells[(i * 3 + j * (i + 1)) % COUNT_];
        EXPECT(OK, hotnas_network_init(&nets[i], 1 + i % 3, sequence, NULL, NULL, network_memory[i],
                                       sizeof network_memory[i]));
        list[i] = &nets[i];
    }
    EXPECT(OK, hotnas_cache_init(&cache, 64, cache_memory, sizeof cache_memory));
    EXPECT(OK, hotnas_workspace_init(&small, lent_start(&scratch), size));
    for (i = 0; i < 8; i++) {
        EXPECT(OK, hotnas_metric_network_distances(&metric, &nets[i], 8, list, NULL, &small, all));
        for (j = 0; j < 2; j++) {
            EXPECT(OK, hotnas_metric_nearest_networks(&metric, &nets[i], 8, list, j == 0 ? NULL : &cache, &small,
                                                      3, nearest, &report));
            check_order(nearest, 3, all, 8);
            CHECK(report.moments == 8 && report.solved >= 3 && report.solved <= report.transports);
        }
        for (j = 0; j < 8; j++) {
            EXPECT(OK, hotnas_metric_compare_network_distance(&metric, &nets[i], &nets[j], all[3], &cache, &small, &answer));
            CHECK(answer.is_nearer == (all[j] < all[3] ? 1u : 0u) && answer.value <= all[j]);
        }
    }
    CHECK(lent_surroundings_intact(&scratch, size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_DIMENSION_MISMATCH, nearest,
                     hotnas_metric_nearest_networks(&metric, &nets[0], 8, list, NULL, &small, 9, nearest, NULL));
    memset(&none, 0, sizeof none);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, nearest,
                     hotnas_metric_nearest_networks(&metric, &none, 8, list, NULL, &small, 1, nearest, NULL));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, answer,
                     hotnas_metric_compare_network_distance(&metric, &nets[0], &none, 1, NULL, &small, &answer));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_FINITE, answer,
                     hotnas_metric_compare_network_distance(&metric, &nets[0], &nets[1], not_a_number(), NULL, &small, &answer));
    EXPECT(OK, hotnas_workspace_init(&small, scratch.words, size / 2));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, nearest,
                     hotnas_metric_nearest_networks(&metric, &nets[0], 8, list, NULL, &small, 1, nearest, NULL));
    CHECK(hotnas_metric_nearest_networks_workspace_size(NULL, 8, 6, 3, 3) == SIZE_MAX);
}

int main(void) {
    hotnas_operations_spec spec;
    hotnas_metric_settings settings;
    int32_t pairing;
    memset(&spec, 0, sizeof spec);
    spec.operation_count = 4;
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    EXPECT(OK, hotnas_operations_init_poster(&operations));
    EXPECT(OK, hotnas_operations_init(&flat, &spec));
    make_cells();
    for (pairing = HOTNAS_PAIRING_ORDERED; pairing <= HOTNAS_PAIRING_FLOW; pairing++) {
        EXPECT(OK, hotnas_metric_settings_default(&settings));
        settings.pairing = pairing;
        EXPECT(OK, hotnas_metric_init(&metric, &operations, &settings));
        nearest_cells();
        one_at_a_time();
        nearest_networks();
        EXPECT(OK, hotnas_workspace_init(&workspace, scratch.words, sizeof scratch.words));
    }
    return finish();
}
