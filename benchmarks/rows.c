/*
 * A distance matrix on several threads: how a host spreads rows over threads of its own. The library starts
 * none; each thread has a workspace, everything else is shared and only read.
 *
 *   rows COUNT THREADS REPEATS
 *
 * makes COUNT cells of NAS-Bench-201 and prints `seconds,hash of the matrix` REPEATS times. With 0 threads
 * it makes one call of hotnas_metric_cell_matrix instead; the hash is the same.
 */
#include "problems.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_THREADS 256

/* What all threads share. */
typedef struct job {
    hotnas_metric metric;
    size_t count;
    const hotnas_cell **cells;
    hotnas_real *matrix;
    atomic_size_t next_row;
    atomic_int failed;
} job;

typedef struct worker {
    job *shared;
    hotnas_workspace workspace;
    /* Distances of one row. */
    hotnas_real *row;
    pthread_t thread;
} worker;

static void *work(void *argument)
{
    worker *self = argument;
    job *shared = self->shared;
    size_t n = shared->count, i, j;
    /* The first rows are the longest: whoever is free takes the next one. */
    while ((i = atomic_fetch_add(&shared->next_row, 1)) < n) {
        if (hotnas_metric_cell_distances(&shared->metric, shared->cells[i], n - i, shared->cells + i, NULL,
                                         &self->workspace, self->row) != HOTNAS_STATUS_OK)
            atomic_store(&shared->failed, 1);
        for (j = i; j < n; j++) shared->matrix[i * n + j] = shared->matrix[j * n + i] = self->row[j - i];
    }
    return NULL;
}

static int run(job *shared, worker *workers, size_t threads)
{
    size_t i, started;
    if (threads == 0)
        return hotnas_metric_cell_matrix(&shared->metric, shared->count, shared->cells, NULL, &workers[0].workspace,
                                         shared->matrix) == HOTNAS_STATUS_OK;
    atomic_store(&shared->next_row, 0);
    for (started = 0; started < threads; started++)
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) break;
    for (i = 0; i < started; i++) pthread_join(workers[i].thread, NULL);
    return started == threads && !atomic_load(&shared->failed);
}

/* FNV-1a over the bytes. */
static unsigned long long hash(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;
    unsigned long long h = 14695981039346656037u;
    size_t i;
    for (i = 0; i < size; i++) h = (h ^ bytes[i]) * 1099511628211u;
    return h;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    static job shared;
    static worker workers[MOST_THREADS];
    static hotnas_operations operations;
    hotnas_metric_settings settings;
    hotnas_cell *cells;
    size_t n, threads, repeats, i, size;
    if (argc != 4) return 2;
    n = strtoul(argv[1], NULL, 10);
    threads = strtoul(argv[2], NULL, 10);
    repeats = strtoul(argv[3], NULL, 10);
    if (n == 0 || threads > MOST_THREADS) return 2;
    cells = calloc(n, sizeof *cells);
    shared.cells = calloc(n, sizeof *shared.cells);
    shared.matrix = calloc(n * n, sizeof *shared.matrix);
    if (cells == NULL || shared.cells == NULL || shared.matrix == NULL ||
        !cells_make(FAMILY_NAS_BENCH_201, 8, n, &operations, cells) ||
        hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
        hotnas_metric_init(&shared.metric, &operations, &settings) != HOTNAS_STATUS_OK)
        return 1;
    size = hotnas_metric_cell_workspace_size(&shared.metric, 8, 8);
    shared.count = n;
    for (i = 0; i < n; i++) shared.cells[i] = &cells[i];
    for (i = 0; i < (threads == 0 ? 1 : threads); i++) {
        void *memory = malloc(size);
        workers[i].shared = &shared;
        workers[i].row = calloc(n, sizeof *workers[i].row);
        if (memory == NULL || workers[i].row == NULL ||
            hotnas_workspace_init(&workers[i].workspace, memory, size) != HOTNAS_STATUS_OK)
            return 1;
    }
    for (i = 0; i < repeats; i++) {
        double begin = now();
        if (!run(&shared, workers, threads)) return 1;
        printf("%.6f,%016llx\n", now() - begin, hash(shared.matrix, n * n * sizeof *shared.matrix));
    }
    return 0;
}
