// The C++ header from end to end: results, spans, views, moves, and a search over a space written in C++.
#include "hotnas.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include <vector>

namespace {

int failures = 0;

void check(bool holds, const char *what, int line) {
    if (!holds) {
        failures++;
        std::printf("line %d: %s\n", line, what);
    }
}
#define CHECK(condition) check((condition), #condition, __LINE__)

bool near_to(hotnas::real a, hotnas::real b) {
    const hotnas::real d = a > b ? a - b : b - a;
    return d <= (sizeof(hotnas::real) == 4 ? hotnas::real(1e-5) : hotnas::real(1e-9));
}

static_assert(std::is_trivially_copyable<hotnas::cell>::value, "views are values");
static_assert(std::is_trivially_copyable<hotnas::network>::value, "views are values");
static_assert(!std::is_copy_constructible<hotnas::workspace>::value, "one workspace, one thread");
static_assert(std::is_nothrow_move_constructible<hotnas::workspace>::value, "moved, not copied");
static_assert(!std::is_move_constructible<hotnas::gaussian_process>::value, "state stays where it is");
static_assert(!std::is_move_constructible<hotnas::search>::value, "state stays where it is");
static_assert(!std::is_move_constructible<hotnas::cache>::value, "state stays where it is");

hotnas::storage<1 << 18> scratch;

void results_and_spans() {
    hotnas::result<int> bad(HOTNAS_STATUS_CYCLE), good(7);
    CHECK(!bad && bad.error() == HOTNAS_STATUS_CYCLE && *bad == 0 && bad.value_or(3) == 3);
    CHECK(good && *good == 7 && good.value_or(3) == 7);
    std::vector<hotnas::real> v(3);
    const std::array<hotnas::real, 2> a = {{1, 2}};
    const hotnas::real c[4] = {0, 1, 2, 3};
    hotnas::span<const hotnas::real> from_vector(v), from_array(a), from_c(c), none;
    hotnas::span<hotnas::real> writable(v);
    writable[1] = 5;
    CHECK(from_vector.size() == 3 && from_vector[1] == 5 && from_array.size() == 2 && from_c[3] == 3);
    CHECK(none.empty() && none.data() == nullptr);
    static_assert(!std::is_constructible<hotnas::span<hotnas::real>, const std::vector<hotnas::real> &>::value,
                  "const stays const");
}

void workspaces() {
    hotnas::workspace first{hotnas::memory(scratch)};
    const hotnas::real cost[4] = {0, 2, 3, 0};
    hotnas::transport_problem problem;
    problem.rows = problem.columns = 2;
    problem.cost = cost;
    std::array<hotnas::real, 4> plan{};
    auto solved = hotnas::solve_exact(problem, first, plan);
    CHECK(solved && solved->cost == 0 && near_to(plan[0], hotnas::real(0.5)));
    hotnas::workspace second(std::move(first));
    CHECK(hotnas::solve_exact(problem, first).error() == HOTNAS_STATUS_NOT_INITIALISED); // moved from
    CHECK(bool(hotnas::solve_exact(problem, second)));
    first = std::move(second);
    CHECK(bool(hotnas::solve_exact(problem, first)));
    CHECK(hotnas::solve_exact(problem, second).error() == HOTNAS_STATUS_NOT_INITIALISED);
    hotnas::workspace &self = first;
    first = std::move(self);
    CHECK(bool(hotnas::solve_exact(problem, first)));
    hotnas::real too_short[3];
    CHECK(hotnas::solve_exact(problem, first, too_short).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    hotnas::real u[2] = {}, v[2] = {1, -1};
    const auto warm = hotnas::solve_warm(problem, first, u, v, plan);
    CHECK(warm && warm->cost == 0 && near_to(plan[0], hotnas::real(0.5)) && near_to(u[0] + v[0], 0));
    CHECK(hotnas::solve_warm(problem, first, too_short, v).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    problem.columns = 3;
    CHECK(hotnas::solve_exact(problem, first).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    problem.columns = 2;
    hotnas_sinkhorn_settings settings = {HOTNAS_DEFAULT_SINKHORN_REGULARISATION, hotnas::real(1e-4),
                                         HOTNAS_DEFAULT_SINKHORN_ITERATIONS};
    CHECK(bool(hotnas::solve_sinkhorn(problem, settings, first, plan)));
    const hotnas::real none[4] = {0, 0, 0, 0}, ahead[4] = {0, 1, -1, 0};
    hotnas::gromov_problem pairs;
    pairs.rows = pairs.columns = 2;
    pairs.cost = none;
    pairs.row_costs = pairs.column_costs = ahead;
    std::vector<std::uint64_t> smooth(hotnas::entropic_gromov_workspace_size(2, 2) / 8 + 1);
    hotnas::workspace smoothing{hotnas::memory(smooth)};
    auto entropic = hotnas::entropic_settings(hotnas::real(0.02));
    CHECK(entropic.method == static_cast<std::int32_t>(hotnas::entropic_method::proximal));
    const auto stepped = hotnas::solve_entropic_gromov(pairs, entropic, smoothing, plan);
    entropic.iterations = 0;
    CHECK(hotnas::solve_entropic_gromov(pairs, entropic, smoothing).error() == HOTNAS_STATUS_INVALID_SETTING);
    const auto matched = hotnas::solve_gromov(pairs, first, plan);
    CHECK(stepped && stepped->converged == 1 && stepped->value >= matched->value - hotnas::real(1e-4));
    CHECK(matched && near_to(matched->value, 0));
    pairs.effort = hotnas::effort::exact;
    pairs.prover = hotnas::prover();
    std::vector<std::uint64_t> large(hotnas::gromov_workspace_size(2, 2, pairs.effort) / 8 + 1);
    hotnas::workspace proving{hotnas::memory(large)};
    const auto proved = hotnas::solve_gromov(pairs, proving, plan);
    CHECK(proved && proved->proved_optimal == 1 && proved->value == matched->value);
    pairs.row_costs = hotnas::span<const hotnas::real>(ahead, 3);
    CHECK(hotnas::solve_gromov(pairs, first).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    hotnas::workspace empty;
    CHECK(hotnas::solve_exact(problem, empty).error() == HOTNAS_STATUS_NOT_INITIALISED);
    CHECK(empty.init(hotnas::memory(nullptr, 8)).error() == HOTNAS_STATUS_NULL);
}

void cells_and_networks() {
    hotnas::workspace work{hotnas::memory(scratch)};
    const auto table = hotnas::operations::poster();
    CHECK(bool(table));
    const std::uint8_t nodes[2][2] = {{0, 2}, {1, 2}};
    const hotnas::edge edges[1] = {{0, 1}};
    hotnas::storage<1024> memory[2], network_memory[2], cache_memory;
    hotnas::cell cells[2];
    for (int i = 0; i < 2; i++) {
        hotnas::cell_spec spec;
        spec.operations = nodes[i];
        spec.edges = edges;
        CHECK(hotnas::cell::size(*table, 2) <= sizeof memory[i]);
        const auto made = hotnas::cell::make(*table, spec, memory[i], work);
        CHECK(bool(made));
        cells[i] = *made;
    }
    const auto opened = hotnas::cell::open(*table, 2, memory[0].data(), memory[0].size());
    CHECK(opened && *opened->compare(cells[0]) == 0);
    const hotnas::cell copy = cells[0];
    CHECK(*copy.compare(cells[0]) == 0 && *copy.compare(cells[1]) != 0);
    std::vector<std::uint8_t> order(2);
    CHECK(bool(copy.read_order(order)) && order[0] == 0 && order[1] == 1);
    std::vector<hotnas::real> features(12);
    CHECK(bool(copy.read_features(features)) && near_to(features[6], 1));
    features.resize(11);
    CHECK(copy.read_features(features).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);

    const auto metric = hotnas::metric::make(*table);
    CHECK(bool(metric));
    hotnas::real plan[4];
    const auto pair = metric->distance(cells[0], cells[1], work, plan);
    CHECK(pair && near_to(pair->value, hotnas::real(0.02)));
    CHECK(metric->distance(cells[0], cells[1], work, hotnas::span<hotnas::real>(plan, 3)).error() ==
          HOTNAS_STATUS_DIMENSION_MISMATCH);
    hotnas::metric_settings settings;
    settings.effort = hotnas::effort::exact;
    settings.prover = hotnas::prover();
    const auto proving = hotnas::metric::make(*table, settings);
    std::vector<std::uint64_t> large(proving->cell_workspace_size(2, 2) / 8 + 1);
    hotnas::workspace proof_work{hotnas::memory(large)};
    const auto proved = proving->distance(cells[0], cells[1], proof_work);
    CHECK(proved && proved->proved_optimal == 1 && near_to(proved->value, pair->value));
    settings.lambda = 2;
    CHECK(hotnas::metric::make(*table, settings).error() == HOTNAS_STATUS_INVALID_SETTING);
    settings = hotnas::metric_settings();
    settings.distance = hotnas::distance::otmann;
    CHECK(hotnas::metric::make(*table, settings).error() == HOTNAS_STATUS_LAYERS_MISSING);
    const std::uint8_t codes[4] = {HOTNAS_LAYER_CONVOLUTION + 3, HOTNAS_LAYER_CONVOLUTION + 1,
                                   HOTNAS_LAYER_MAXIMUM_POOLING, HOTNAS_LAYER_DENSE};
    const hotnas_layers layers = {codes, 4, -1, hotnas::real(16)};
    const auto otmann = hotnas::metric::make(*table, settings, layers);
    CHECK(otmann && otmann->part_count() == 8);
    settings = hotnas::metric_settings::poster();
    CHECK(settings.pairing == hotnas::pairing::ordered);

    const hotnas::cell *sequence[2] = {&cells[0], &cells[1]};
    const auto a = hotnas::network::make(sequence, network_memory[0]);
    sequence[1] = &cells[0];
    const auto b = hotnas::network::make(sequence, network_memory[1]);
    CHECK(a && b && b->describe()->distinct_count == 1 && *a->compare(*b) != 0);
    hotnas::cache cache;
    CHECK(bool(cache.init(16, cache_memory)));
    const auto plain = metric->distance(*a, *b, work), cached = metric->distance(*a, *b, work, &cache);
    CHECK(plain && cached && plain->value == cached->value && plain->value > 0);
    CHECK(cache.describe()->misses > 0);
    const hotnas_cell *both_cells[2] = {cells[0].c(), cells[1].c()};
    const hotnas_network *both_networks[2] = {a->c(), b->c()};
    hotnas::real row[2], square[4];
    CHECK(metric->distances(cells[1], both_cells, work, row) && row[1] == 0 && row[0] == pair->value);
    CHECK(metric->matrix(both_cells, work, square) && square[1] == pair->value && square[3] == 0);
    CHECK(metric->distances(*a, both_networks, work, row, &cache) && row[1] == plain->value);
    CHECK(metric->matrix(both_networks, work, square, &cache) && square[2] == plain->value);
    CHECK(metric->matrix(both_cells, work, row).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    std::vector<std::uint64_t> room(metric->nearest_networks_workspace_size(2, 2, 2, 2) / 8 + 1);
    CHECK(metric->nearest_cells_workspace_size(2, 2, 2) <= 8 * room.size());
    hotnas::workspace choice{hotnas::memory(room)};
    hotnas_neighbour nearest[2];
    const auto chosen = metric->nearest(cells[1], both_cells, choice, nearest);
    CHECK(chosen && chosen->moments == 2 && nearest[0].index == 1 && nearest[1].distance == pair->value);
    CHECK(metric->nearest(*a, both_networks, choice, nearest, &cache) && nearest[1].distance == plain->value);
    const auto closer = metric->compare(cells[0], cells[1], pair->value * 2, work);
    CHECK(closer && closer->is_nearer == 1 && closer->value == pair->value);
    const auto farther = metric->compare(*a, *b, 0, work, &cache);
    CHECK(farther && farther->is_nearer == 0 &&
          static_cast<hotnas::stage>(farther->stage) == hotnas::stage::moments);
    sequence[1] = nullptr;
    CHECK(hotnas::network::make(sequence, network_memory[1]).error() == HOTNAS_STATUS_NULL);

    hotnas::cell_spec cycle;
    const hotnas::edge both[2] = {{0, 1}, {1, 0}};
    cycle.operations = nodes[0];
    cycle.edges = both;
    CHECK(hotnas::cell::make(*table, cycle, memory[0], work).error() == HOTNAS_STATUS_CYCLE);
    hotnas::cell nothing;
    CHECK(nothing.describe().error() == HOTNAS_STATUS_NOT_INITIALISED);
    hotnas::operations_spec flat;
    flat.count = 3;
    CHECK(bool(hotnas::operations::make(flat)));
    flat.dissimilarity = plan;
    CHECK(hotnas::operations::make(flat).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
}

void processes() {
    hotnas::workspace work{hotnas::memory(scratch)};
    hotnas::storage<4096> memory;
    hotnas::gaussian_process gp;
    CHECK(gp.describe().error() == HOTNAS_STATUS_NOT_INITIALISED);
    const hotnas::hyperparameters start = {1, 1, hotnas::real(0.001), 0};
    CHECK(bool(gp.init(8, hotnas::kernel::matern52, start, memory)));
    std::vector<hotnas::real> distances;
    for (int i = 0; i < 6; i++) {
        distances.clear();
        for (int j = 0; j < i; j++) distances.push_back(hotnas::real(i - j) / 4);
        CHECK(bool(gp.append(distances, hotnas::real(i * i))));
    }
    CHECK(gp.append({}, 1).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(bool(gp.fit(work)));
    std::vector<hotnas::real> mean(6), variance(6), to(6);
    for (int j = 0; j < 6; j++) to[std::size_t(j)] = hotnas::real(5 - j) / 4;
    hotnas::real m[1], v[1];
    CHECK(bool(gp.posterior(to, work, m, v)));
    CHECK(m[0] > 20 && m[0] < 26 && v[0] >= 0);
    CHECK(gp.posterior(to, work, mean, variance).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(hotnas::gaussian_process::joint_workspace_size(6, 1) == (6 + 48) * sizeof(hotnas::real));
    hotnas::real joint[1];
    CHECK(gp.joint_posterior(to, {}, work, m, joint) && joint[0] == v[0]);
    CHECK(gp.joint_posterior(to, to, work, m, joint).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(bool(gp.leave_one_out(work, mean, variance)));
    const auto calibration = gp.calibration(hotnas::real(0.9), work);
    CHECK(calibration && calibration->spread > 0);
    CHECK(gp.calibration(2, work).error() == HOTNAS_STATUS_INVALID_SETTING);
    CHECK(hotnas::calibration(mean, mean, variance, hotnas::real(0.9))->error == 0);
    CHECK(hotnas::calibration(mean, to, m, hotnas::real(0.9)).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(hotnas::gaussian_process::clipped_workspace_size(6) == 84 * sizeof(hotnas::real));
    hotnas::real clipped_mean[1], clipped_variance[1];
    const auto clipping = gp.clipped_posterior(to, work, clipped_mean, clipped_variance);
    CHECK(clipping && clipping->lost_count == 0 && clipped_mean[0] > 20);
    CHECK(gp.clipped_posterior(to, work, mean, variance).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(bool(gp.truncate(3)) && gp.describe()->count == 3);

    // Distances in two parts, of which the second is always 0.
    using process = hotnas::gaussian_process;
    process product;
    hotnas::storage<4096> more;
    CHECK(process::size_of_parts(8, 2) > process::size(8));
    CHECK(bool(product.init_of_parts(8, 2, hotnas::kernel::matern52, start, more)));
    for (int i = 0; i < 3; i++) {
        distances.clear();
        for (int j = 0; j < i; j++) distances.insert(distances.end(), {hotnas::real(i - j) / 4, 0});
        CHECK(bool(product.append(distances, hotnas::real(i * i))));
    }
    const hotnas::real one[1] = {1}, two[2] = {1, 2}, apart[6] = {1, 0, 1, 0, 1, 0};
    CHECK(product.append(one, 1).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(product.set_ratios(one).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(product.set_ratios(two) && product.describe()->ratios[1] == 2);
    CHECK(product.posterior(two, work, m, v).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    CHECK(bool(product.posterior(apart, work, m, v)));
    CHECK(product.joint_posterior(apart, {}, work, m, joint) && joint[0] == v[0]);
}

// Chains of up to three operations.
struct chains {
    static constexpr std::size_t attributes = 0, max_nodes = 3, max_distinct = 1, max_cells = 1;
    std::uint8_t values[3] = {4, 4, 4};

    hotnas::span<const std::uint8_t> cardinalities() const noexcept { return values; }
    hotnas::result<void> decode(hotnas::span<const std::uint8_t> genome,
                                hotnas::network_builder &out) const noexcept {
        const hotnas::edge edges[2] = {{0, 1}, {1, 2}};
        if (genome[0] == 3 && genome[1] == 3) return HOTNAS_STATUS_INFEASIBLE;
        hotnas::cell_spec spec;
        spec.operations = genome;
        spec.edges = edges;
        const auto index = out.add(spec);
        return index ? out.push(*index) : hotnas::result<void>(index.error());
    }
};

// The same with few neighbours and draws of its own.
struct sampled_chains : chains {
    std::size_t neighbour_count(hotnas::span<const std::uint8_t>) const noexcept { return 4; }
    void neighbour(hotnas::span<const std::uint8_t> genome, std::size_t index,
                   hotnas::span<std::uint8_t> out) const noexcept {
        for (std::size_t i = 0; i < genome.size(); i++) out[i] = genome[i];
        out[2] = std::uint8_t(index);
    }
    void sample(hotnas::random_numbers &random, hotnas::span<std::uint8_t> genome) const noexcept {
        for (std::uint8_t &gene : genome) gene = std::uint8_t(random.below(4));
    }
};

void ready_spaces() {
    constexpr auto digits = hotnas::ready_space::digits;
    CHECK(hotnas::space::design_count(digits) == 2352);
    std::uint8_t genome[7], again[7];
    char text[HOTNAS_MAX_TEXT];
    CHECK(bool(hotnas::space::genome(digits, 1234, genome)));
    CHECK(*hotnas::space::index(digits, genome) == 1234);
    CHECK(hotnas::space::format(digits, genome, text) && hotnas::space::parse(digits, text, again));
    CHECK(std::memcmp(genome, again, sizeof genome) == 0);
    CHECK(!hotnas::space::parse(digits, "?", again));
    CHECK(hotnas::space::genome(digits, 2352, again).error() == HOTNAS_STATUS_GENOME_OUT_OF_RANGE);
    const auto darts = hotnas::space::darts(8);
    CHECK(darts && darts->genes() == 32 && darts->c()->max_cells == 8);
    CHECK(hotnas::space::darts(7).error() == HOTNAS_STATUS_INVALID_SETTING);
    const hotnas_module_kind kinds[2] = {{1, 0, 0, 2, 0}, {1, 1, 1, 4, 0}};
    const hotnas_edge edges[3] = {{0, 1}, {0, 2}, {1, 2}};
    const std::uint8_t labels[5] = {2, 3, 4, 5, 6};
    const hotnas_joint description = {2, 4, 2, kinds, 3, 3, edges, 5, labels, 1, 3, 3};
    const hotnas::joint joint(description);
    std::uint8_t cardinalities[7];
    CHECK(joint.genes() == 7 && joint.genome_count() == 28 * 125);
    const auto made = joint.make_space(cardinalities);
    CHECK(made && made->genes() == 7 && cardinalities[0] == 3 && cardinalities[6] == 5);
    CHECK(joint.parse("121-312", genome) && joint.format(genome, text));
    CHECK(std::strcmp(text, "121-312") == 0);
    CHECK(bool(joint.genome(*joint.index(genome), again)));
    CHECK(std::memcmp(genome, again, sizeof genome) == 0);
    CHECK(joint.parse("1-312", again).error() == HOTNAS_STATUS_INFEASIBLE);
    const hotnas::real values[3] = {1, 2, 3};
    hotnas::real out[3];
    CHECK(hotnas::transform_values(hotnas::transform::rank, values, out) && out[0] < out[1] && out[1] < out[2]);
    CHECK(hotnas::transform_values(hotnas::transform::rank, values, hotnas::span<hotnas::real>(out, 2)).error() ==
          HOTNAS_STATUS_DIMENSION_MISMATCH);
}

void a_search(const hotnas::space &space, const hotnas::operations &table, hotnas::search_settings settings) {
    const auto metric = hotnas::metric::make(table);
    CHECK(bool(metric));
    const std::size_t capacity = 16, genes = space.genes();
    std::vector<std::uint64_t> memory(hotnas::search::size(settings, capacity, genes) / 8 + 1),
        other(memory.size()), work_memory(hotnas::search::workspace_size(settings, capacity, space, *metric) / 8 + 1);
    hotnas::workspace work{hotnas::memory(work_memory)};
    hotnas::search search, restored;
    std::vector<std::uint8_t> genome(genes), again(genes), saved(hotnas::search::saved_size(settings, capacity, genes));
    CHECK(search.ask(0, space, *metric, work, genome).error() == HOTNAS_STATUS_NOT_INITIALISED);
    CHECK(bool(search.init(settings, capacity, genes, memory)));
    CHECK(bool(restored.init(settings, capacity, genes, other)));
    CHECK(search.best().error() == HOTNAS_STATUS_NO_OBSERVATION);
    for (std::uint32_t trial = 0; trial < 12; trial++) {
        const auto proposal = search.ask(trial, space, *metric, work, genome);
        CHECK(bool(proposal));
        hotnas::real value = 0;
        for (const std::uint8_t g : genome) value += hotnas::real(g);
        CHECK(bool(trial == 4 ? search.fail(trial) : search.tell(trial, value)));
    }
    const auto best = search.best(genome);
    CHECK(bool(best));
    const auto trial = search.read_trial(4);
    CHECK(trial && trial->number == 4 && trial->state == HOTNAS_TRIAL_STATE_FAILED);
    CHECK(bool(search.describe_gp()) == (settings.method == HOTNAS_METHOD_HOTNAS));
    const auto bytes = search.save(space, *metric, saved);
    CHECK(bool(bytes));
    const hotnas::span<const std::uint8_t> state(saved.data(), *bytes);
    hotnas::metric_settings other_settings;
    other_settings.epsilon = hotnas::real(0.25);
    const auto other_metric = hotnas::metric::make(table, other_settings);
    CHECK(other_metric && restored.restore(state, space, *other_metric, work).error() == HOTNAS_STATUS_SAVED_SETTINGS);
    CHECK(bool(restored.restore(state, space, *metric, work)));
    CHECK(bool(search.ask(12, space, *metric, work, genome)));
    CHECK(bool(restored.ask(12, space, *metric, work, again)));
    CHECK(genome == again);
    CHECK(search.tell(99, 1).error() == HOTNAS_STATUS_UNKNOWN_TRIAL);
    CHECK(bool(search.evidence(space, *metric, work)) == (settings.method == HOTNAS_METHOD_HOTNAS));
    std::uint32_t front[16];
    CHECK(search.front(front).value_or(0) == 1 && search.front({}).error() == HOTNAS_STATUS_CAPACITY_EXCEEDED);
    CHECK(search.tell(12, 1, 2).error() == HOTNAS_STATUS_DIMENSION_MISMATCH);
    std::vector<std::uint8_t> several(2 * genes);
    CHECK(bool(search.ask_batch(20, space, *metric, work, several)));
    CHECK(search.describe()->pending_count == 3);
    CHECK(search.ask_batch(30, space, *metric, work, hotnas::span<std::uint8_t>(several.data(), genes + 1)).error() ==
          HOTNAS_STATUS_GENOME_OUT_OF_RANGE);
    CHECK(restored.clear() && restored.best().error() == HOTNAS_STATUS_NO_OBSERVATION);
    hotnas::space limited = space;
    limited.limit([](void *, const std::uint8_t *) { return hotnas::real(1); }, nullptr, hotnas::real(0.5));
    CHECK(restored.ask(0, limited, *metric, work, genome).error() == HOTNAS_STATUS_SPACE_EXHAUSTED);
    genome.pop_back();
    CHECK(search.ask(13, space, *metric, work, genome).error() == HOTNAS_STATUS_GENOME_OUT_OF_RANGE);
}

} // namespace

int main() {
    CHECK(hotnas::fits_library());
    CHECK(hotnas::version_number() == HOTNAS_VERSION_NUMBER && hotnas::version_string()[0] != 0);
    CHECK(hotnas::capabilities() ==
          (sizeof(hotnas::real) == 4 ? HOTNAS_CAPABILITY_FLOAT : HOTNAS_CAPABILITY_DOUBLE));
    CHECK(std::strcmp(hotnas::message(HOTNAS_STATUS_CYCLE), "the edges contain a cycle") == 0);
    results_and_spans();
    workspaces();
    cells_and_networks();
    processes();
    ready_spaces();
    auto settings = hotnas::search_settings::compact();
    settings.initial = 4;
    const chains own;
    const auto poster = hotnas::operations::poster();
    a_search(hotnas::space::of(own), *poster, settings);
    a_search(hotnas::space::of(own), *poster, settings.with(hotnas::method::random));
    settings.with(hotnas::method::hotnas);
    const sampled_chains sampled;
    a_search(hotnas::space::of(sampled), *poster, settings);
    const auto ready = hotnas::space::make(hotnas::ready_space::digits);
    const auto table = hotnas::space::table(hotnas::ready_space::digits);
    CHECK(ready && table);
    a_search(*ready, *table, settings);
    return failures != 0;
}
