/*
 * Instructions of a Gaussian process with 32 observations, for libraries with and without micromath.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <stddef.h>

#include "boards/board.h"
#include "hotnas.h"

#define POINTS 32

static uint64_t memory[1200], scratch[600];
static hotnas_real distances[POINTS];

static void print_number(uint32_t number) {
    char text[12];
    int at = 11;
    text[at] = 0;
    do text[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    board_print(text + at);
}

static void report(const char *name, uint32_t count) {
    board_print(name);
    board_print(" ");
    print_number(count);
    board_print("\n");
}

int main(void) {
    static const hotnas_hyperparameters start = {1, 1, (hotnas_real)0.01, 0};
    hotnas_gp process;
    hotnas_workspace workspace;
    hotnas_real mean, variance;
    uint32_t count = 0;
    size_t i, j;
    if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
        sizeof scratch < hotnas_gp_workspace_size(1) || sizeof memory < hotnas_gp_size(POINTS) ||
        hotnas_gp_init(&process, POINTS, HOTNAS_KERNEL_EXPONENTIAL, &start, memory, sizeof memory) !=
            HOTNAS_STATUS_OK)
        return 1;
    for (i = 0; i <= POINTS; i++) {
        for (j = 0; j < i && j < POINTS; j++) distances[j] = (hotnas_real)(i - j) * (hotnas_real)0.11;
        if (i == POINTS) break;
        board_start_counting();
        if (hotnas_gp_append(&process, i, distances, (hotnas_real)(i & 3)) != HOTNAS_STATUS_OK) return 1;
        count = board_count();
    }
    report("append", count);
    board_start_counting();
    if (hotnas_gp_set_kernel(&process, HOTNAS_KERNEL_EXPONENTIAL) != HOTNAS_STATUS_OK) return 1;
    report("set_kernel", board_count());
    board_start_counting();
    if (hotnas_gp_posterior(&process, 1, distances, &workspace, &mean, &variance) != HOTNAS_STATUS_OK) return 1;
    report("posterior", board_count());
    return 0;
}
