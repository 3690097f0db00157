/*
 * A search that this program owns: ask for a network, look its loss up in a table of networks that
 * were really trained, tell it; three methods on the same budget.
 *
 *   search digits.csv regret.svg [--seeds N]
 */
#include "hotnas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIALS 60
#define MOST_ROWS 4096
#define MOST_SEEDS 100
#define METHODS 3
#define GENES 7
/* Distances that are kept between the asks: it changes the speed, not the results. */
#define KEPT ((size_t)1 << 18)

static const char *const method_names[METHODS] = {"HOTNAS", "random", "evolution"};
static const char *const colours[METHODS] = {"#1b6ca8", "#888888", "#d1603d"};

static char codes[MOST_ROWS][HOTNAS_MAX_TEXT];
static double losses[MOST_ROWS];
static size_t rows;
/* Best loss after each trial. */
static double curves[METHODS][MOST_SEEDS][TRIALS];
static size_t ranks[METHODS][MOST_SEEDS];

static int check(hotnas_status status, const char *what)
{
    if (status == HOTNAS_STATUS_OK) return 1;
    fprintf(stderr, "%s: %s\n", what, hotnas_status_message(status));
    return 0;
}

static int read_table(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        return 0;
    }
    if (fgets(line, sizeof line, file) == NULL || strncmp(line, "code,modules,valid_ce,", 22) != 0) {
        fprintf(stderr, "%s: the first columns must be code,modules,valid_ce\n", path);
        fclose(file);
        return 0;
    }
    while (rows < MOST_ROWS && fgets(line, sizeof line, file) != NULL) {
        const char *comma = strchr(line, ',');
        const char *second = comma == NULL ? NULL : strchr(comma + 1, ',');
        size_t length = comma == NULL ? 0 : (size_t)(comma - line);
        if (second == NULL || length >= sizeof codes[0]) {
            fprintf(stderr, "%s: row %lu is damaged\n", path, (unsigned long)rows + 2);
            fclose(file);
            return 0;
        }
        memcpy(codes[rows], line, length);
        codes[rows][length] = '\0';
        losses[rows] = strtod(second + 1, NULL);
        rows++;
    }
    fclose(file);
    return rows > 0;
}

static int look_up(const char *code, double *loss)
{
    size_t i;
    for (i = 0; i < rows; i++) {
        if (strcmp(codes[i], code) == 0) {
            *loss = losses[i];
            return 1;
        }
    }
    fprintf(stderr, "%s is not in the table\n", code);
    return 0;
}

/* 1 + the number of strictly better networks. */
static size_t rank_of(double loss)
{
    size_t i, rank = 1;
    for (i = 0; i < rows; i++) rank += losses[i] < loss;
    return rank;
}

static void in_words(const char *code)
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

static int run(int method, unsigned seed, double *curve, char *best_code, int show)
{
    hotnas_space space;
    hotnas_operations operations;
    hotnas_metric_settings metric_settings;
    hotnas_metric metric;
    hotnas_search_settings settings;
    hotnas_search search;
    hotnas_cache cache;
    hotnas_workspace workspace;
    uint32_t trial;
    uint8_t genome[GENES];
    double best = 0;
    int fine = 0;
    void *memory, *scratch, *kept;
    size_t size, scratch_size, kept_size;

    if (!check(hotnas_space_init(&space, HOTNAS_READY_SPACE_DIGITS, &operations), "space") ||
        !check(hotnas_metric_settings_default(&metric_settings), "metric settings") ||
        !check(hotnas_metric_init(&metric, &operations, &metric_settings), "metric") ||
        !check(hotnas_search_settings_default(&settings), "search settings"))
        return 0;
    settings.method = method;
    settings.seed = seed;
    size = hotnas_search_size(&settings, TRIALS, space.gene_count);
    scratch_size = hotnas_search_workspace_size(&settings, TRIALS, &space, &metric);
    memory = malloc(size);
    scratch = malloc(scratch_size);
    kept_size = hotnas_cache_size(KEPT);
    kept = malloc(kept_size);
    if (memory == NULL || scratch == NULL || kept == NULL || space.gene_count != GENES) goto end;
    if (!check(hotnas_workspace_init(&workspace, scratch, scratch_size), "workspace") ||
        !check(hotnas_cache_init(&cache, KEPT, kept, kept_size), "cache") ||
        !check(hotnas_search_init(&search, &settings, TRIALS, GENES, memory, size), "search"))
        goto end;
    for (trial = 0; trial < TRIALS; trial++) {
        char code[HOTNAS_MAX_TEXT];
        double loss;
        if (!check(hotnas_search_ask(&search, trial, &space, &metric, &cache, &workspace, NULL, genome), "ask") ||
            !check(hotnas_space_format(HOTNAS_READY_SPACE_DIGITS, GENES, genome, sizeof code, code), "text") ||
            !look_up(code, &loss) || !check(hotnas_search_tell(&search, trial, (hotnas_real)loss), "tell"))
            goto end;
        if (trial == 0 || loss < best) {
            best = loss;
            strcpy(best_code, code);
        }
        curve[trial] = best;
        if (show && (trial < 5 || trial % 5 == 4)) {
            printf("  trial %2u of %d: %-9s loss %.4f, best %.4f (%s, rank %lu of %lu)\n", (unsigned)trial + 1,
                   TRIALS, code, loss, best, best_code, (unsigned long)rank_of(best), (unsigned long)rows);
            fflush(stdout);
        }
    }
    fine = 1;
end:
    free(kept);
    free(scratch);
    free(memory);
    return fine;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Regret in nats over trials: the median over the seeds as a line, the quartiles as a band. */
static int draw(const char *path, size_t seeds)
{
    const double left = 70, top = 40, width = 600, height = 320;
    double lowest = losses[0], highest = 0, scratch[MOST_SEEDS], quartile[METHODS][3][TRIALS];
    size_t i, m, q, s, t;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "%s cannot be written\n", path);
        return 0;
    }
    for (i = 0; i < rows; i++)
        if (losses[i] < lowest) lowest = losses[i];
    for (m = 0; m < METHODS; m++) {
        for (t = 0; t < TRIALS; t++) {
            for (s = 0; s < seeds; s++) scratch[s] = curves[m][s][t] - lowest;
            qsort(scratch, seeds, sizeof scratch[0], ascending);
            for (q = 0; q < 3; q++) quartile[m][q][t] = scratch[(seeds - 1) * (q + 1) / 4];
            if (t >= 4 && quartile[m][2][t] > highest) highest = quartile[m][2][t];
        }
    }
    if (highest <= 0) highest = 1;
#define X(t) (left + width * (double)(t) / TRIALS)
#define Y(v) (top + height * (1 - ((v) < highest ? (v) : highest) / highest))
    fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"430\" font-family=\"sans-serif\" "
                  "font-size=\"13\"><rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
    fprintf(file, "<text x=\"370\" y=\"22\" text-anchor=\"middle\" font-size=\"15\">Regret on the digits benchmark, "
                  "median and quartiles of %lu seed%s</text>\n", (unsigned long)seeds, seeds == 1 ? "" : "s");
    for (i = 0; i <= 5; i++) {
        double v = highest * (double)i / 5;
        fprintf(file, "<path d=\"M%.1f %.1fh%.1f\" stroke=\"#ddd\"/><text x=\"62\" y=\"%.1f\" text-anchor=\"end\">%.3f</text>\n",
                left, Y(v), width, Y(v) + 4, v);
    }
    for (t = 0; t <= TRIALS; t += 10)
        fprintf(file, "<text x=\"%.1f\" y=\"378\" text-anchor=\"middle\">%lu</text>\n", X(t), (unsigned long)t);
    fprintf(file, "<text x=\"370\" y=\"402\" text-anchor=\"middle\">trained networks (trials)</text>\n"
                  "<text transform=\"translate(16,200) rotate(-90)\" text-anchor=\"middle\">regret (validation "
                  "cross-entropy, nats)</text>\n");
    for (m = 0; m < METHODS; m++) {
        fprintf(file, "<path fill=\"%s\" fill-opacity=\"0.15\" d=\"M", colours[m]);
        for (t = 0; t < TRIALS; t++) fprintf(file, "%.1f %.1f ", X(t + 1), Y(quartile[m][0][t]));
        for (t = TRIALS; t-- > 0;) fprintf(file, "%.1f %.1f ", X(t + 1), Y(quartile[m][2][t]));
        fprintf(file, "z\"/><path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"M", colours[m]);
        for (t = 0; t < TRIALS; t++) fprintf(file, "%.1f %.1f ", X(t + 1), Y(quartile[m][1][t]));
        fprintf(file, "\"/><path d=\"M540 %lu h30\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"578\" y=\"%lu\">%s</text>\n",
                (unsigned long)(60 + 20 * m), colours[m], (unsigned long)(64 + 20 * m), method_names[m]);
    }
    fprintf(file, "</svg>\n");
#undef X
#undef Y
    return fclose(file) == 0;
}

int main(int count, char **arguments)
{
    static const int methods[METHODS] = {HOTNAS_METHOD_HOTNAS, HOTNAS_METHOD_RANDOM, HOTNAS_METHOD_EVOLUTION};
    char best_code[HOTNAS_MAX_TEXT];
    size_t seeds = 3, s, m, one_percent;
    if (count != 3 && !(count == 5 && strcmp(arguments[3], "--seeds") == 0)) {
        fprintf(stderr, "usage: search digits.csv regret.svg [--seeds N]\n");
        return 2;
    }
    if (count == 5) {
        long n = strtol(arguments[4], NULL, 10);
        if (n < 1 || n > MOST_SEEDS) {
            fprintf(stderr, "--seeds takes 1 to %d\n", MOST_SEEDS);
            return 2;
        }
        seeds = (size_t)n;
    }
    if (!read_table(arguments[1])) return 1;
    one_percent = rows / 100;
    printf("HOTNAS on %lu trained networks, %d trials:\n", (unsigned long)rows, TRIALS);
    for (s = 0; s < seeds; s++) {
        for (m = 0; m < METHODS; m++) {
            char code[HOTNAS_MAX_TEXT] = "";
            if (!run(methods[m], (unsigned)s + 1, curves[m][s], code, s == 0 && m == 0)) return 1;
            ranks[m][s] = rank_of(curves[m][s][TRIALS - 1]);
            if (s == 0 && m == 0) strcpy(best_code, code);
        }
        if (s == 0) {
            printf("Best network: %s, loss %.4f nats, rank %lu of %lu\n", best_code, curves[0][0][TRIALS - 1],
                   (unsigned long)ranks[0][0], (unsigned long)rows);
            in_words(best_code);
            printf("\nRank after %d trials (top 1 %% is rank %lu or better):\nseed", TRIALS, (unsigned long)one_percent);
            for (m = 0; m < METHODS; m++) printf("  %9s", method_names[m]);
            printf("\n");
        }
        printf("%4lu", (unsigned long)s + 1);
        for (m = 0; m < METHODS; m++) printf("  %9lu", (unsigned long)ranks[m][s]);
        printf("\n");
        fflush(stdout);
    }
    printf("top 1 %%");
    for (m = 0; m < METHODS; m++) {
        size_t hits = 0;
        for (s = 0; s < seeds; s++) hits += ranks[m][s] <= one_percent;
        printf("  %s %lu of %lu", method_names[m], (unsigned long)hits, (unsigned long)seeds);
    }
    printf("\n");
    return draw(arguments[2], seeds) ? 0 : 1;
}
