// The search of examples/c/search.c through the C++ header: ask for a network, look its loss up in a
// table of networks that were really trained, tell it; three methods on the same budget.
//
//   search digits.csv regret.svg [--seeds N]

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "../benchmarks/digits/digits.h"
#include "../benchmarks/regret.h"
#include "hotnas.hpp"

namespace {

constexpr std::uint32_t trials = 60;
// Distances that are kept between the asks: it changes the speed, not the results.
constexpr std::size_t kept = std::size_t(1) << 18;
constexpr auto digits = hotnas::ready_space::digits;

struct contestant {
    hotnas::method method;
    const char *name;
};
constexpr contestant contestants[] = {
    {hotnas::method::hotnas, "HOTNAS"},
    {hotnas::method::random, "random"},
    {hotnas::method::evolution, "evolution"},
};
constexpr std::size_t methods = std::size(contestants);

digits_table table;
double regret[methods][REGRET_MOST_SEEDS][trials];

// What one search found.
struct found {
    std::string code;
    double loss = 0;
    std::size_t rank = 0;
    // The first trial with a network of the best 1 %, 0 if there was none.
    std::uint32_t reached = 0;
};

// Progress for a person: a line that is written over on a terminal; in a pipe, a line now and then.
class progress {
  public:
    void trial(std::uint32_t trial, const std::string &code, double loss, const found &best) const {
        if (!terminal_ && trial > 5 && trial % 5 != 0) return;
        std::printf("%s  trial %2u of %u: %-9s loss %.4f, best %.4f (%s, rank %zu of %zu)%s",
                    terminal_ ? "\r\033[K" : "", trial, trials, code.c_str(), loss, best.loss, best.code.c_str(),
                    best.rank, table.rows, terminal_ && trial < trials ? "" : "\n");
        std::fflush(stdout);
    }
    void comparison(const char *name, unsigned seed, std::uint32_t trial) const {
        if (!terminal_) return;
        std::printf("\r\033[Kseed %u: %s, trial %u of %u%s", seed, name, trial, trials,
                    trial < trials ? "" : "\r\033[K");
        std::fflush(stdout);
    }

  private:
    bool terminal_ = isatty(fileno(stdout)) != 0;
};

// Memory that a search works in; used again by the next one.
struct buffers {
    std::vector<unsigned char> state, scratch, distances = std::vector<unsigned char>(hotnas::cache::size(kept));
};

hotnas::result<found> run(std::size_t method, unsigned seed, buffers &buffers, const progress &progress) {
    const auto space = hotnas::space::make(digits);
    if (!space) return space.error();
    const auto operations = hotnas::space::table(digits);
    if (!operations) return operations.error();
    const auto metric = hotnas::metric::make(*operations);
    if (!metric) return metric.error();

    hotnas::search_settings settings;
    settings.with(contestants[method].method).seed = seed;
    buffers.state.resize(hotnas::search::size(settings, trials, space->genes()));
    buffers.scratch.resize(hotnas::search::workspace_size(settings, trials, *space, *metric));
    hotnas::workspace workspace(buffers.scratch);
    hotnas::cache cache;
    if (const auto made = cache.init(kept, buffers.distances); !made) return made.error();
    hotnas::search search;
    if (const auto made = search.init(settings, trials, space->genes(), buffers.state); !made) return made.error();

    std::vector<std::uint8_t> genome(space->genes());
    found best;
    for (std::uint32_t trial = 0; trial < trials; trial++) {
        if (const auto asked = search.ask(trial, *space, *metric, workspace, genome, &cache); !asked)
            return asked.error();
        char text[HOTNAS_MAX_TEXT];
        if (const auto written = hotnas::space::format(digits, genome, text); !written) return written.error();
        double loss = 0;
        if (!digits_look_up(&table, text, &loss)) return HOTNAS_STATUS_INFEASIBLE;
        if (const auto told = search.tell(trial, static_cast<hotnas::real>(loss)); !told) return told.error();
        if (trial == 0 || loss < best.loss) {
            best.code = text;
            best.loss = loss;
            best.rank = digits_rank(&table, loss);
            if (best.reached == 0 && best.rank <= table.rows / 100) best.reached = trial + 1;
        }
        regret[method][seed - 1][trial] = best.loss - table.lowest;
        if (seed == 1 && method == 0) progress.trial(trial + 1, text, loss, best);
        else progress.comparison(contestants[method].name, seed, trial + 1);
    }
    return best;
}

} // namespace

int main(int count, char **arguments) {
    unsigned seeds = 3;
    if (count != 3 && !(count == 5 && std::string_view(arguments[3]) == "--seeds")) {
        std::fprintf(stderr, "usage: search digits.csv regret.svg [--seeds N]\n");
        return 2;
    }
    if (count == 5) {
        const long n = std::strtol(arguments[4], nullptr, 10);
        if (n < 1 || n > REGRET_MOST_SEEDS) {
            std::fprintf(stderr, "--seeds takes 1 to %d\n", REGRET_MOST_SEEDS);
            return 2;
        }
        seeds = static_cast<unsigned>(n);
    }
    if (!digits_read(&table, arguments[1])) return 1;

    const progress progress;
    buffers buffers;
    std::size_t hits[methods] = {};
    std::printf("HOTNAS on %zu trained networks, %u trials:\n", table.rows, trials);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        found best[methods];
        for (std::size_t m = 0; m < methods; m++) {
            const auto result = run(m, seed, buffers, progress);
            if (!result) {
                std::fprintf(stderr, "%s: %s\n", contestants[m].name, hotnas::message(result.error()));
                return 1;
            }
            best[m] = *result;
            hits[m] += best[m].reached != 0;
            if (seed == 1 && m == 0) {
                std::printf("Best network: %s, loss %.4f nats, rank %zu of %zu\n", best[m].code.c_str(), best[m].loss,
                            best[m].rank, table.rows);
                digits_print(best[m].code.c_str());
            }
        }
        if (seed == 1) {
            std::printf("\nRank after %u trials, and the trial that reached the top 1 %% (rank %zu or better):\nseed",
                        trials, table.rows / 100);
            for (const contestant &c : contestants) std::printf("  %16s", c.name);
            std::printf("\n");
        }
        std::printf("%4u", seed);
        for (const found &f : best) {
            const std::string when = f.reached == 0 ? "never" : "trial " + std::to_string(f.reached);
            std::printf("  %5zu, %9s", f.rank, when.c_str());
        }
        std::printf("\n");
        std::fflush(stdout);
    }
    std::printf("top 1 %%");
    const char *names[methods];
    for (std::size_t m = 0; m < methods; m++) {
        names[m] = contestants[m].name;
        std::printf("  %s %zu of %u", names[m], hits[m], seeds);
    }
    std::printf("\n");
    const regret_chart chart = {"Regret on the digits benchmark", "validation cross-entropy, nats", methods, seeds, trials,
                                names, &regret[0][0][0]};
    return regret_draw(&chart, arguments[2]) ? 0 : 1;
}
