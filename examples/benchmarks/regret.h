/*
 * Regret curves of several methods as an SVG, for programs in C and C++: the median over the seeds as
 * a line, the quartiles as a band. It has nothing to do with hotnas.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef REGRET_H
#define REGRET_H

#include <stdio.h>
#include <stdlib.h>

#define REGRET_MOST_SEEDS 100

typedef struct regret_chart {
    const char *title, *unit;
    size_t methods, seeds, trials;
    const char *const *names;
    /* methods x REGRET_MOST_SEEDS x trials: best value after each trial minus the best value there is. */
    const double *regret;
} regret_chart;

static inline int regret_ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quartile 1, 2 or 3 over the seeds: the value that so many quarters of the seeds do not exceed. */
static inline double regret_quartile(const regret_chart *chart, size_t method, size_t trial, size_t quarter)
{
    double sorted[REGRET_MOST_SEEDS];
    size_t s;
    for (s = 0; s < chart->seeds; s++)
        sorted[s] = chart->regret[(method * REGRET_MOST_SEEDS + s) * chart->trials + trial];
    qsort(sorted, chart->seeds, sizeof sorted[0], regret_ascending);
    return sorted[(chart->seeds - 1) * quarter / 4];
}

/* 1, or 0 after a message on stderr. */
static inline int regret_draw(const regret_chart *chart, const char *path)
{
    static const char *const colours[] = {"#1b6ca8", "#888888", "#d1603d", "#4c9f50"};
    const double left = 70, top = 40, width = 600, height = 320;
    const double step = width / (double)chart->trials;
    double highest = 0, tick = 0.001;
    size_t m, t;
    int i, ticks = 0;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "%s cannot be written\n", path);
        return 0;
    }
    /* The first trials would hide the rest. */
    for (m = 0; m < chart->methods; m++)
        for (t = 4; t < chart->trials; t++)
            if (regret_quartile(chart, m, t, 3) > highest) highest = regret_quartile(chart, m, t, 3);
    /* 1, 2 or 5 of some decimal place between two lines, five of them at most. */
    for (i = 0; 5 * tick < highest; i++)
        tick *= i % 3 == 1 ? 2.5 : 2;
    while (ticks == 0 || ticks * tick < highest)
        ticks++;
    highest = ticks * tick;
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"430\" font-family=\"sans-serif\" "
            "font-size=\"13\"><rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
            "<clipPath id=\"frame\"><rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\"/></clipPath>\n"
            "<text x=\"370\" y=\"22\" text-anchor=\"middle\" font-size=\"15\">%s, median and quartiles of %lu "
            "seed%s</text>\n",
            left, top, width, height, chart->title, (unsigned long)chart->seeds, chart->seeds == 1 ? "" : "s");
    for (i = 0; i <= ticks; i++) {
        const double y = top + height - height * i / ticks;
        fprintf(file,
                "<path d=\"M%.1f %.1fh%.1f\" stroke=\"#ddd\"/><text x=\"62\" y=\"%.1f\" "
                "text-anchor=\"end\">%.3f</text>\n",
                left, y, width, y + 4, tick * i);
    }
    for (t = 0; t <= chart->trials; t += 10)
        fprintf(file, "<text x=\"%.1f\" y=\"378\" text-anchor=\"middle\">%lu</text>\n", left + step * (double)t,
                (unsigned long)t);
    fprintf(file,
            "<text x=\"370\" y=\"402\" text-anchor=\"middle\">trained networks (trials)</text>\n"
            "<text transform=\"translate(16,200) rotate(-90)\" text-anchor=\"middle\">regret (%s)</text>\n",
            chart->unit);
    for (m = 0; m < chart->methods; m++) {
        const char *colour = colours[m % 4];
        fprintf(file, "<g clip-path=\"url(#frame)\"><path fill=\"%s\" fill-opacity=\"0.15\" d=\"M", colour);
        for (t = 0; t < chart->trials; t++)
            fprintf(file, "%.1f %.1f ", left + step * (double)(t + 1),
                    top + height * (1 - regret_quartile(chart, m, t, 1) / highest));
        for (t = chart->trials; t-- > 0;)
            fprintf(file, "%.1f %.1f ", left + step * (double)(t + 1),
                    top + height * (1 - regret_quartile(chart, m, t, 3) / highest));
        fprintf(file, "z\"/><path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"M", colour);
        for (t = 0; t < chart->trials; t++)
            fprintf(file, "%.1f %.1f ", left + step * (double)(t + 1),
                    top + height * (1 - regret_quartile(chart, m, t, 2) / highest));
        fprintf(file,
                "\"/></g><path d=\"M540 %lu h30\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"578\" "
                "y=\"%lu\">%s</text>\n",
                (unsigned long)(60 + 20 * m), colour, (unsigned long)(64 + 20 * m), chart->names[m]);
    }
    fprintf(file, "</svg>\n");
    return fclose(file) == 0;
}

#endif
