/* What the conformance programs share: checks that print where they fail, lent memory between
 * guards, outputs that must stay untouched. Each program is one file, takes nothing and returns 0 or 1. */
#ifndef HOTNAS_TEST_CHECK_H
#define HOTNAS_TEST_CHECK_H

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "hotnas.h"

#ifdef HOTNAS_F32
#define TOLERANCE ((hotnas_real)2e-5)
#else
#define TOLERANCE ((hotnas_real)1e-9)
#endif

#define OK HOTNAS_STATUS_OK
#define REAL(x) ((hotnas_real)(x))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int failures;

static void check_that(int holds, const char *what, int line) {
    if (!holds) {
        failures++;
        printf("line %d: %s\n", line, what);
    }
}

static void check_status(int32_t status, int32_t expected, const char *call, int line) {
    if (status != expected) {
        failures++;
        printf("line %d: status %d (%s) instead of %d: %s\n", line, (int)status,
               hotnas_status_message(status), (int)expected, call);
    }
}

#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __LINE__)
#define EXPECT(expected, call) check_status((int32_t)(call), (int32_t)(expected), #call, __LINE__)

static hotnas_real distance_of(hotnas_real a, hotnas_real b) { return a > b ? a - b : b - a; }
#define NEAR(a, b) CHECK(distance_of((a), (b)) <= TOLERANCE)

/* Not a number and infinity without <math.h>; volatile, so that no compiler folds them. */
static hotnas_real infinity_(void) {
    volatile hotnas_real big = sizeof(hotnas_real) == 4 ? REAL(FLT_MAX) : REAL(DBL_MAX);
    return big * 2;
}
static hotnas_real not_a_number(void) {
    volatile hotnas_real x = infinity_();
    return x - x;
}

/* Outputs: filled with a pattern before a call that must fail, compared after it. */
#define PATTERN 0xA5
static void pattern_fill(void *memory, size_t size) { memset(memory, PATTERN, size); }
static int pattern_is(const void *memory, size_t size) {
    const unsigned char *byte = (const unsigned char *)memory;
    size_t i;
    for (i = 0; i < size; i++)
        if (byte[i] != PATTERN) return 0;
    return 1;
}

/* A failing call must leave an output as it was. */
#define EXPECT_UNTOUCHED(expected, output, call)          \
    do {                                                  \
        pattern_fill(&(output), sizeof(output));          \
        EXPECT(expected, call);                           \
        CHECK(pattern_is(&(output), sizeof(output)));     \
    } while (0)

/* Lent memory in the middle of a block that is otherwise pattern. */
#define LENT_WORDS 32768
typedef struct lent {
    uint64_t words[LENT_WORDS];
} lent;

/* Aligned memory; the guards are everything else. */
static void *lent_start(lent *memory) {
    pattern_fill(memory, sizeof *memory);
    return memory->words + 8;
}
static int lent_surroundings_intact(const lent *memory, size_t size) {
    const unsigned char *bytes = (const unsigned char *)memory->words;
    size_t before = 8 * sizeof(uint64_t);
    return pattern_is(bytes, before) && pattern_is(bytes + before + size, sizeof *memory - before - size);
}

/* Numbers that look random and are the same everywhere. */
static uint32_t random_state = 1;
static uint32_t random_word(void) {
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}
static hotnas_real random_real(void) { return (hotnas_real)random_word() / (hotnas_real)16777216; }

/* Used by every program, so that none of the above is "defined but not used". */
static int finish(void) {
    lent *none = NULL;
    (void)none;
    (void)infinity_;
    (void)not_a_number;
    (void)lent_start;
    (void)lent_surroundings_intact;
    (void)random_real;
    (void)distance_of;
    (void)check_that;
    (void)check_status;
    (void)pattern_fill;
    (void)pattern_is;
    if (failures != 0) printf("%d checks failed\n", failures);
    return failures != 0;
}

#endif
