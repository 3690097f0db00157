/*
 * An architecture search that fits into 64 KB of RAM, without heap and without operating system. The table of
 * trained networks stands in flash in place of training. Half-way the power fails: what is left is the saved
 * state, and the search goes on as if nothing had happened.
 *
 * Prints a line for each trial. `-DUNINTERRUPTED`: the power does not fail; the lines are the same.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "boards/board.h"
#include "hotnas.h"

/* Made from digits.csv by `cargo xtask embedded`: number_of_networks and
 * static const struct { char code[CODE]; float loss; } networks[]. */
#include "networks.h"

enum { TRIALS = 24, GENES = 7 };

/* In bytes, rounded up from what hotnas_search_size and hotnas_search_workspace_size say. */
#ifdef HOTNAS_F32
enum { STATE = 3584, SCRATCH = 23552 };
#else
enum { STATE = 6144, SCRATCH = 43008 };
#endif

/* What a library built for speed takes beyond one built for size. */
#ifndef SPARE
#define SPARE 0
#endif

static uint64_t memory[STATE / 8], scratch[(SCRATCH + SPARE) / 8];

static hotnas_space space;
static hotnas_operations operations;
static hotnas_metric metric;
static hotnas_search_settings settings;
static hotnas_workspace workspace;
static hotnas_search search;

static int fail(const char *what, hotnas_status status)
{
    board_print(what);
    board_print(": ");
    board_print(hotnas_status_message(status));
    board_print("\n");
    return 0;
}

#define TRY(call)                                                           \
    do {                                                                    \
        hotnas_status status_ = (call);                                     \
        if (status_ != HOTNAS_STATUS_OK) return fail(#call, status_);       \
    } while (0)

/* Everything that a device does after it was switched on. */
static int switch_on(void)
{
    hotnas_metric_settings metric_settings;
    TRY(hotnas_space_init(&space, HOTNAS_READY_SPACE_DIGITS, &operations));
    TRY(hotnas_metric_settings_default(&metric_settings));
    TRY(hotnas_metric_init(&metric, &operations, &metric_settings));
    TRY(hotnas_search_settings_compact(&settings));
    TRY(hotnas_workspace_init(&workspace, scratch, sizeof scratch));
    TRY(hotnas_search_init(&search, &settings, TRIALS, GENES, memory, sizeof memory));
    return 1;
}

#ifndef UNINTERRUPTED
/* Stands for memory that keeps its contents without power, such as a page of flash. */
static uint8_t saved[768];

static void erase(void *bytes, size_t count)
{
    volatile uint8_t *byte = bytes;
    while (count-- > 0) *byte++ = 0xff;
}

/* Nothing but the saved bytes survives. */
static int lose_power(void)
{
    size_t written;
    TRY(hotnas_search_save(&search, &space, &metric, sizeof saved, saved, &written));
    erase(memory, sizeof memory);
    erase(scratch, sizeof scratch);
    erase(&search, sizeof search);
    erase(&workspace, sizeof workspace);
    if (!switch_on()) return 0;
    TRY(hotnas_search_restore(&search, written, saved, &space, &metric, &workspace));
    return 1;
}
#endif

static int same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) a++, b++;
    return *a == *b;
}

/* In place of training. */
static int train(const char *code, hotnas_real *loss)
{
    size_t i;
    for (i = 0; i < number_of_networks; i++) {
        if (same(networks[i].code, code)) {
            *loss = (hotnas_real)networks[i].loss;
            return 1;
        }
    }
    board_print("not in the table: ");
    board_print(code);
    board_print("\n");
    return 0;
}

static size_t rank(hotnas_real loss)
{
    size_t i, better = 0;
    for (i = 0; i < number_of_networks; i++) better += (hotnas_real)networks[i].loss < loss;
    return better + 1;
}

static int run(void)
{
    uint32_t trial;
    uint8_t genome[GENES];
    char code[HOTNAS_MAX_TEXT];
    hotnas_real loss;
    if (!switch_on()) return 0;
    for (trial = 0; trial < TRIALS; trial++) {
        hotnas_proposal proposal;
        uint64_t hash = BOARD_HASH_START;
#ifndef UNINTERRUPTED
        if (trial == TRIALS / 2 && !lose_power()) return 0;
#endif
        TRY(hotnas_search_ask(&search, trial, &space, &metric, NULL, &workspace, &proposal, genome));
        TRY(hotnas_space_format(HOTNAS_READY_SPACE_DIGITS, GENES, genome, sizeof code, code));
        if (!train(code, &loss)) return 0;
        TRY(hotnas_search_tell(&search, trial, loss));
        hash = board_hash(hash, &proposal.mean, sizeof proposal.mean);
        hash = board_hash(hash, &proposal.deviation, sizeof proposal.deviation);
        board_print("trial ");
        board_print_number(trial + 1);
        board_print(": ");
        board_print(code);
        board_print(", rank ");
        board_print_number((uint32_t)rank(loss));
        board_print(", predicted ");
        board_print_hash(hash);
        board_print("\n");
    }
    TRY(hotnas_search_best(&search, &trial, &loss, NULL));
    board_print("best: rank ");
    board_print_number((uint32_t)rank(loss));
    board_print(" of ");
    board_print_number((uint32_t)number_of_networks);
    board_print(" in trial ");
    board_print_number(trial + 1);
    board_print("\n");
    return 1;
}

int main(void)
{
    int fine;
#ifdef BARE
    board_paint_stack();
#endif
    fine = run();
#ifdef BARE
    board_print("# stack ");
    board_print_number(board_stack_used());
    board_print("\n");
#endif
    return fine ? 0 : 1;
}
