/*
 * A search that this program owns: ask for a network, look its loss up in a table of networks that
 * were really trained, tell it; three methods on the same budget.
 *
 *   search digits.csv regret.svg [--seeds N]
 */
#define _POSIX_C_SOURCE 200809L /* fileno, isatty */

#include "../benchmarks/digits/digits.h"
#include "../benchmarks/regret.h"
#include "hotnas.h"

#ifdef _WIN32
#include <io.h>
#define isatty _isatty
#define fileno _fileno
#else
#include <unistd.h>
#endif

#define TRIALS 60
#define METHODS 3
#define GENES 7
/* Distances that are kept between the asks: it changes the speed, not the results. */
#define KEPT ((size_t)1 << 18)

static const int methods[METHODS] = {HOTNAS_METHOD_HOTNAS, HOTNAS_METHOD_RANDOM, HOTNAS_METHOD_EVOLUTION};
static const char *const names[METHODS] = {"HOTNAS", "random", "evolution"};

static digits_table table;
static double regret[METHODS][REGRET_MOST_SEEDS][TRIALS];
/* Whether a line can be written over. */
static int terminal;

/* What one search found. */
typedef struct found {
    char code[HOTNAS_MAX_TEXT];
    double loss;
    size_t rank;
    /* The first trial with a network of the best 1 %, 0 if there was none. */
    unsigned reached;
} found;

static int check(hotnas_status status, const char *what)
{
    if (status == HOTNAS_STATUS_OK) return 1;
    fprintf(stderr, "%s: %s\n", what, hotnas_status_message(status));
    return 0;
}

/* One line that is written over on a terminal; in a pipe, a line for every fifth trial. */
static void show_trial(unsigned trial, const char *code, double loss, const found *best)
{
    if (!terminal && trial > 5 && trial % 5 != 0) return;
    printf("%s  trial %2u of %d: %-9s loss %.4f, best %.4f (%s, rank %lu of %lu)%s", terminal ? "\r\033[K" : "", trial,
           TRIALS, code, loss, best->loss, best->code, (unsigned long)best->rank, (unsigned long)table.rows,
           terminal && trial < TRIALS ? "" : "\n");
    fflush(stdout);
}

static void show_comparison(const char *name, unsigned seed, unsigned trial)
{
    if (!terminal) return;
    printf("\r\033[Kseed %u: %s, trial %u of %d%s", seed, name, trial, TRIALS, trial < TRIALS ? "" : "\r\033[K");
    fflush(stdout);
}

static int run(size_t method, unsigned seed, found *best)
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
    int fine = 0;
    void *memory, *scratch, *kept;
    size_t size, scratch_size, kept_size;

    if (!check(hotnas_space_init(&space, HOTNAS_READY_SPACE_DIGITS, &operations), "space") ||
        !check(hotnas_metric_settings_default(&metric_settings), "metric settings") ||
        !check(hotnas_metric_init(&metric, &operations, &metric_settings), "metric") ||
        !check(hotnas_search_settings_default(&settings), "search settings"))
        return 0;
    settings.method = methods[method];
    settings.seed = seed;
    size = hotnas_search_size(&settings, TRIALS, space.gene_count);
    scratch_size = hotnas_search_workspace_size(&settings, TRIALS, &space, &metric);
    kept_size = hotnas_cache_size(KEPT);
    memory = malloc(size);
    scratch = malloc(scratch_size);
    kept = malloc(kept_size);
    if (memory == NULL || scratch == NULL || kept == NULL) {
        fprintf(stderr, "not enough memory\n");
        goto end;
    }
    if (!check(hotnas_workspace_init(&workspace, scratch, scratch_size), "workspace") ||
        !check(hotnas_cache_init(&cache, KEPT, kept, kept_size), "cache") ||
        !check(hotnas_search_init(&search, &settings, TRIALS, GENES, memory, size), "search"))
        goto end;
    best->reached = 0;
    for (trial = 0; trial < TRIALS; trial++) {
        char code[HOTNAS_MAX_TEXT];
        double loss;
        if (!check(hotnas_search_ask(&search, trial, &space, &metric, &cache, &workspace, NULL, genome), "ask") ||
            !check(hotnas_space_format(HOTNAS_READY_SPACE_DIGITS, GENES, genome, sizeof code, code), "text") ||
            !digits_look_up(&table, code, &loss) ||
            !check(hotnas_search_tell(&search, trial, (hotnas_real)loss), "tell"))
            goto end;
        if (trial == 0 || loss < best->loss) {
            strcpy(best->code, code);
            best->loss = loss;
            best->rank = digits_rank(&table, loss);
            if (best->reached == 0 && best->rank <= table.rows / 100) best->reached = trial + 1;
        }
        regret[method][seed - 1][trial] = best->loss - table.lowest;
        if (seed == 1 && method == 0) show_trial(trial + 1, code, loss, best);
        else show_comparison(names[method], seed, trial + 1);
    }
    fine = 1;
end:
    free(kept);
    free(scratch);
    free(memory);
    return fine;
}

int main(int count, char **arguments)
{
    found best[METHODS];
    size_t hits[METHODS] = {0};
    size_t seeds = 3, m;
    unsigned seed;
    if (count != 3 && !(count == 5 && strcmp(arguments[3], "--seeds") == 0)) {
        fprintf(stderr, "usage: search digits.csv regret.svg [--seeds N]\n");
        return 2;
    }
    if (count == 5) {
        long n = strtol(arguments[4], NULL, 10);
        if (n < 1 || n > REGRET_MOST_SEEDS) {
            fprintf(stderr, "--seeds takes 1 to %d\n", REGRET_MOST_SEEDS);
            return 2;
        }
        seeds = (size_t)n;
    }
    if (!digits_read(&table, arguments[1])) return 1;
    terminal = isatty(fileno(stdout));
    printf("HOTNAS on %lu trained networks, %d trials:\n", (unsigned long)table.rows, TRIALS);
    for (seed = 1; seed <= seeds; seed++) {
        for (m = 0; m < METHODS; m++) {
            if (!run(m, seed, &best[m])) return 1;
            hits[m] += best[m].reached != 0;
            if (seed == 1 && m == 0) {
                printf("Best network: %s, loss %.4f nats, rank %lu of %lu\n", best[m].code, best[m].loss,
                       (unsigned long)best[m].rank, (unsigned long)table.rows);
                digits_print(best[m].code);
            }
        }
        if (seed == 1) {
            printf("\nRank after %d trials, and the trial that reached the top 1 %% (rank %lu or better):\nseed", TRIALS,
                   (unsigned long)table.rows / 100);
            for (m = 0; m < METHODS; m++) printf("  %16s", names[m]);
            printf("\n");
        }
        printf("%4u", seed);
        for (m = 0; m < METHODS; m++) {
            char when[16] = "never";
            if (best[m].reached != 0) sprintf(when, "trial %u", best[m].reached % 1000);
            printf("  %5lu, %9s", (unsigned long)best[m].rank, when);
        }
        printf("\n");
        fflush(stdout);
    }
    printf("top 1 %%");
    for (m = 0; m < METHODS; m++)
        printf("  %s %lu of %lu", names[m], (unsigned long)hits[m], (unsigned long)seeds);
    printf("\n");
    {
        const regret_chart chart = {"Regret on the digits benchmark", "validation cross-entropy, nats",
                                    METHODS, seeds, TRIALS, names, &regret[0][0][0]};
        return regret_draw(&chart, arguments[2]) ? 0 : 1;
    }
}
