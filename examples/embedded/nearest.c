/*
 * The nearest of 64 cells, on a machine with 16 KB of RAM: the metric alone, without Gaussian process or search.
 * The cells lie in flash as `hotnas_cell_init` has made them, on another machine; they are read in place, one at
 * a time. The cell that is looked for is made here.
 *
 * `-DWRITE`: makes the 64 cells and prints them as a C array, which the other program includes as cells.h.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "boards/board.h"
#include "hotnas.h"

/* As many nodes as there is RAM for. */
#ifdef HOTNAS_F32
enum { NODES = 5 };
#else
enum { NODES = 3 };
#endif
enum { CELLS = 64, WORDS = 80, EDGES = NODES * (NODES - 1) / 2 };

#define TRY(call)                                                \
    do {                                                         \
        hotnas_status status_ = (call);                          \
        if (status_ != HOTNAS_STATUS_OK) {                       \
            board_print(#call ": ");                             \
            board_print(hotnas_status_message(status_));         \
            board_print("\n");                                   \
            return 1;                                            \
        }                                                        \
    } while (0)

/* What a library built for speed takes beyond one built for size. */
#ifndef SPARE
#define SPARE 0
#endif

#ifdef HOTNAS_F32
static uint64_t scratch[(10112 + SPARE) / 8];
#else
static uint64_t scratch[(10240 + SPARE) / 8];
#endif
static hotnas_workspace workspace;
static hotnas_operations operations;

/* A graph for each number: every bit of it is an edge or a part of an operation. */
static int make(hotnas_cell *cell, uint32_t number, uint64_t *memory, size_t size)
{
    hotnas_edge edges[EDGES];
    uint8_t nodes[NODES];
    hotnas_cell_spec spec = {0};
    uint8_t i, j;
    number *= 0x9e3779b9u;
    for (j = 0; j < NODES; j++) {
        nodes[j] = (uint8_t)(number >> (30 - 2 * j) & 3);
        for (i = 0; i < j; i++) {
            if ((number >> (spec.edge_count + i + 3 * j) & 1) == 0 && i + 1 != j) continue;
            edges[spec.edge_count].from = i;
            edges[spec.edge_count++].to = j;
        }
    }
    spec.node_count = NODES;
    spec.operations = nodes;
    spec.edges = edges;
    TRY(hotnas_cell_init(cell, &operations, &spec, memory, size, &workspace));
    return 0;
}

#ifdef WRITE

int main(void)
{
    static uint64_t memory[WORDS];
    hotnas_cell cell;
    uint32_t i;
    size_t size, word;
    TRY(hotnas_workspace_init(&workspace, scratch, sizeof scratch));
    TRY(hotnas_operations_init_poster(&operations));
    size = (hotnas_cell_size(&operations, NODES) + 7) / 8;
    board_print("static const uint64_t cells[][");
    board_print_number((uint32_t)size);
    board_print("] = {\n");
    for (i = 0; i < CELLS; i++) {
        if (make(&cell, i + 1, memory, sizeof memory) != 0) return 1;
        board_print("    {");
        for (word = 0; word < size; word++) {
            board_print(word == 0 ? "0x" : ", 0x");
            board_print_hash(memory[word]);
        }
        board_print("},\n");
    }
    board_print("};\n");
    return 0;
}

#else

#include "cells.h"

static int run(void)
{
    static uint64_t memory[WORDS];
    hotnas_metric_settings settings;
    hotnas_metric metric;
    hotnas_cell one, other;
    hotnas_solution solution;
    hotnas_real least = 0;
    uint32_t i, nearest = 0;
    uint64_t hash = BOARD_HASH_START;
    TRY(hotnas_workspace_init(&workspace, scratch, sizeof scratch));
    TRY(hotnas_operations_init_poster(&operations));
    TRY(hotnas_metric_settings_default(&settings));
    TRY(hotnas_metric_init(&metric, &operations, &settings));
    if (make(&one, 1000, memory, sizeof memory) != 0) return 1;
    for (i = 0; i < CELLS; i++) {
        TRY(hotnas_cell_open(&other, &operations, NODES, cells[i], sizeof cells[i]));
        TRY(hotnas_metric_cell_distance(&metric, &one, &other, &workspace, &solution, NULL));
        hash = board_hash(hash, &solution.value, sizeof solution.value);
        if (i == 0 || solution.value < least) {
            least = solution.value;
            nearest = i;
        }
    }
    board_print("nearest of ");
    board_print_number(CELLS);
    board_print(": number ");
    board_print_number(nearest);
    board_print(", all distances ");
    board_print_hash(hash);
    board_print("\n");
    return 0;
}

int main(void)
{
    int status;
#ifdef BARE
    board_paint_stack();
#endif
    status = run();
#ifdef BARE
    board_print("# stack ");
    board_print_number(board_stack_used());
    board_print("\n");
#endif
    return status;
}

#endif
