/*
 * Problems to measure on: pairs of cells, made with the library from a counter that serves as the seed,
 * and the cost matrices of each pair as they would be handed to any solver.
 */
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include "hotnas.h"

/* Where the cells come from. */
enum family {
    /* 8 nodes: input, the six operations on the edges, output. */
    FAMILY_NAS_BENCH_201 = 0,
    /* 11 nodes: two inputs, two operations for each of four intermediate nodes, output. */
    FAMILY_DARTS = 1,
    /* Any number of nodes, each with edges from about a third of those before it. */
    FAMILY_RANDOM = 2,
    /* As RANDOM; each node has a mass of its own. */
    FAMILY_MASSES = 3
};

typedef struct problem {
    size_t rows, columns;
    hotnas_cell a, b;
    /* Between the cells and within each, in canonical order. */
    hotnas_real *cost, *row_costs, *column_costs;
    /* The costs within, with the sign of the direction in which information flows. */
    hotnas_real *row_flows, *column_flows;
    hotnas_real *row_masses, *column_masses;
    /* Potentials of the columns for costs that differ by up to 1 % from these: where a warm start begins. */
    hotnas_real *potentials;
    /* 1 if all masses of either cell are equal. */
    int uniform;
} problem;

typedef struct problem_set {
    size_t count;
    problem *problems;
    hotnas_operations operations;
    /* Large enough for every function that is measured. */
    hotnas_workspace workspace;
} problem_set;

/*
 * Makes `count` problems of a family. `nodes` counts for RANDOM and MASSES only. NULL if anything fails.
 * The memory is kept until the program ends.
 */
problem_set *problem_set_make(int family, size_t nodes, size_t count);

/* Makes `count` cells of a family, some of which may be equal; `cells` has room for them. 0 if anything fails. */
int cells_make(int family, size_t nodes, size_t count, hotnas_operations *operations, hotnas_cell *cells);

#endif
