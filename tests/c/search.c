/* Spaces and search: callbacks, determinism, pending trials, save and restore, what is refused. */
#include <stdlib.h>

#include "check.h"

#define GENES 5
#define CAPACITY 40
#define ROUNDS 24

static hotnas_operations operations;
static hotnas_metric metric;
static hotnas_space space;
static hotnas_search_settings settings;
static hotnas_workspace workspace;
static void *scratch;
static size_t scratch_size, memory_size;

/* A space of the caller's: a chain of up to five nodes, gene 0 for none, and a network of one or two
 * such cells. Two nodes of kind 3 in a row are infeasible. */
static const uint8_t cardinalities[GENES] = {4, 4, 4, 4, 2};

typedef struct counter {
    long decoded;
    int32_t failure; /* what decode returns instead of working */
} counter;
static counter count;

static int32_t decode(void *user, const uint8_t *genome, hotnas_network_builder *builder) {
    counter *counts = (counter *)user;
    hotnas_cell_spec spec;
    uint8_t ops[6], index;
    hotnas_edge edges[5];
    size_t n = 1, i;
    int32_t status;
    counts->decoded++;
    if (counts->failure != 0) return counts->failure;
    ops[0] = 0;
    for (i = 0; i + 1 < GENES; i++) {
        if (genome[i] == 0) continue;
        if (genome[i] == 3 && ops[n - 1] == 3) return HOTNAS_STATUS_INFEASIBLE;
        ops[n] = genome[i];
        edges[n - 1].from = (uint8_t)(n - 1);
        edges[n - 1].to = (uint8_t)n;
        n++;
    }
    memset(&spec, 0, sizeof spec);
    spec.node_count = n;
    spec.operations = ops;
    spec.edge_count = n - 1;
    spec.edges = edges;
    status = hotnas_network_builder_add_cell(builder, &spec, &index);
    if (status != OK) return status;
    status = hotnas_network_builder_push(builder, index);
    if (status == OK && genome[4] == 1) status = hotnas_network_builder_push(builder, index);
    return status;
}

/* Lower is better: a smooth function of the genome. */
static hotnas_real value_of(const uint8_t *genome) {
    static const hotnas_real worth[4] = {0, 1, 3, 2};
    hotnas_real sum = REAL(0.5) * (hotnas_real)genome[4];
    size_t i;
    for (i = 0; i < 4; i++) sum += worth[genome[i]];
    return 13 - sum;
}

static void caller_space(hotnas_space *out) {
    memset(out, 0, sizeof *out);
    out->user = &count;
    out->gene_count = GENES;
    out->cardinalities = cardinalities;
    out->max_nodes = 5;
    out->max_distinct = 1;
    out->max_cells = 2;
    out->decode = decode;
}

typedef struct record {
    uint8_t genome[ROUNDS][GENES];
} record;

static void *start(hotnas_search *search) {
    void *memory = malloc(memory_size);
    CHECK(memory != NULL);
    EXPECT(OK, hotnas_search_init(search, &settings, CAPACITY, GENES, memory, memory_size));
    return memory;
}

static void rounds(hotnas_search *search, uint32_t from, uint32_t to, hotnas_cache *cache, record *out) {
    uint32_t trial;
    for (trial = from; trial < to; trial++) {
        hotnas_proposal proposal;
        EXPECT(OK, hotnas_search_ask(search, trial, &space, &metric, cache, &workspace, &proposal,
                                     out->genome[trial]));
        CHECK(proposal.predicted == (proposal.observations >= settings.initial && settings.method == HOTNAS_METHOD_HOTNAS));
        if (trial % 7 == 3) EXPECT(OK, hotnas_search_fail(search, trial));
        else EXPECT(OK, hotnas_search_tell(search, trial, value_of(out->genome[trial])));
    }
}

static hotnas_status restored(hotnas_search *search, size_t size, const uint8_t *saved) {
    return hotnas_search_restore(search, size, saved, &space, &metric, &workspace);
}

/* The same genomes, of other networks. */
static int32_t decode_reversed(void *user, const uint8_t *genome, hotnas_network_builder *builder) {
    uint8_t reversed[GENES];
    size_t i;
    for (i = 0; i + 1 < GENES; i++) reversed[i] = genome[GENES - 2 - i];
    reversed[GENES - 1] = genome[GENES - 1];
    return decode(user, reversed, builder);
}

/* A state belongs to a space and a metric: with others there is a status, and nothing changes. */
static void foreign_states(hotnas_search *search, size_t size, const uint8_t *saved) {
    static const uint8_t more[GENES] = {4, 4, 4, 4, 3};
    hotnas_metric_settings other_settings;
    hotnas_metric other;
    hotnas_space foreign = space;
    hotnas_workspace small;
    hotnas_search_info info, before;
    uint64_t words[4];
    size_t written = PATTERN;
    uint8_t out[8];
    EXPECT(OK, hotnas_search_describe(search, &before));
    EXPECT(OK, hotnas_metric_settings_default(&other_settings));
    other_settings.epsilon = REAL(0.25);
    EXPECT(OK, hotnas_metric_init(&other, &operations, &other_settings));
    EXPECT(HOTNAS_STATUS_SAVED_SETTINGS, hotnas_search_restore(search, size, saved, &space, &other, &workspace));
    foreign.decode = decode_reversed;
    EXPECT(HOTNAS_STATUS_SAVED_SETTINGS, hotnas_search_restore(search, size, saved, &foreign, &metric, &workspace));
    foreign = space;
    foreign.cardinalities = more;
    EXPECT(HOTNAS_STATUS_SAVED_SETTINGS, hotnas_search_restore(search, size, saved, &foreign, &metric, &workspace));
    foreign = space;
    foreign.gene_count = GENES - 1;
    EXPECT(HOTNAS_STATUS_SAVED_SETTINGS, hotnas_search_restore(search, size, saved, &foreign, &metric, &workspace));
    EXPECT(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, hotnas_search_save(search, &foreign, &metric, sizeof out, out, &written));
    count.failure = HOTNAS_STATUS_OTHER;
    EXPECT(HOTNAS_STATUS_OTHER, restored(search, size, saved));
    count.failure = 0;
    EXPECT(OK, hotnas_workspace_init(&small, words, sizeof words));
    EXPECT(HOTNAS_STATUS_MEMORY_TOO_SMALL, hotnas_search_restore(search, size, saved, &space, &metric, &small));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_restore(search, size, saved, NULL, &metric, &workspace));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_restore(search, size, saved, &space, NULL, &workspace));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_restore(search, size, saved, &space, &metric, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_save(search, NULL, &metric, sizeof out, out, &written));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_save(search, &space, NULL, sizeof out, out, &written));
    CHECK(written == PATTERN);
    EXPECT(OK, hotnas_search_describe(search, &info));
    CHECK(info.trial_count == before.trial_count && info.told_count == before.told_count);
}

static void same_rounds(const record *a, const record *b) { CHECK(memcmp(a, b, sizeof *a) == 0); }

/* A whole search: no design twice, better than the random start, equal when repeated, cached, told
 * late, saved and restored. */
static void a_search(void) {
    hotnas_search search, again;
    hotnas_search_info info;
    hotnas_gp_info gp;
    hotnas_cache cache;
    hotnas_trial trial;
    record first, second;
    uint32_t best_trial, i, j;
    hotnas_real best, best_random = 100;
    uint8_t genome[GENES], saved[4096];
    size_t written, cache_size = hotnas_cache_size(256);
    void *memory = start(&search), *other = start(&again), *cache_memory = malloc(cache_size);

    EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_OBSERVATION, best,
                     hotnas_search_best(&search, &best_trial, &best, NULL));
    rounds(&search, 0, ROUNDS, NULL, &first);
    EXPECT(OK, hotnas_search_describe(&search, &info));
    CHECK(info.capacity == CAPACITY && info.gene_count == GENES && info.trial_count == ROUNDS);
    CHECK(info.told_count == ROUNDS - 3 && info.pending_count == 0);
    for (i = 0; i < ROUNDS; i++) {
        for (j = 0; j < i; j++) CHECK(memcmp(first.genome[i], first.genome[j], GENES) != 0);
        if (i < settings.initial && i % 7 != 3 && value_of(first.genome[i]) < best_random)
            best_random = value_of(first.genome[i]);
    }
    EXPECT(OK, hotnas_search_best(&search, &best_trial, &best, genome));
    CHECK(best <= best_random && best == value_of(genome));
    CHECK(memcmp(genome, first.genome[best_trial], GENES) == 0);
    EXPECT(OK, hotnas_search_read_trial(&search, 3, &trial, genome));
    CHECK(trial.number == 3 && trial.state == HOTNAS_TRIAL_STATE_FAILED && trial.value == 0);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_UNKNOWN_TRIAL, trial, hotnas_search_read_trial(&search, ROUNDS, &trial, NULL));
    if (settings.method == HOTNAS_METHOD_HOTNAS) {
        EXPECT(OK, hotnas_search_describe_gp(&search, &gp));
        CHECK(gp.count > 0 && gp.hyperparameters.length_scale > 0);
    } else {
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_OBSERVATION, gp, hotnas_search_describe_gp(&search, &gp));
    }

    /* Repeated with a cache. */
    EXPECT(OK, hotnas_cache_init(&cache, 256, cache_memory, cache_size));
    rounds(&again, 0, ROUNDS, &cache, &second);
    same_rounds(&first, &second);

    /* Saved after twelve rounds, restored, continued. */
    EXPECT(OK, hotnas_search_clear(&again));
    rounds(&again, 0, 12, NULL, &second);
    EXPECT(OK, hotnas_search_save(&again, &space, &metric, sizeof saved, saved, &written));
    CHECK(written == hotnas_search_saved_size(&settings, 12, GENES));
    CHECK(hotnas_search_saved_size(&settings, SIZE_MAX / 2, GENES) == SIZE_MAX);
    CHECK(hotnas_search_saved_size(&settings, 12, HOTNAS_MAX_GENES + 1) == SIZE_MAX);
    CHECK(hotnas_search_saved_size(NULL, 12, GENES) == SIZE_MAX);
    pattern_fill(genome, sizeof genome);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, best_trial,
                     hotnas_search_save(&again, &space, &metric, written - 1, saved, &written));
    EXPECT(OK, hotnas_search_clear(&search));
    EXPECT(OK, restored(&search, written, saved));
    rounds(&search, 12, ROUNDS, NULL, &second);
    same_rounds(&first, &second);

    foreign_states(&search, written, saved);
    /* Each damage has its status and changes nothing. */
    EXPECT(HOTNAS_STATUS_NOT_A_SAVED_STATE, restored(&search, written - 1, saved));
    EXPECT(HOTNAS_STATUS_NOT_A_SAVED_STATE, restored(&search, 0, saved));
    saved[written / 2] ^= 1;
    EXPECT(HOTNAS_STATUS_SAVED_CHECKSUM, restored(&search, written, saved));
    saved[written / 2] ^= 1;
    saved[0] ^= 1;
    EXPECT(HOTNAS_STATUS_NOT_A_SAVED_STATE, restored(&search, written, saved));
    saved[0] ^= 1;
    EXPECT(OK, hotnas_search_describe(&search, &info));
    CHECK(info.trial_count == ROUNDS);
    settings.seed++;
    EXPECT(OK, hotnas_search_init(&again, &settings, CAPACITY, GENES, other, memory_size));
    settings.seed--;
    EXPECT(HOTNAS_STATUS_SAVED_SETTINGS, restored(&again, written, saved));

    /* Told in another order, and told without having been asked. */
    EXPECT(OK, hotnas_search_init(&again, &settings, CAPACITY, GENES, other, memory_size));
    for (i = 12; i-- > 0;) {
        int32_t state = i % 7 == 3 ? HOTNAS_TRIAL_STATE_FAILED : HOTNAS_TRIAL_STATE_TOLD;
        EXPECT(OK, hotnas_search_tell_design(&again, i, state, value_of(first.genome[i]), 0, first.genome[i],
                                             &space, &metric, &workspace));
    }
    rounds(&again, 12, ROUNDS, NULL, &second);
    same_rounds(&first, &second);
    free(cache_memory);
    free(other);
    free(memory);
}

static void bad_calls(void) {
    static const uint8_t infeasible[GENES] = {3, 3, 0, 0, 0}, outside[GENES] = {4, 0, 0, 0, 0};
    static const uint8_t good[GENES] = {1, 2, 0, 0, 0}, none_of[GENES] = {0, 1, 1, 1, 1};
    hotnas_search search, none, moved;
    hotnas_space bad;
    hotnas_workspace small;
    hotnas_search_settings odd;
    hotnas_search_info info;
    uint8_t genome[GENES];
    size_t i;
    void *memory = start(&search);
    memset(&none, 0, sizeof none);
    moved = search;
#define ASK(expected, s, t, sp, m, w) \
    EXPECT_UNTOUCHED(expected, genome, hotnas_search_ask(s, t, sp, m, NULL, w, NULL, genome))
    ASK(HOTNAS_STATUS_NULL, NULL, 0, &space, &metric, &workspace);
    ASK(HOTNAS_STATUS_NULL, &search, 0, NULL, &metric, &workspace);
    ASK(HOTNAS_STATUS_NULL, &search, 0, &space, NULL, &workspace);
    ASK(HOTNAS_STATUS_NULL, &search, 0, &space, &metric, NULL);
    ASK(HOTNAS_STATUS_NOT_INITIALISED, &none, 0, &space, &metric, &workspace);
    ASK(HOTNAS_STATUS_NOT_INITIALISED, &moved, 0, &space, &metric, &workspace);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_ask(&search, 0, &space, &metric, NULL, &workspace, NULL, NULL));
    EXPECT(OK, hotnas_workspace_init(&small, scratch, 64));
    ASK(HOTNAS_STATUS_MEMORY_TOO_SMALL, &search, 0, &space, &metric, &small);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
    bad = space;
    bad.decode = NULL;
    ASK(HOTNAS_STATUS_NULL, &search, 0, &bad, &metric, &workspace);
    bad = space;
    bad.cardinalities = NULL;
    ASK(HOTNAS_STATUS_NULL, &search, 0, &bad, &metric, &workspace);
    bad.cardinalities = none_of;
    ASK(HOTNAS_STATUS_INVALID_SETTING, &search, 0, &bad, &metric, &workspace);
    bad = space;
    bad.gene_count = GENES - 1;
    ASK(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, &search, 0, &bad, &metric, &workspace);
    bad.gene_count = HOTNAS_MAX_GENES + 1;
    ASK(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, &search, 0, &bad, &metric, &workspace);
    bad = space;
    bad.max_nodes = HOTNAS_MAX_NODES + 1;
    ASK(HOTNAS_STATUS_INVALID_SETTING, &search, 0, &bad, &metric, &workspace);
    bad.max_nodes = 2; /* the space then breaks its word */
    ASK(HOTNAS_STATUS_CAPACITY_EXCEEDED, &search, 0, &bad, &metric, &workspace);
    count.failure = HOTNAS_STATUS_SELF_LOOP;
    ASK(HOTNAS_STATUS_SELF_LOOP, &search, 0, &space, &metric, &workspace);
    count.failure = 12345;
    ASK(HOTNAS_STATUS_OTHER, &search, 0, &space, &metric, &workspace);
    count.failure = HOTNAS_STATUS_INFEASIBLE;
    ASK(HOTNAS_STATUS_SPACE_EXHAUSTED, &search, 0, &space, &metric, &workspace);
    count.failure = 0;

    EXPECT(HOTNAS_STATUS_UNKNOWN_TRIAL, hotnas_search_tell(&search, 0, 1));
    EXPECT(HOTNAS_STATUS_UNKNOWN_TRIAL, hotnas_search_fail(&search, 0));
    EXPECT(OK, hotnas_search_ask(&search, 7, &space, &metric, NULL, &workspace, NULL, genome));
    ASK(HOTNAS_STATUS_TRIAL_EXISTS, &search, 7, &space, &metric, &workspace);
    EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_search_tell(&search, 7, not_a_number()));
    EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_search_tell(&search, 7, infinity_()));
    EXPECT(OK, hotnas_search_tell(&search, 7, 1));
    EXPECT(HOTNAS_STATUS_TRIAL_CLOSED, hotnas_search_tell(&search, 7, 1));
    EXPECT(HOTNAS_STATUS_TRIAL_CLOSED, hotnas_search_fail(&search, 7));
#define TELL(expected, state, value, g) \
    EXPECT(expected, hotnas_search_tell_design(&search, 8, state, value, 0, g, &space, &metric, &workspace))
    TELL(HOTNAS_STATUS_INFEASIBLE, HOTNAS_TRIAL_STATE_TOLD, 1, infeasible);
    TELL(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, HOTNAS_TRIAL_STATE_TOLD, 1, outside);
    TELL(HOTNAS_STATUS_INVALID_ENUM, 3, 1, good);
    TELL(HOTNAS_STATUS_INVALID_ENUM, -1, 1, good);
    TELL(HOTNAS_STATUS_NOT_FINITE, HOTNAS_TRIAL_STATE_TOLD, not_a_number(), good);
    TELL(HOTNAS_STATUS_NULL, HOTNAS_TRIAL_STATE_TOLD, 1, NULL);
    EXPECT(OK, hotnas_search_describe(&search, &info));
    CHECK(info.trial_count == 1 && info.told_count == 1 && info.pending_count == 0);
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NOT_INITIALISED, info, hotnas_search_describe(&none, &info));

    for (i = 8; i < 7 + CAPACITY; i++)
        EXPECT(OK, hotnas_search_ask(&search, (uint32_t)i, &space, &metric, NULL, &workspace, NULL, genome));
    ASK(HOTNAS_STATUS_CAPACITY_EXCEEDED, &search, 99, &space, &metric, &workspace);

    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, none,
                     hotnas_search_init(&none, &settings, CAPACITY, GENES, memory, memory_size - 1));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MISALIGNED, none,
                     hotnas_search_init(&none, &settings, CAPACITY, GENES, (char *)memory + 1, memory_size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, none,
                     hotnas_search_init(&none, &settings, CAPACITY, GENES, NULL, memory_size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, none,
                     hotnas_search_init(&none, NULL, CAPACITY, GENES, memory, memory_size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, none,
                     hotnas_search_init(&none, &settings, CAPACITY, 0, memory, memory_size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, none,
                     hotnas_search_init(&none, &settings, CAPACITY, 65, memory, memory_size));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_SIZE_OVERFLOW, none,
                     hotnas_search_init(&none, &settings, SIZE_MAX / 2, GENES, memory, memory_size));
    CHECK(hotnas_search_size(&settings, SIZE_MAX / 2, GENES) == SIZE_MAX);
    CHECK(hotnas_search_size(NULL, 1, GENES) == SIZE_MAX);
    CHECK(hotnas_search_workspace_size(&settings, CAPACITY, NULL, &metric) == SIZE_MAX);
    CHECK(hotnas_search_workspace_size(&settings, CAPACITY, &space, NULL) == SIZE_MAX);
#define SETTING(expected, field, value)                                                           \
    odd = settings;                                                                               \
    odd.field = value;                                                                            \
    CHECK(hotnas_search_size(&odd, CAPACITY, GENES) == SIZE_MAX);                                 \
    EXPECT_UNTOUCHED(expected, none, hotnas_search_init(&none, &odd, CAPACITY, GENES, memory, memory_size))
    SETTING(HOTNAS_STATUS_INVALID_ENUM, method, 99);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, acquisition, -1);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, kappa_schedule, 2);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, kernel, 6);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, transform, 4);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, fit.fit, 2);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, acquisition, 3);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, pending, 4);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, batch, 4);
    SETTING(HOTNAS_STATUS_INVALID_ENUM, second, 4);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, shortlist, 0);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, kappa, not_a_number());
    SETTING(HOTNAS_STATUS_INVALID_SETTING, parents, 0);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, limit, 1);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, other_kernels, 64);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, other_transforms, 16);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, other_transforms, 1u << HOTNAS_TRANSFORM_RANK);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, parts, 0);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, parts, HOTNAS_MAX_PARTS + 1);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, life, 0);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, block, 257);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, tournament, 0);
    SETTING(HOTNAS_STATUS_INVALID_SETTING, fit.prior_deviation, 0);
    free(memory);
}

/* Several designs at once: with every rule different networks, the first as if it were asked for alone,
 * and nothing written when it cannot be done. */
static void batches(void) {
    static const int32_t rules[] = {HOTNAS_BATCH_RULE_SEQUENTIAL, HOTNAS_BATCH_RULE_TOP,
                                    HOTNAS_BATCH_RULE_LOCAL_PENALISATION, HOTNAS_BATCH_RULE_DETERMINANTAL};
    hotnas_search_settings before = settings;
    size_t r, scratch_before = scratch_size, size;
    for (r = 0; r < COUNT(rules); r++) {
        hotnas_search search, single;
        hotnas_search_info info;
        uint8_t genomes[5][GENES], genome[GENES];
        uint32_t trial, i, j;
        void *memory, *other, *work;
        settings.batch = rules[r];
        settings.acquisition = r == 1 ? HOTNAS_ACQUISITION_THOMPSON : HOTNAS_ACQUISITION_EXPECTED_IMPROVEMENT;
        settings.pending = (int32_t)r;
        memory = start(&search);
        other = start(&single);
        size = hotnas_search_workspace_size(&settings, CAPACITY, &space, &metric);
        work = malloc(size);
        CHECK(work != NULL && (r == 0 || size > scratch_before));
        EXPECT(OK, hotnas_workspace_init(&workspace, work, size));
        for (trial = 0; trial < 8; trial++) {
            EXPECT(OK, hotnas_search_ask(&search, trial, &space, &metric, NULL, &workspace, NULL, genome));
            EXPECT(OK, hotnas_search_tell(&search, trial, value_of(genome)));
            EXPECT(OK, hotnas_search_tell_design(&single, trial, HOTNAS_TRIAL_STATE_TOLD, value_of(genome), 0,
                                                 genome, &space, &metric, &workspace));
        }
#define ASK_BATCH(expected, s, first, n, w)     \
    EXPECT_UNTOUCHED(expected, genomes,         \
                     hotnas_search_ask_batch(s, first, n, &space, &metric, NULL, w, genomes[0]))
        ASK_BATCH(HOTNAS_STATUS_NULL, NULL, 8, 5, &workspace);
        ASK_BATCH(HOTNAS_STATUS_NULL, &search, 8, 5, NULL);
        ASK_BATCH(HOTNAS_STATUS_TRIAL_EXISTS, &search, 4, 5, &workspace);
        ASK_BATCH(HOTNAS_STATUS_SIZE_OVERFLOW, &search, 0xfffffffeu, 5, &workspace);
        EXPECT(HOTNAS_STATUS_NULL,
               hotnas_search_ask_batch(&search, 8, 5, &space, &metric, NULL, &workspace, NULL));
        EXPECT(HOTNAS_STATUS_SIZE_OVERFLOW, hotnas_search_ask_batch(&search, 8, SIZE_MAX, &space, &metric, NULL,
                                                                    &workspace, genomes[0]));
        EXPECT(OK, hotnas_search_ask_batch(&search, 8, 5, &space, &metric, NULL, &workspace, genomes[0]));
        EXPECT(OK, hotnas_search_ask(&single, 8, &space, &metric, NULL, &workspace, NULL, genome));
        CHECK(memcmp(genome, genomes[0], GENES) == 0);
        for (i = 0; i < 5; i++)
            for (j = 0; j < i; j++) CHECK(memcmp(genomes[i], genomes[j], GENES) != 0);
        EXPECT(OK, hotnas_search_describe(&search, &info));
        CHECK(info.pending_count == 5 && info.told_count == 8);
        for (i = 0; i < 5; i++) EXPECT(OK, hotnas_search_tell(&search, 8 + i, value_of(genomes[i])));
        free(work);
        free(other);
        free(memory);
    }
    settings = before;
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
}

/* Known before training: how many nodes there are. */
static hotnas_real nodes_of(void *user, const uint8_t *genome) {
    size_t i, n = 0;
    for (i = 0; i < 4; i++) n += genome[i] != 0;
    CHECK(user == &count);
    return (hotnas_real)n;
}

/* A measured limit, two objectives and a known limit. */
static void second_numbers(void) {
    hotnas_search_settings before = settings;
    int32_t second;
    for (second = HOTNAS_SECOND_NONE; second <= HOTNAS_SECOND_HYPERVOLUME; second++) {
        hotnas_search search, again;
        hotnas_space limited = space;
        hotnas_trial found;
        uint8_t genome[GENES], saved[4096];
        uint32_t front[CAPACITY], trial, best_trial;
        hotnas_real best, least = 100;
        size_t size, front_count, written, i;
        void *memory, *other, *work;
        settings.second = second;
        settings.second_limit = 3;
        size = memory_size;
        memory_size = hotnas_search_size(&settings, CAPACITY, GENES);
        CHECK(second == HOTNAS_SECOND_NONE ? memory_size == size : memory_size > size);
        memory = start(&search);
        other = start(&again);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, front,
                         hotnas_search_init(&again, &settings, CAPACITY, GENES, other, memory_size - 1));
        memory_size = size;
        size = hotnas_search_workspace_size(&settings, CAPACITY, &space, &metric);
        work = malloc(size);
        CHECK(work != NULL);
        EXPECT(OK, hotnas_workspace_init(&workspace, work, size));
        if (second == HOTNAS_SECOND_NONE) {
            limited.cost = nodes_of;
            limited.cost_user = &count;
            limited.limit = 3;
        }
        for (trial = 0; trial < 16; trial++) {
            hotnas_real value, nodes;
            EXPECT(OK, hotnas_search_ask(&search, trial, &limited, &metric, NULL, &workspace, NULL, genome));
            value = value_of(genome);
            nodes = nodes_of(&count, genome);
            if (nodes <= 3 && value < least) least = value;
            if (second == HOTNAS_SECOND_NONE) {
                CHECK(nodes <= 3);
                EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_search_tell_both(&search, trial, value, nodes));
                EXPECT(OK, hotnas_search_tell(&search, trial, value));
            } else {
                EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_search_tell(&search, trial, value));
                EXPECT(HOTNAS_STATUS_NOT_FINITE, hotnas_search_tell_both(&search, trial, value, not_a_number()));
                EXPECT(OK, hotnas_search_tell_both(&search, trial, value, nodes));
            }
            EXPECT(OK, hotnas_search_tell_design(&again, trial, HOTNAS_TRIAL_STATE_TOLD, value, nodes, genome,
                                                 &space, &metric, &workspace));
        }
        EXPECT(OK, hotnas_search_best(&search, &best_trial, &best, genome));
        if (second <= HOTNAS_SECOND_LIMIT) CHECK(best == least && nodes_of(&count, genome) <= 3);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_CAPACITY_EXCEEDED, front, hotnas_search_front(&search, 0, front, &front_count));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, front, hotnas_search_front(NULL, CAPACITY, front, &front_count));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, front, hotnas_search_front(&search, CAPACITY, front, NULL));
        EXPECT(OK, hotnas_search_front(&search, CAPACITY, front, &front_count));
        CHECK(front_count > 0 && front_count <= 16);
        for (i = 0; i < front_count; i++) {
            EXPECT(OK, hotnas_search_read_trial(&search, front[i], &found, genome));
            CHECK(second == HOTNAS_SECOND_NONE ? found.second == 0 : found.second == nodes_of(&count, genome));
        }
        EXPECT(OK, hotnas_search_evidence(&search, &space, &metric, NULL, &workspace, &best));
        CHECK(best < 0);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NULL, best,
                         hotnas_search_evidence(&search, &space, NULL, NULL, &workspace, &best));
        EXPECT(OK, hotnas_search_clear(&again));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_NO_OBSERVATION, best,
                         hotnas_search_evidence(&again, &space, &metric, NULL, &workspace, &best));
        size = hotnas_search_saved_size(&settings, 16, GENES);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, saved,
                         hotnas_search_save(&search, &space, &metric, size - 1, saved, &written));
        EXPECT(OK, hotnas_search_save(&search, &space, &metric, sizeof saved, saved, &written));
        CHECK(written == size);
        EXPECT(OK, restored(&again, written, saved));
        free(work);
        free(other);
        free(memory);
    }
    settings = before;
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
}

static hotnas_network_builder *kept;
static int32_t keep_builder(void *user, const uint8_t *genome, hotnas_network_builder *builder) {
    uint8_t index = PATTERN;
    hotnas_cell_spec spec;
    memset(&spec, 0, sizeof spec);
    kept = builder;
    EXPECT(HOTNAS_STATUS_EMPTY_CELL, hotnas_network_builder_add_cell(builder, &spec, &index));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_builder_add_cell(builder, NULL, &index));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_builder_add_cell(NULL, &spec, &index));
    CHECK(index == PATTERN);
    EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_network_builder_push(builder, 0));
    EXPECT(HOTNAS_STATUS_DIMENSION_MISMATCH, hotnas_network_builder_set_positions(builder, 1, (const hotnas_real *)&kept));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_network_builder_set_masses(builder, 1, NULL));
    return decode(user, genome, builder);
}

static void builders(void) {
    hotnas_search search;
    hotnas_space watched = space;
    uint8_t genome[GENES];
    void *memory = start(&search);
    watched.decode = keep_builder;
    EXPECT(OK, hotnas_search_ask(&search, 0, &watched, &metric, NULL, &workspace, NULL, genome));
    CHECK(kept != NULL);
    CHECK(hotnas_random_below(NULL, 5) == 0);
    free(memory);
}

enum { READY_SPACES = 6 };

/* Spaces with numbers: each has a text. Those without begin with a text. */
static const char *const darts_text =
    "normal=|sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~0|sep_conv_3x3~1|+|skip_connect~0|sep_conv_3x3~1|"
    "+|skip_connect~0|dil_conv_3x3~2|;reduce=|max_pool_3x3~0|max_pool_3x3~1|+|max_pool_3x3~1|skip_connect~2|"
    "+|max_pool_3x3~0|skip_connect~2|+|max_pool_3x3~1|skip_connect~2|";

/* Ready-made spaces: text and numbers of every design, and a short search in each. */
static void ready_made(void) {
    static const char *const nonsense[] = {"", "64-", "64-1234", "N-000", "|a|", "64-9999-basic", "64-41414-", "0_0", "\xff\xfe"};
    int32_t which;
    for (which = 0; which < READY_SPACES; which++) {
        hotnas_space ready;
        hotnas_operations table;
        hotnas_metric_settings metric_settings;
        hotnas_metric ready_metric;
        hotnas_search_settings compact;
        hotnas_search search;
        size_t found = 0, design, index, designs = hotnas_space_design_count(which), step = designs / 500 + 1;
        char text[HOTNAS_MAX_TEXT];
        uint8_t genome[HOTNAS_MAX_GENES], parsed[HOTNAS_MAX_GENES];
        size_t size, work;
        uint32_t trial;
        void *memory, *ready_scratch;
        EXPECT(OK, hotnas_space_init(&ready, which, &table));
        CHECK(designs > 2000 || (which == HOTNAS_READY_SPACE_DARTS && designs == 0));
        for (design = 0; design < designs; design += step) {
            pattern_fill(genome, sizeof genome);
            if (hotnas_space_genome(which, design, ready.gene_count, genome) == HOTNAS_STATUS_INFEASIBLE) {
                CHECK(which == HOTNAS_READY_SPACE_NAS_BENCH101 && pattern_is(genome, sizeof genome));
                continue;
            }
            found++;
            CHECK(pattern_is(genome + ready.gene_count, sizeof genome - ready.gene_count));
            EXPECT(OK, hotnas_space_index(which, ready.gene_count, genome, &index));
            CHECK(index == design);
            EXPECT(OK, hotnas_space_format(which, ready.gene_count, genome, sizeof text, text));
            EXPECT(OK, hotnas_space_parse(which, text, ready.gene_count, parsed));
            CHECK(memcmp(genome, parsed, ready.gene_count) == 0);
            EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, text,
                             hotnas_space_format(which, ready.gene_count, genome, 3, text));
        }
        CHECK(found > 100 || designs == 0);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome,
                         hotnas_space_genome(which, designs, ready.gene_count, genome));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome, hotnas_space_genome(which, 0, 3, genome));
        for (index = 0; index < COUNT(nonsense); index++) {
            pattern_fill(genome, sizeof genome);
            CHECK(hotnas_space_parse(which, nonsense[index], ready.gene_count, genome) != OK);
            CHECK(pattern_is(genome, sizeof genome));
        }
        EXPECT(HOTNAS_STATUS_NULL, hotnas_space_parse(which, NULL, ready.gene_count, genome));
        EXPECT(OK, hotnas_metric_settings_default(&metric_settings));
        EXPECT(OK, hotnas_metric_init(&ready_metric, &table, &metric_settings));
        EXPECT(OK, hotnas_search_settings_compact(&compact));
        compact.initial = 4;
        size = hotnas_search_size(&compact, 8, ready.gene_count);
        work = hotnas_search_workspace_size(&compact, 8, &ready, &ready_metric);
        CHECK(size != SIZE_MAX && work != SIZE_MAX);
        memory = malloc(size);
        ready_scratch = malloc(work);
        CHECK(memory != NULL && ready_scratch != NULL);
        EXPECT(OK, hotnas_workspace_init(&workspace, ready_scratch, work));
        EXPECT(OK, hotnas_search_init(&search, &compact, 8, ready.gene_count, memory, size));
        for (trial = 0; trial < 8; trial++) {
            EXPECT(OK, hotnas_search_ask(&search, trial, &ready, &ready_metric, NULL, &workspace, NULL, genome));
            EXPECT(designs == 0 ? HOTNAS_STATUS_INFEASIBLE : OK,
                   hotnas_space_index(which, ready.gene_count, genome, &index));
            EXPECT(OK, hotnas_space_format(which, ready.gene_count, genome, sizeof text, text));
            EXPECT(OK, hotnas_search_tell(&search, trial, (hotnas_real)genome[0] + (hotnas_real)genome[3]));
        }
        free(ready_scratch);
        free(memory);
    }
    {
        hotnas_space ready;
        uint8_t genome[6] = {0};
        size_t index;
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, ready, hotnas_space_init(&ready, READY_SPACES, NULL));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, ready, hotnas_space_init(&ready, -1, NULL));
        EXPECT(HOTNAS_STATUS_NULL, hotnas_space_init(NULL, 0, NULL));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_ENUM, genome, hotnas_space_genome(READY_SPACES, 0, 6, genome));
        memset(genome, 0, sizeof genome);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INFEASIBLE, index,
                         hotnas_space_index(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, &index));
        CHECK(hotnas_space_design_count(READY_SPACES) == 0);
    }
    {
        hotnas_space darts;
        uint8_t genome[32], untouched[33];
        char text[HOTNAS_MAX_TEXT];
        size_t cells;
        for (cells = 8; cells <= 20; cells++) {
            EXPECT(OK, hotnas_space_init_darts(&darts, cells));
            CHECK(darts.max_cells == cells && darts.max_distinct == 2 && darts.gene_count == 32);
        }
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, darts, hotnas_space_init_darts(&darts, 7));
        EXPECT_UNTOUCHED(HOTNAS_STATUS_INVALID_SETTING, darts, hotnas_space_init_darts(&darts, 21));
        EXPECT(HOTNAS_STATUS_NULL, hotnas_space_init_darts(NULL, 20));
        EXPECT(OK, hotnas_space_parse(HOTNAS_READY_SPACE_DARTS, darts_text, 32, genome));
        EXPECT(OK, hotnas_space_format(HOTNAS_READY_SPACE_DARTS, 32, genome, sizeof text, text));
        CHECK(strcmp(text, darts_text) == 0);
        EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, untouched,
                         hotnas_space_parse(HOTNAS_READY_SPACE_DARTS, darts_text, 33, untouched));
    }
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
}

/* Joint spaces: the digits space by its parts, every description that is refused, and a search. */
static void joint(void) {
    static const hotnas_module_kind kinds[2] = {{1, 0, 0, 2, 0}, {1, 1, 1, 4, 0}};
    static const hotnas_edge edges[3] = {{0, 1}, {0, 2}, {1, 2}};
    static const uint8_t labels[5] = {2, 3, 4, 5, 6};
    const hotnas_joint good = {2, 4, 2, kinds, 3, 3, edges, 5, labels, 1, 3, 3};
    hotnas_joint bad[8];
    hotnas_space made, ready;
    hotnas_operations table;
    hotnas_metric_settings metric_settings;
    hotnas_metric made_metric;
    hotnas_search search;
    uint8_t cardinalities[8], genome[8], again[8];
    char text[HOTNAS_MAX_TEXT];
    size_t index, number, feasible = 0, size, work;
    uint32_t trial;
    void *memory, *made_scratch;
    CHECK(hotnas_joint_gene_count(&good) == 7 && hotnas_joint_genome_count(&good) == 28 * 125);
    pattern_fill(cardinalities, sizeof cardinalities);
    EXPECT(OK, hotnas_joint_make_space(&good, 7, cardinalities, &made));
    CHECK(pattern_is(cardinalities + 7, 1));
    EXPECT(OK, hotnas_space_init(&ready, HOTNAS_READY_SPACE_DIGITS, &table));
    CHECK(made.gene_count == ready.gene_count && memcmp(cardinalities, ready.cardinalities, 7) == 0);
    CHECK(made.max_nodes == ready.max_nodes && made.max_cells == ready.max_cells);
    for (index = 0; index < 28 * 125; index++) {
        pattern_fill(genome, sizeof genome);
        if (hotnas_joint_genome(&good, index, 7, genome) != OK) {
            CHECK(pattern_is(genome, sizeof genome));
            continue;
        }
        feasible++;
        CHECK(pattern_is(genome + 7, 1));
        EXPECT(OK, hotnas_joint_index(&good, 7, genome, &number));
        CHECK(number == index);
        EXPECT(OK, hotnas_joint_format(&good, 7, genome, sizeof text, text));
        EXPECT(OK, hotnas_joint_parse(&good, text, 7, again));
        CHECK(memcmp(genome, again, 7) == 0);
    }
    /* 125 cells but those with none on 0->2 and none on 0->1 or 1->2. */
    CHECK(feasible == 28 * (125 - 9));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_MEMORY_TOO_SMALL, text, hotnas_joint_format(&good, 7, again, 3, text));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome, hotnas_joint_genome(&good, 28 * 125, 7, genome));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome, hotnas_joint_genome(&good, 0, 8, genome));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome, hotnas_joint_parse(&good, "12-31", 7, genome));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, genome, hotnas_joint_parse(&good, "\xff", 7, genome));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INFEASIBLE, genome, hotnas_joint_parse(&good, "12-300", 7, genome));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_INFEASIBLE, number, hotnas_joint_index(&good, 6, again, &number));
    EXPECT_UNTOUCHED(HOTNAS_STATUS_GENOME_OUT_OF_RANGE, made, hotnas_joint_make_space(&good, 6, cardinalities, &made));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_joint_make_space(&good, 7, NULL, &made));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_joint_make_space(&good, 7, cardinalities, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_joint_parse(&good, NULL, 7, genome));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_joint_index(&good, 7, again, NULL));
    EXPECT(HOTNAS_STATUS_NULL, hotnas_joint_format(NULL, 7, again, sizeof text, text));
    CHECK(hotnas_joint_gene_count(NULL) == 0 && hotnas_joint_genome_count(NULL) == 0);
    for (index = 0; index < COUNT(bad); index++) bad[index] = good;
    bad[0].shortest = 5;
    bad[1].kind_count = SIZE_MAX;
    bad[2].node_count = 2;
    bad[3].edge_count = 64;
    bad[4].operation_count = SIZE_MAX / 2;
    bad[5].design_count = SIZE_MAX / 2;
    bad[6].longest = SIZE_MAX;
    bad[7].design_count = 0;
    bad[3].edges = NULL;
    for (index = 0; index < COUNT(bad); index++) {
        const hotnas_status expected = index == 3 ? HOTNAS_STATUS_NULL : HOTNAS_STATUS_INVALID_SETTING;
        CHECK(hotnas_joint_gene_count(&bad[index]) == 0);
        EXPECT_UNTOUCHED(expected, made, hotnas_joint_make_space(&bad[index], 7, cardinalities, &made));
        EXPECT_UNTOUCHED(expected, genome, hotnas_joint_genome(&bad[index], 0, 7, genome));
    }
    EXPECT(OK, hotnas_joint_make_space(&good, 7, cardinalities, &made));
    EXPECT(OK, hotnas_metric_settings_default(&metric_settings));
    EXPECT(OK, hotnas_metric_init(&made_metric, &table, &metric_settings));
    size = hotnas_search_size(&settings, 12, 7);
    work = hotnas_search_workspace_size(&settings, 12, &made, &made_metric);
    memory = malloc(size);
    made_scratch = malloc(work);
    CHECK(memory != NULL && made_scratch != NULL);
    EXPECT(OK, hotnas_workspace_init(&workspace, made_scratch, work));
    EXPECT(OK, hotnas_search_init(&search, &settings, 12, 7, memory, size));
    for (trial = 0; trial < 12; trial++) {
        EXPECT(OK, hotnas_search_ask(&search, trial, &made, &made_metric, NULL, &workspace, NULL, genome));
        EXPECT(OK, hotnas_joint_index(&good, 7, genome, &number));
        EXPECT(OK, hotnas_search_tell(&search, trial, (hotnas_real)number));
    }
    free(made_scratch);
    free(memory);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
}

int main(void) {
    hotnas_metric_settings metric_settings;
    hotnas_search_settings preset;
    EXPECT(OK, hotnas_operations_init_poster(&operations));
    EXPECT(OK, hotnas_metric_settings_default(&metric_settings));
    EXPECT(OK, hotnas_metric_init(&metric, &operations, &metric_settings));
    caller_space(&space);
    EXPECT(OK, hotnas_search_settings_default(&preset));
    CHECK(preset.initial == HOTNAS_DEFAULT_INITIAL && preset.kappa == HOTNAS_DEFAULT_KAPPA);
    EXPECT(OK, hotnas_search_settings_poster(&preset));
    CHECK(preset.transform == HOTNAS_TRANSFORM_IDENTITY);
    EXPECT(HOTNAS_STATUS_NULL, hotnas_search_settings_default(NULL));
    EXPECT(OK, hotnas_search_settings_compact(&settings));
    settings.initial = 8;
    settings.seed = 5;
    memory_size = hotnas_search_size(&settings, CAPACITY, GENES);
    scratch_size = hotnas_search_workspace_size(&settings, CAPACITY, &space, &metric);
    CHECK(memory_size != SIZE_MAX && scratch_size != SIZE_MAX);
    scratch = malloc(scratch_size);
    CHECK(scratch != NULL);
    EXPECT(OK, hotnas_workspace_init(&workspace, scratch, scratch_size));
    a_search();
    bad_calls();
    builders();
    batches();
    second_numbers();
    ready_made();
    joint();
    settings.acquisition = HOTNAS_ACQUISITION_EXPECTED_IMPROVEMENT;
    a_search();
    settings.method = HOTNAS_METHOD_EVOLUTION;
    settings.population = 6;
    settings.tournament = 3;
    memory_size = hotnas_search_size(&settings, CAPACITY, GENES);
    a_search();
    settings.method = HOTNAS_METHOD_RANDOM;
    a_search();
    settings.method = HOTNAS_METHOD_LOCAL_SEARCH;
    a_search();
    settings.method = HOTNAS_METHOD_POOL;
    a_search();
    CHECK(count.decoded > 0);
    free(scratch);
    return finish();
}
