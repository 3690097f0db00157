/*
 * The table of trained networks for programs in C and C++: reading digits.csv, looking networks up,
 * saying in words what a code means. It has nothing to do with hotnas.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST_ROWS 4096
#define DIGITS_CODE 16

typedef struct digits_table {
    size_t rows;
    char codes[DIGITS_MOST_ROWS][DIGITS_CODE];
    /* Cross-entropy on the validation part in nats, mean over the seeds. */
    double losses[DIGITS_MOST_ROWS];
    double lowest;
} digits_table;

/* 1, or 0 after a message on stderr. */
static inline int digits_read(digits_table *table, const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");
    table->rows = 0;
    if (file == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        return 0;
    }
    if (fgets(line, sizeof line, file) == NULL || strncmp(line, "code,modules,valid_ce,", 22) != 0) {
        fprintf(stderr, "%s: the first columns must be code,modules,valid_ce\n", path);
        fclose(file);
        return 0;
    }
    while (table->rows < DIGITS_MOST_ROWS && fgets(line, sizeof line, file) != NULL) {
        const char *comma = strchr(line, ',');
        const char *second = comma == NULL ? NULL : strchr(comma + 1, ',');
        size_t length = comma == NULL ? 0 : (size_t)(comma - line);
        double loss;
        if (second == NULL || length >= DIGITS_CODE) {
            fprintf(stderr, "%s: row %lu is damaged\n", path, (unsigned long)table->rows + 2);
            fclose(file);
            return 0;
        }
        memcpy(table->codes[table->rows], line, length);
        table->codes[table->rows][length] = '\0';
        loss = strtod(second + 1, NULL);
        if (table->rows == 0 || loss < table->lowest) table->lowest = loss;
        table->losses[table->rows++] = loss;
    }
    fclose(file);
    return table->rows > 0;
}

/* 1, or 0 after a message on stderr. */
static inline int digits_look_up(const digits_table *table, const char *code, double *loss)
{
    size_t i;
    for (i = 0; i < table->rows; i++) {
        if (strcmp(table->codes[i], code) == 0) {
            *loss = table->losses[i];
            return 1;
        }
    }
    fprintf(stderr, "%s is not in the table\n", code);
    return 0;
}

/* 1 + the number of strictly better networks. */
static inline size_t digits_rank(const digits_table *table, double loss)
{
    size_t i, rank = 1;
    for (i = 0; i < table->rows; i++) rank += table->losses[i] < loss;
    return rank;
}

static inline void digits_print(const char *code)
{
    static const char *const operations[] = {"nothing", "a skip", "a 1x1 convolution", "a 3x3 convolution",
                                             "3x3 average pooling"};
    static const char *const edges[] = {"from the input to the middle", "from the input to the output",
                                        "from the middle to the output"};
    const char *cell = strchr(code, '-');
    const char *module;
    int e;
    printf("  stem");
    for (module = code; module < cell; module++)
        printf(", %s", *module == 'N' ? "normal module" : "reduction module (half the size, twice the channels)");
    printf(", classifier\n  each module's cell:");
    for (e = 0; e < 3; e++) printf("%s %s %s", e == 0 ? "" : ";", operations[(cell[1 + e] - '0') % 5], edges[e]);
    printf("\n");
}

#endif
