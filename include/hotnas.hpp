/*
 * hotnas.hpp - C++17 over hotnas.h: value types, results instead of exceptions, no heap
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Header only. It allocates nothing, throws nothing and needs no run-time type information. What each
 * function does, its shapes, units, ranges and errors are written in hotnas.h at the function of the
 * same name.
 *
 *  - Functions that can fail return result<T> (result<void> without a value): test it like a bool, then
 *    use *r or r->. Reading the value of a failed result gives a value-initialised T, never undefined
 *    behaviour.
 *  - Parameters (operations, cell, network, metric) are small views: copy them freely. The memory
 *    that they were made in must outlive every copy.
 *  - A workspace can be moved; the one moved from is empty and every use of it gives
 *    status NOT_INITIALISED.
 *  - State (gaussian_process, cache, search) can be neither copied nor moved, because the handle knows
 *    its own address: make it where it is to stay, then call init.
 *  - Memory is lent: a storage<Bytes> on the stack or static, or any array, std::array or vector of
 *    trivially copyable elements.
 *  - Everything lies in an inline namespace named after the precision, so translation units with and
 *    without HOTNAS_F32 can be linked into one program.
 */
#ifndef HOTNAS_HPP
#define HOTNAS_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "hotnas.h"

namespace hotnas {
#ifdef HOTNAS_F32
inline namespace f32 {
#else
inline namespace f64 {
#endif

using real = hotnas_real;
using status = hotnas_status;
using edge = hotnas_edge;
using fingerprint = std::uint32_t[4];

/// One sentence about a status: static text.
inline const char *message(status s) noexcept { return hotnas_status_message(s); }

/// The size in the library of the C struct with this name; 0 if there is none.
inline std::size_t struct_size(const char *name) noexcept { return hotnas_struct_size(name); }

/// Whether the library that was linked is the one that this header describes.
[[nodiscard]] inline bool fits_library() noexcept {
    bool fits = hotnas_abi_version() == HOTNAS_ABI_VERSION;
#define HOTNAS_X(name) fits = fits && struct_size(#name) == sizeof(name);
    HOTNAS_STRUCTS(HOTNAS_X)
#undef HOTNAS_X
    return fits;
}

/// major.minor.patch of the library that was linked, as text and as 10000 * major + 100 * minor + patch.
inline const char *version_string() noexcept { return hotnas_version_string(); }
inline std::uint32_t version_number() noexcept { return hotnas_version_number(); }
/// The bits HOTNAS_CAPABILITY_... of the library that was linked.
inline std::uint64_t capabilities() noexcept { return hotnas_capabilities(); }

/// A value or the reason why there is none.
template <class T>
class [[nodiscard]] result {
  public:
    result(status failure) noexcept : status_(failure) {}
    result(const T &value) noexcept : value_(value), status_(HOTNAS_STATUS_OK) {}

    explicit operator bool() const noexcept { return status_ == HOTNAS_STATUS_OK; }
    /// HOTNAS_STATUS_OK or the reason.
    status error() const noexcept { return status_; }
    const T &operator*() const noexcept { return value_; }
    T &operator*() noexcept { return value_; }
    const T *operator->() const noexcept { return &value_; }
    T *operator->() noexcept { return &value_; }
    T value_or(const T &other) const noexcept { return *this ? value_ : other; }

  private:
    T value_{};
    status status_;
};

/// Success or the reason for failure.
template <>
class [[nodiscard]] result<void> {
  public:
    result(status outcome) noexcept : status_(outcome) {}
    explicit operator bool() const noexcept { return status_ == HOTNAS_STATUS_OK; }
    status error() const noexcept { return status_; }

  private:
    status status_;
};

/// A pointer and a number of elements.
template <class T>
class span {
  public:
    constexpr span() noexcept = default;
    constexpr span(std::nullptr_t) noexcept {}
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N>
    constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    /// Anything with data() and size(): std::array, std::vector, std::span.
    template <class C, class = std::enable_if_t<std::is_convertible<
                           std::remove_pointer_t<decltype(std::declval<C &>().data())> (*)[], T (*)[]>::value>>
    constexpr span(C &container) noexcept : data_(container.data()), size_(container.size()) {}
    template <class C, class = std::enable_if_t<
                           std::is_const<T>::value &&
                           std::is_convertible<
                               std::remove_pointer_t<decltype(std::declval<const C &>().data())> (*)[],
                               T (*)[]>::value>>
    constexpr span(const C &container) noexcept : data_(container.data()), size_(container.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t i) const noexcept { return data_[i]; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/// Aligned memory of a fixed size, to be lent.
template <std::size_t Bytes>
struct storage {
    std::uint64_t words[(Bytes + 7) / 8];
    void *data() noexcept { return words; }
    static constexpr std::size_t size() noexcept { return (Bytes + 7) / 8 * 8; }
};

/// Lent memory: address and size in bytes.
class memory {
  public:
    constexpr memory(void *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t Bytes>
    memory(storage<Bytes> &from) noexcept : data_(from.data()), size_(from.size()) {}
    template <class T, std::size_t N>
    memory(T (&array)[N]) noexcept : data_(array), size_(sizeof(array)) {
        static_assert(std::is_trivially_copyable<T>::value, "lent memory holds plain elements");
    }
    template <class C, class T = std::remove_pointer_t<decltype(std::declval<C &>().data())>,
              class = std::enable_if_t<std::is_trivially_copyable<T>::value && !std::is_const<T>::value>>
    memory(C &container) noexcept : data_(container.data()), size_(container.size() * sizeof(T)) {}

    void *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

  private:
    void *data_;
    std::size_t size_;
};

enum class feature_scale : std::int32_t {
    longest_path = HOTNAS_FEATURE_SCALE_LONGEST_PATH,
    raw = HOTNAS_FEATURE_SCALE_RAW,
};
enum class distance : std::int32_t {
    hotnn = HOTNAS_DISTANCE_HOTNN,
    hotnn_parts = HOTNAS_DISTANCE_HOTNN_PARTS,
    edit = HOTNAS_DISTANCE_EDIT,
    weisfeiler_lehman = HOTNAS_DISTANCE_WEISFEILER_LEHMAN,
    summed = HOTNAS_DISTANCE_SUMMED,
    tree_wasserstein = HOTNAS_DISTANCE_TREE_WASSERSTEIN,
    otmann = HOTNAS_DISTANCE_OTMANN,
};
enum class pairing : std::int32_t {
    ordered = HOTNAS_PAIRING_ORDERED,
    full = HOTNAS_PAIRING_FULL,
    flow = HOTNAS_PAIRING_FLOW,
};
enum class effort : std::int32_t {
    fast = HOTNAS_EFFORT_FAST,
    thorough = HOTNAS_EFFORT_THOROUGH,
    exact = HOTNAS_EFFORT_EXACT,
};
/// What settings with effort::exact need.
inline const hotnas_prover *prover() noexcept { return hotnas_prover_get(); }
enum class stage : std::int32_t {
    moments = HOTNAS_STAGE_MOMENTS,
    transport = HOTNAS_STAGE_TRANSPORT,
    solved = HOTNAS_STAGE_SOLVED,
};
enum class kernel : std::int32_t {
    exponential = HOTNAS_KERNEL_EXPONENTIAL,
    square_root_exponential = HOTNAS_KERNEL_SQUARE_ROOT_EXPONENTIAL,
    matern32 = HOTNAS_KERNEL_MATERN32,
    matern52 = HOTNAS_KERNEL_MATERN52,
    squared_exponential = HOTNAS_KERNEL_SQUARED_EXPONENTIAL,
    nasbot = HOTNAS_KERNEL_NASBOT,
};
enum class transform : std::int32_t {
    identity = HOTNAS_TRANSFORM_IDENTITY,
    soft = HOTNAS_TRANSFORM_SOFT,
    rank = HOTNAS_TRANSFORM_RANK,
    log = HOTNAS_TRANSFORM_LOG,
};
enum class method : std::int32_t {
    hotnas = HOTNAS_METHOD_HOTNAS,
    random = HOTNAS_METHOD_RANDOM,
    evolution = HOTNAS_METHOD_EVOLUTION,
    local_search = HOTNAS_METHOD_LOCAL_SEARCH,
    pool = HOTNAS_METHOD_POOL,
};
enum class acquisition : std::int32_t {
    upper_confidence_bound = HOTNAS_ACQUISITION_UPPER_CONFIDENCE_BOUND,
    expected_improvement = HOTNAS_ACQUISITION_EXPECTED_IMPROVEMENT,
    thompson = HOTNAS_ACQUISITION_THOMPSON,
};
enum class pending : std::int32_t {
    believer = HOTNAS_PENDING_BELIEVER,
    least = HOTNAS_PENDING_LEAST,
    mean = HOTNAS_PENDING_MEAN,
    greatest = HOTNAS_PENDING_GREATEST,
};
enum class batch_rule : std::int32_t {
    sequential = HOTNAS_BATCH_RULE_SEQUENTIAL,
    top = HOTNAS_BATCH_RULE_TOP,
    local_penalisation = HOTNAS_BATCH_RULE_LOCAL_PENALISATION,
    determinantal = HOTNAS_BATCH_RULE_DETERMINANTAL,
};
enum class second_number : std::int32_t {
    none = HOTNAS_SECOND_NONE,
    limit = HOTNAS_SECOND_LIMIT,
    weighted = HOTNAS_SECOND_WEIGHTED,
    hypervolume = HOTNAS_SECOND_HYPERVOLUME,
};
enum class trial_state : std::int32_t {
    pending = HOTNAS_TRIAL_STATE_PENDING,
    told = HOTNAS_TRIAL_STATE_TOLD,
    failed = HOTNAS_TRIAL_STATE_FAILED,
};
enum class ready_space : std::int32_t {
    nas_bench_201 = HOTNAS_READY_SPACE_NAS_BENCH201,
    trans_nas_macro = HOTNAS_READY_SPACE_TRANS_NAS_MACRO,
    digits = HOTNAS_READY_SPACE_DIGITS,
    trans_nas_micro = HOTNAS_READY_SPACE_TRANS_NAS_MICRO,
    nas_bench_101 = HOTNAS_READY_SPACE_NAS_BENCH101,
    darts = HOTNAS_READY_SPACE_DARTS,
};

namespace detail {
template <class E>
constexpr std::int32_t code(E e) noexcept {
    return static_cast<std::int32_t>(e);
}
template <class T>
const T *pointer_if(span<const T> s) noexcept {
    return s.empty() ? nullptr : s.data();
}
/// Whether `size` is n * n.
inline bool is_square(std::size_t size, std::size_t n) noexcept {
    return n == 0 ? size == 0 : size % n == 0 && size / n == n;
}
/// A length that must be one number, or nothing.
template <class T>
bool fits(span<T> s, std::size_t n) noexcept {
    return s.empty() || s.size() == n;
}
} // namespace detail

/// Scratch of one thread. Movable: the one moved from is empty.
class workspace {
  public:
    workspace() noexcept = default;
    explicit workspace(memory m) noexcept {
        if (hotnas_workspace_init(&handle_, m.data(), m.size()) != HOTNAS_STATUS_OK) handle_ = {};
    }
    workspace(const workspace &) = delete;
    workspace &operator=(const workspace &) = delete;
    workspace(workspace &&other) noexcept : handle_(other.handle_) { other.handle_ = {}; }
    workspace &operator=(workspace &&other) noexcept {
        if (this != &other) {
            handle_ = other.handle_;
            other.handle_ = {};
        }
        return *this;
    }
    result<void> init(memory m) noexcept { return hotnas_workspace_init(&handle_, m.data(), m.size()); }
    hotnas_workspace *c() noexcept { return &handle_; }

  private:
    hotnas_workspace handle_ = {};
};

/// What an operation table is made from. The arrays must outlive the table, which borrows them.
struct operations_spec {
    std::size_t count = 0;
    span<const real> dissimilarity;     // count x count; empty: 1 between different operations
    std::size_t group_count = 0;        // 0: one group with every operation
    span<const std::uint8_t> groups;    // one mask per operation
    span<const real> attribute_weights; // one per attribute
    feature_scale scale = feature_scale::longest_path;
};

class operations {
  public:
    static result<operations> make(const operations_spec &s) noexcept {
        if (!detail::fits(s.groups, s.count) || s.count > HOTNAS_MAX_OPERATIONS ||
            !detail::fits(s.dissimilarity, s.count * s.count))
            return s.count > HOTNAS_MAX_OPERATIONS ? HOTNAS_STATUS_OPERATION_COUNT
                                                   : HOTNAS_STATUS_DIMENSION_MISMATCH;
        hotnas_operations_spec c = {};
        c.operation_count = s.count;
        c.dissimilarity = detail::pointer_if(s.dissimilarity);
        c.group_count = s.group_count;
        c.group_masks = detail::pointer_if(s.groups);
        c.attribute_count = s.attribute_weights.size();
        c.attribute_weights = detail::pointer_if(s.attribute_weights);
        c.scale = detail::code(s.scale);
        operations made;
        const status outcome = hotnas_operations_init(&made.handle_, &c);
        return outcome == HOTNAS_STATUS_OK ? result<operations>(made) : outcome;
    }
    static result<operations> poster() noexcept {
        operations made;
        const status outcome = hotnas_operations_init_poster(&made.handle_);
        return outcome == HOTNAS_STATUS_OK ? result<operations>(made) : outcome;
    }
    result<hotnas_operations_info> describe() const noexcept {
        hotnas_operations_info info = {};
        const status outcome = hotnas_operations_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_operations_info>(info) : outcome;
    }
    const hotnas_operations *c() const noexcept { return &handle_; }
    hotnas_operations *c() noexcept { return &handle_; }

  private:
    hotnas_operations handle_ = {};
};

/// What a cell is made from.
struct cell_spec {
    span<const std::uint8_t> operations;
    span<const edge> edges;
    span<const real> masses;     // empty: equal
    span<const real> attributes; // nodes x attributes of the table

    /// The same for C, or a reason why the lengths do not fit.
    result<hotnas_cell_spec> c(std::size_t attribute_count) const noexcept {
        const std::size_t n = operations.size();
        if (n > HOTNAS_MAX_NODES) return HOTNAS_STATUS_TOO_MANY_NODES;
        if (!detail::fits(masses, n) || attributes.size() != n * attribute_count)
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        hotnas_cell_spec spec = {};
        spec.node_count = n;
        spec.operations = operations.data();
        spec.edge_count = edges.size();
        spec.edges = edges.data();
        spec.masses = detail::pointer_if(masses);
        spec.attributes = detail::pointer_if(attributes);
        return spec;
    }
};

class cell {
  public:
    static std::size_t size(const operations &table, std::size_t nodes) noexcept {
        return hotnas_cell_size(table.c(), nodes);
    }
    static std::size_t workspace_size(const operations &table, std::size_t nodes) noexcept {
        return hotnas_cell_workspace_size(table.c(), nodes);
    }
    static result<cell> make(const operations &table, const cell_spec &s, memory m, workspace &w) noexcept {
        const auto info = table.describe();
        if (!info) return info.error();
        const auto spec = s.c(info->attribute_count);
        if (!spec) return spec.error();
        cell made;
        const status outcome = hotnas_cell_init(&made.handle_, table.c(), &*spec, m.data(), m.size(), w.c());
        return outcome == HOTNAS_STATUS_OK ? result<cell>(made) : outcome;
    }
    /// A cell in memory that `make` filled before, read in place: in flash, or of an earlier run.
    static result<cell> open(const operations &table, std::size_t nodes, const void *bytes,
                             std::size_t size) noexcept {
        cell opened;
        const status outcome = hotnas_cell_open(&opened.handle_, table.c(), nodes, bytes, size);
        return outcome == HOTNAS_STATUS_OK ? result<cell>(opened) : outcome;
    }
    result<hotnas_cell_info> describe() const noexcept {
        hotnas_cell_info info = {};
        const status outcome = hotnas_cell_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_cell_info>(info) : outcome;
    }
    result<void> read_order(span<std::uint8_t> out) const noexcept {
        return hotnas_cell_read_order(&handle_, out.size(), out.data());
    }
    result<void> read_features(span<real> out) const noexcept {
        return hotnas_cell_read_features(&handle_, out.size(), out.data());
    }
    /// Negative, 0 or positive.
    result<int> compare(const cell &other) const noexcept {
        std::int32_t order = 0;
        const status outcome = hotnas_cell_compare(&handle_, &other.handle_, &order);
        return outcome == HOTNAS_STATUS_OK ? result<int>(static_cast<int>(order)) : outcome;
    }
    const hotnas_cell *c() const noexcept { return &handle_; }

  private:
    hotnas_cell handle_ = {};
};

class network {
  public:
    static std::size_t size(std::size_t cells) noexcept { return hotnas_network_size(cells); }
    /// `cells`: pointers, the same one may come many times. Empty positions and masses: the defaults.
    static result<network> make(span<const cell *const> cells, memory m, span<const real> positions = {},
                                span<const real> masses = {}) noexcept {
        const hotnas_cell *pointers[HOTNAS_MAX_CELLS] = {};
        if (cells.size() > HOTNAS_MAX_CELLS) return HOTNAS_STATUS_TOO_MANY_CELLS;
        if (!detail::fits(positions, cells.size()) || !detail::fits(masses, cells.size()))
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        for (std::size_t i = 0; i < cells.size(); i++)
            pointers[i] = cells[i] == nullptr ? nullptr : cells[i]->c();
        network made;
        const status outcome =
            hotnas_network_init(&made.handle_, cells.size(), pointers, detail::pointer_if(positions),
                                detail::pointer_if(masses), m.data(), m.size());
        return outcome == HOTNAS_STATUS_OK ? result<network>(made) : outcome;
    }
    result<hotnas_network_info> describe() const noexcept {
        hotnas_network_info info = {};
        const status outcome = hotnas_network_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_network_info>(info) : outcome;
    }
    result<int> compare(const network &other) const noexcept {
        std::int32_t order = 0;
        const status outcome = hotnas_network_compare(&handle_, &other.handle_, &order);
        return outcome == HOTNAS_STATUS_OK ? result<int>(static_cast<int>(order)) : outcome;
    }
    const hotnas_network *c() const noexcept { return &handle_; }

  private:
    hotnas_network handle_ = {};
};

/// Known distances. Neither copied nor moved.
class cache {
  public:
    cache() noexcept = default;
    cache(const cache &) = delete;
    cache &operator=(const cache &) = delete;
    static std::size_t size(std::size_t capacity) noexcept { return hotnas_cache_size(capacity); }
    result<void> init(std::size_t capacity, memory m) noexcept {
        return hotnas_cache_init(&handle_, capacity, m.data(), m.size());
    }
    result<hotnas_cache_info> describe() const noexcept {
        hotnas_cache_info info = {};
        const status outcome = hotnas_cache_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_cache_info>(info) : outcome;
    }
    hotnas_cache *c() noexcept { return &handle_; }

  private:
    hotnas_cache handle_ = {};
};

struct metric_settings {
    real epsilon, lambda, eta, gap, proof_gap;
    hotnas::distance distance;
    hotnas::pairing pairing;
    hotnas::effort effort;
    std::uint32_t iterations, nodes;
    const hotnas_prover *prover; // effort::exact only: hotnas::prover()

    metric_settings() noexcept : metric_settings(preset(false)) {}
    static metric_settings poster() noexcept { return metric_settings(preset(true)); }
    hotnas_metric_settings c() const noexcept {
        hotnas_metric_settings s = {};
        s.epsilon = epsilon;
        s.lambda = lambda;
        s.eta = eta;
        s.gap = gap;
        s.proof_gap = proof_gap;
        s.distance = detail::code(distance);
        s.pairing = detail::code(pairing);
        s.effort = detail::code(effort);
        s.iterations = iterations;
        s.nodes = nodes;
        s.prover = prover;
        return s;
    }

  private:
    explicit metric_settings(const hotnas_metric_settings &s) noexcept
        : epsilon(s.epsilon), lambda(s.lambda), eta(s.eta), gap(s.gap), proof_gap(s.proof_gap),
          distance(static_cast<hotnas::distance>(s.distance)),
          pairing(static_cast<hotnas::pairing>(s.pairing)), effort(static_cast<hotnas::effort>(s.effort)),
          iterations(s.iterations), nodes(s.nodes), prover(s.prover) {}
    static hotnas_metric_settings preset(bool poster) noexcept {
        hotnas_metric_settings s = {};
        // Cannot fail: the pointer is good.
        (void)(poster ? hotnas_metric_settings_poster(&s) : hotnas_metric_settings_default(&s));
        return s;
    }
};

class metric {
  public:
    static result<metric> make(const operations &table, const metric_settings &settings = {}) noexcept {
        const hotnas_metric_settings s = settings.c();
        metric made;
        const status outcome = hotnas_metric_init(&made.handle_, table.c(), &s);
        return outcome == HOTNAS_STATUS_OK ? result<metric>(made) : outcome;
    }
    /// Told what layers the operations are: codes HOTNAS_LAYER_..., which must stay.
    static result<metric> make(const operations &table, const metric_settings &settings,
                               const hotnas_layers &layers) noexcept {
        const hotnas_metric_settings s = settings.c();
        metric made;
        const status outcome = hotnas_metric_init_layers(&made.handle_, table.c(), &s, &layers);
        return outcome == HOTNAS_STATUS_OK ? result<metric>(made) : outcome;
    }
    std::size_t cell_workspace_size(std::size_t nodes_a, std::size_t nodes_b) const noexcept {
        return hotnas_metric_cell_workspace_size(&handle_, nodes_a, nodes_b);
    }
    std::size_t network_workspace_size(std::size_t nodes, std::size_t distinct,
                                       std::size_t cells) const noexcept {
        return hotnas_metric_network_workspace_size(&handle_, nodes, distinct, cells);
    }
    /// `plan`: empty, or nodes of a x nodes of b.
    result<hotnas_solution> distance(const cell &a, const cell &b, workspace &w,
                                     span<real> plan = {}) const noexcept {
        if (!plan.empty()) {
            const auto x = a.describe(), y = b.describe();
            if (!x) return x.error();
            if (!y) return y.error();
            if (plan.size() != x->node_count * y->node_count) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        }
        hotnas_solution found = {};
        const status outcome =
            hotnas_metric_cell_distance(&handle_, a.c(), b.c(), w.c(), &found, plan.data());
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_solution>(found) : outcome;
    }
    /// `plan`: empty, or cells of a x cells of b; only HOTNN has one. `known` may be null.
    result<hotnas_network_solution> distance(const network &a, const network &b, workspace &w,
                                             cache *known = nullptr, span<real> plan = {}) const noexcept {
        if (!plan.empty()) {
            const auto x = a.describe(), y = b.describe();
            if (!x) return x.error();
            if (!y) return y.error();
            if (plan.size() != x->cell_count * y->cell_count) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        }
        hotnas_network_solution found = {};
        const status outcome =
            hotnas_metric_network_distance(&handle_, a.c(), b.c(), known == nullptr ? nullptr : known->c(),
                                           w.c(), &found, plan.data());
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_network_solution>(found) : outcome;
    }
    /// How many partial distances there are.
    std::size_t part_count() const noexcept { return hotnas_metric_part_count(&handle_); }
    /// The partial distances of two networks, `part_count()` numbers. `known` may be null.
    result<void> parts(const network &a, const network &b, workspace &w, span<real> parts,
                       cache *known = nullptr) const noexcept {
        return hotnas_metric_network_parts(&handle_, a.c(), b.c(), known == nullptr ? nullptr : known->c(),
                                           w.c(), parts.size(), parts.data());
    }
    /// `distances[i]` from `one` to the cell at `cells[i]`. Here and below many are given as pointers to the C
    /// handles (`c()`), so that no list has to be made from another one.
    result<void> distances(const cell &one, span<const hotnas_cell *const> cells, workspace &w,
                           span<real> distances, cache *known = nullptr) const noexcept {
        if (distances.size() != cells.size()) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_metric_cell_distances(&handle_, one.c(), cells.size(), cells.data(),
                                            known == nullptr ? nullptr : known->c(), w.c(), distances.data());
    }
    result<void> distances(const network &one, span<const hotnas_network *const> networks, workspace &w,
                           span<real> distances, cache *known = nullptr) const noexcept {
        if (distances.size() != networks.size()) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_metric_network_distances(&handle_, one.c(), networks.size(), networks.data(),
                                               known == nullptr ? nullptr : known->c(), w.c(),
                                               distances.data());
    }
    /// The symmetric matrix of all distances, n x n.
    result<void> matrix(span<const hotnas_cell *const> cells, workspace &w, span<real> matrix,
                        cache *known = nullptr) const noexcept {
        if (!detail::is_square(matrix.size(), cells.size())) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_metric_cell_matrix(&handle_, cells.size(), cells.data(),
                                         known == nullptr ? nullptr : known->c(), w.c(), matrix.data());
    }
    result<void> matrix(span<const hotnas_network *const> networks, workspace &w, span<real> matrix,
                        cache *known = nullptr) const noexcept {
        if (!detail::is_square(matrix.size(), networks.size())) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_metric_network_matrix(&handle_, networks.size(), networks.data(),
                                            known == nullptr ? nullptr : known->c(), w.c(), matrix.data());
    }
    std::size_t nearest_cells_workspace_size(std::size_t count, std::size_t nodes_a,
                                             std::size_t nodes_b) const noexcept {
        return hotnas_metric_nearest_cells_workspace_size(&handle_, count, nodes_a, nodes_b);
    }
    std::size_t nearest_networks_workspace_size(std::size_t count, std::size_t nodes, std::size_t distinct,
                                                std::size_t cells) const noexcept {
        return hotnas_metric_nearest_networks_workspace_size(&handle_, count, nodes, distinct, cells);
    }
    /// Fills `nearest` with the answers, the nearest first.
    result<hotnas_nearest_report> nearest(const cell &one, span<const hotnas_cell *const> cells, workspace &w,
                                          span<hotnas_neighbour> nearest,
                                          cache *known = nullptr) const noexcept {
        hotnas_nearest_report report = {};
        const status outcome = hotnas_metric_nearest_cells(
            &handle_, one.c(), cells.size(), cells.data(), known == nullptr ? nullptr : known->c(), w.c(),
            nearest.size(), nearest.data(), &report);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_nearest_report>(report) : outcome;
    }
    result<hotnas_nearest_report> nearest(const network &one, span<const hotnas_network *const> networks,
                                          workspace &w, span<hotnas_neighbour> nearest,
                                          cache *known = nullptr) const noexcept {
        hotnas_nearest_report report = {};
        const status outcome = hotnas_metric_nearest_networks(
            &handle_, one.c(), networks.size(), networks.data(), known == nullptr ? nullptr : known->c(),
            w.c(), nearest.size(), nearest.data(), &report);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_nearest_report>(report) : outcome;
    }
    /// Whether the distance is less than `limit`, with as little work as that takes.
    result<hotnas_comparison> compare(const cell &a, const cell &b, real limit, workspace &w) const noexcept {
        hotnas_comparison answer = {};
        const status outcome =
            hotnas_metric_compare_cell_distance(&handle_, a.c(), b.c(), limit, w.c(), &answer);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_comparison>(answer) : outcome;
    }
    result<hotnas_comparison> compare(const network &a, const network &b, real limit, workspace &w,
                                      cache *known = nullptr) const noexcept {
        hotnas_comparison answer = {};
        const status outcome = hotnas_metric_compare_network_distance(
            &handle_, a.c(), b.c(), limit, known == nullptr ? nullptr : known->c(), w.c(), &answer);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_comparison>(answer) : outcome;
    }
    const hotnas_metric *c() const noexcept { return &handle_; }

  private:
    hotnas_metric handle_ = {};
};

/// A linear transport problem on the caller's matrix. Empty masses: uniform.
struct transport_problem {
    std::size_t rows = 0, columns = 0;
    span<const real> cost, row_masses, column_masses;

    result<hotnas_transport_problem> c() const noexcept {
        if (!detail::fits(row_masses, rows) || !detail::fits(column_masses, columns) || rows == 0 ||
            cost.size() % rows != 0 || cost.size() / rows != columns)
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        hotnas_transport_problem problem = {};
        problem.rows = rows;
        problem.columns = columns;
        problem.cost = cost.data();
        problem.row_masses = detail::pointer_if(row_masses);
        problem.column_masses = detail::pointer_if(column_masses);
        return problem;
    }
};

inline std::size_t exact_workspace_size(std::size_t rows, std::size_t columns) noexcept {
    return hotnas_transport_exact_workspace_size(rows, columns);
}
inline std::size_t sinkhorn_workspace_size(std::size_t rows, std::size_t columns) noexcept {
    return hotnas_transport_sinkhorn_workspace_size(rows, columns);
}

/// `plan`: empty, or rows x columns; duals: both empty, or rows and columns.
inline result<hotnas_transport_report> solve_exact(const transport_problem &p, workspace &w,
                                                   span<real> plan = {}, span<real> row_duals = {},
                                                   span<real> column_duals = {}) noexcept {
    const auto problem = p.c();
    if (!problem) return problem.error();
    if (!detail::fits(plan, p.cost.size()) || !detail::fits(row_duals, p.rows) ||
        !detail::fits(column_duals, p.columns))
        return HOTNAS_STATUS_DIMENSION_MISMATCH;
    hotnas_transport_report report = {};
    const status outcome = hotnas_transport_solve_exact(&*problem, w.c(), &report, plan.data(),
                                                        row_duals.data(), column_duals.data());
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_transport_report>(report) : outcome;
}

/// Begins with the potentials in `column_duals`; `plan`: empty, or rows x columns; duals: rows and columns.
inline result<hotnas_transport_report> solve_warm(const transport_problem &p, workspace &w,
                                                  span<real> row_duals, span<real> column_duals,
                                                  span<real> plan = {}) noexcept {
    const auto problem = p.c();
    if (!problem) return problem.error();
    if (!detail::fits(plan, p.cost.size()) || row_duals.size() != p.rows || column_duals.size() != p.columns)
        return HOTNAS_STATUS_DIMENSION_MISMATCH;
    hotnas_transport_report report = {};
    const status outcome = hotnas_transport_solve_warm(&*problem, w.c(), &report, plan.data(),
                                                       row_duals.data(), column_duals.data());
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_transport_report>(report) : outcome;
}

inline result<hotnas_sinkhorn_report> solve_sinkhorn(const transport_problem &p,
                                                     const hotnas_sinkhorn_settings &settings,
                                                     workspace &w, span<real> plan = {}) noexcept {
    const auto problem = p.c();
    if (!problem) return problem.error();
    if (!detail::fits(plan, p.cost.size())) return HOTNAS_STATUS_DIMENSION_MISMATCH;
    hotnas_sinkhorn_report report = {};
    const status outcome =
        hotnas_transport_solve_sinkhorn(&*problem, &settings, w.c(), &report, plan.data());
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_sinkhorn_report>(report) : outcome;
}

/// A fused Gromov-Wasserstein problem on the caller's matrices. Empty masses: uniform.
struct gromov_problem {
    std::size_t rows = 0, columns = 0;
    span<const real> cost, row_costs, column_costs, row_masses, column_masses;
    real lambda = HOTNAS_DEFAULT_LAMBDA;
    real gap = sizeof(real) == 4 ? real(1e-5) : real(1e-9);
    real proof_gap = real(HOTNAS_DEFAULT_PROOF_GAP);
    hotnas::pairing pairing = hotnas::pairing::flow;
    hotnas::effort effort = hotnas::effort::fast;
    std::uint32_t iterations = HOTNAS_DEFAULT_STEPS;
    std::uint32_t nodes = HOTNAS_DEFAULT_NODES;
    const hotnas_prover *prover = nullptr; // effort::exact only: hotnas::prover()
};

inline std::size_t gromov_workspace_size(std::size_t rows, std::size_t columns,
                                         hotnas::effort effort = hotnas::effort::fast) noexcept {
    return hotnas_transport_gromov_workspace_size(rows, columns, detail::code(effort));
}

namespace detail {
/// The matrices of a problem, if their sizes fit.
inline result<hotnas_gromov_problem> matrices(const gromov_problem &p, span<const real> plan) noexcept {
    transport_problem linear;
    linear.rows = p.rows;
    linear.columns = p.columns;
    linear.cost = p.cost;
    linear.row_masses = p.row_masses;
    linear.column_masses = p.column_masses;
    const auto checked = linear.c();
    if (!checked) return checked.error();
    if (!detail::fits(plan, p.cost.size()) || !detail::is_square(p.row_costs.size(), p.rows) ||
        !detail::is_square(p.column_costs.size(), p.columns))
        return HOTNAS_STATUS_DIMENSION_MISMATCH;
    hotnas_gromov_problem problem = {};
    problem.rows = p.rows;
    problem.columns = p.columns;
    problem.cost = p.cost.data();
    problem.row_costs = p.row_costs.data();
    problem.column_costs = p.column_costs.data();
    problem.row_masses = checked->row_masses;
    problem.column_masses = checked->column_masses;
    return problem;
}
} // namespace detail

/// `plan`: empty, or rows x columns.
inline result<hotnas_solution> solve_gromov(const gromov_problem &p, workspace &w,
                                            span<real> plan = {}) noexcept {
    const auto problem = detail::matrices(p, plan);
    if (!problem) return problem.error();
    hotnas_gromov_settings settings = {};
    settings.lambda = p.lambda;
    settings.gap = p.gap;
    settings.proof_gap = p.proof_gap;
    settings.pairing = detail::code(p.pairing);
    settings.effort = detail::code(p.effort);
    settings.iterations = p.iterations;
    settings.nodes = p.nodes;
    settings.prover = p.prover;
    hotnas_solution found = {};
    const status outcome =
        hotnas_transport_solve_gromov(&*problem, &settings, w.c(), &found, plan.data());
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_solution>(found) : outcome;
}

enum class entropic_method : std::int32_t {
    entropic = HOTNAS_ENTROPIC_METHOD_ENTROPIC,
    proximal = HOTNAS_ENTROPIC_METHOD_PROXIMAL,
};

/// What `solve_entropic_gromov` takes besides the matrices, `lambda` and `pairing` of a `gromov_problem`.
inline hotnas_entropic_settings entropic_settings(real regularisation) noexcept {
    hotnas_entropic_settings settings = {};
    // Cannot fail: the pointer is good.
    (void)hotnas_entropic_settings_default(regularisation, &settings);
    return settings;
}

inline std::size_t entropic_gromov_workspace_size(std::size_t rows, std::size_t columns) noexcept {
    return hotnas_transport_entropic_gromov_workspace_size(rows, columns);
}

/// `plan`: empty, or rows x columns. Of the problem `lambda` and `pairing` count, of the settings all others.
inline result<hotnas_entropic_report> solve_entropic_gromov(const gromov_problem &p,
                                                            hotnas_entropic_settings settings, workspace &w,
                                                            span<real> plan = {}) noexcept {
    const auto problem = detail::matrices(p, plan);
    if (!problem) return problem.error();
    settings.lambda = p.lambda;
    settings.pairing = detail::code(p.pairing);
    hotnas_entropic_report report = {};
    const status outcome =
        hotnas_transport_solve_entropic_gromov(&*problem, &settings, w.c(), &report, plan.data());
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_entropic_report>(report) : outcome;
}

using hyperparameters = hotnas_hyperparameters;

/// Transforms values of which lower is better, and standardises them to mean 0 and deviation 1.
inline result<void> transform_values(transform t, span<const real> values, span<real> out) noexcept {
    if (values.size() != out.size()) return HOTNAS_STATUS_DIMENSION_MISMATCH;
    return hotnas_values_transform(detail::code(t), values.size(), values.data(), out.data());
}

/// How well any predictions fit what was found. `variances`: with noise. `level`: probability of the band.
inline result<hotnas_calibration> calibration(span<const real> values, span<const real> means,
                                              span<const real> variances, real level) noexcept {
    if (means.size() != values.size() || variances.size() != values.size())
        return HOTNAS_STATUS_DIMENSION_MISMATCH;
    hotnas_calibration found = {};
    const status outcome = hotnas_predictions_calibration(values.size(), values.data(), means.data(),
                                                          variances.data(), level, &found);
    return outcome == HOTNAS_STATUS_OK ? result<hotnas_calibration>(found) : outcome;
}

/// A Gaussian process on distances. Neither copied nor moved.
class gaussian_process {
  public:
    gaussian_process() noexcept = default;
    gaussian_process(const gaussian_process &) = delete;
    gaussian_process &operator=(const gaussian_process &) = delete;

    static std::size_t size(std::size_t capacity) noexcept { return hotnas_gp_size(capacity); }
    /// Where distances have parts, each with a length scale of its own.
    static std::size_t size_of_parts(std::size_t capacity, std::size_t parts) noexcept {
        return hotnas_gp_size_of_parts(capacity, parts);
    }
    static std::size_t workspace_size(std::size_t count) noexcept { return hotnas_gp_workspace_size(count); }
    result<void> init(std::size_t capacity, kernel k, const hyperparameters &start, memory m) noexcept {
        return hotnas_gp_init(&handle_, capacity, detail::code(k), &start, m.data(), m.size());
    }
    /// Over distances of so many parts. Wherever distances are given, all parts of one lie side by side.
    result<void> init_of_parts(std::size_t capacity, std::size_t parts, kernel k, const hyperparameters &start,
                               memory m) noexcept {
        return hotnas_gp_init_of_parts(&handle_, capacity, parts, detail::code(k), &start, m.data(), m.size());
    }
    result<hotnas_gp_info> describe() const noexcept {
        hotnas_gp_info info = {};
        const status outcome = hotnas_gp_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_gp_info>(info) : outcome;
    }
    result<void> append(span<const real> distances, real value) noexcept {
        const auto info = describe();
        if (!info) return info.error();
        const std::size_t count = distances.size() / info->part_count;
        if (count * info->part_count != distances.size()) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_gp_append(&handle_, count, distances.data(), value);
    }
    result<void> truncate(std::size_t count) noexcept { return hotnas_gp_truncate(&handle_, count); }
    result<void> set_values(span<const real> values) noexcept {
        return hotnas_gp_set_values(&handle_, values.size(), values.data());
    }
    result<void> set_hyperparameters(const hyperparameters &h) noexcept {
        return hotnas_gp_set_hyperparameters(&handle_, &h);
    }
    result<void> set_kernel(kernel k) noexcept { return hotnas_gp_set_kernel(&handle_, detail::code(k)); }
    /// The length scale of each part over that of the hyperparameters.
    result<void> set_ratios(span<const real> ratios) noexcept {
        return hotnas_gp_set_ratios(&handle_, ratios.size(), ratios.data());
    }
    result<hotnas_fit_report> fit(workspace &w) noexcept {
        hotnas_fit_settings settings = {};
        (void)hotnas_fit_settings_default(&settings);
        return fit(settings, w);
    }
    result<hotnas_fit_report> fit(const hotnas_fit_settings &settings, workspace &w) noexcept {
        hotnas_fit_report report = {};
        const status outcome = hotnas_gp_fit(&handle_, &settings, w.c(), &report);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_fit_report>(report) : outcome;
    }
    /// `distances`: candidates x observations, as many candidates as `mean` has places.
    result<void> posterior(span<const real> distances, workspace &w, span<real> mean,
                           span<real> variance) const noexcept {
        const auto info = describe();
        if (!info) return info.error();
        if (variance.size() != mean.size() || distances.size() != mean.size() * info->count * info->part_count)
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_gp_posterior(&handle_, mean.size(), distances.data(), w.c(), mean.data(),
                                   variance.data());
    }
    static std::size_t joint_workspace_size(std::size_t count, std::size_t candidates) noexcept {
        return hotnas_gp_joint_workspace_size(count, candidates);
    }
    /// Mean and covariance of as many candidates as `mean` has places. `between`: a packed strict lower
    /// triangle of distances between them. `covariance`: a packed lower triangle with its diagonal.
    result<void> joint_posterior(span<const real> distances, span<const real> between, workspace &w,
                                 span<real> mean, span<real> covariance) const noexcept {
        const auto info = describe();
        if (!info) return info.error();
        const std::size_t n = mean.size(), all = n * (n + 1) / 2, parts = info->part_count;
        if (distances.size() != n * info->count * parts || covariance.size() != all ||
            between.size() != (all - n) * parts)
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_gp_joint_posterior(&handle_, n, distances.data(), between.data(), w.c(), mean.data(),
                                         covariance.data());
    }
    result<void> leave_one_out(workspace &w, span<real> mean, span<real> variance) const noexcept {
        if (variance.size() != mean.size()) return HOTNAS_STATUS_DIMENSION_MISMATCH;
        return hotnas_gp_leave_one_out(&handle_, mean.size(), w.c(), mean.data(), variance.data());
    }
    /// How well the values fit what all the others predict. `level`: probability of the band.
    result<hotnas_calibration> calibration(real level, workspace &w) const noexcept {
        hotnas_calibration found = {};
        const status outcome = hotnas_gp_calibration(&handle_, level, w.c(), &found);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_calibration>(found) : outcome;
    }
    static std::size_t clipped_workspace_size(std::size_t count) noexcept {
        return hotnas_gp_clipped_workspace_size(count);
    }
    /// As `posterior`, without the negative eigenvalues of the kernel instead of with jitter.
    result<hotnas_clipping> clipped_posterior(span<const real> distances, workspace &w, span<real> mean,
                                              span<real> variance) const noexcept {
        const auto info = describe();
        if (!info) return info.error();
        if (variance.size() != mean.size() ||
            distances.size() != mean.size() * info->count * info->part_count)
            return HOTNAS_STATUS_DIMENSION_MISMATCH;
        hotnas_clipping clipping = {};
        const status outcome = hotnas_gp_clipped_posterior(&handle_, mean.size(), distances.data(), w.c(),
                                                           mean.data(), variance.data(), &clipping);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_clipping>(clipping) : outcome;
    }

  private:
    hotnas_gp handle_ = {};
};

/// What a space's decode fills; valid only during that call.
class network_builder {
  public:
    network_builder(hotnas_network_builder *handle, std::size_t attribute_count) noexcept
        : handle_(handle), attributes_(attribute_count) {}
    network_builder(const network_builder &) = delete;
    network_builder &operator=(const network_builder &) = delete;

    result<std::uint8_t> add(const cell_spec &s) noexcept {
        const auto spec = s.c(attributes_);
        if (!spec) return spec.error();
        std::uint8_t index = 0;
        const status outcome = hotnas_network_builder_add_cell(handle_, &*spec, &index);
        return outcome == HOTNAS_STATUS_OK ? result<std::uint8_t>(index) : outcome;
    }
    result<void> push(std::uint8_t index) noexcept { return hotnas_network_builder_push(handle_, index); }
    result<void> set_positions(span<const real> positions) noexcept {
        return hotnas_network_builder_set_positions(handle_, positions.size(), positions.data());
    }
    result<void> set_masses(span<const real> masses) noexcept {
        return hotnas_network_builder_set_masses(handle_, masses.size(), masses.data());
    }

  private:
    hotnas_network_builder *handle_;
    std::size_t attributes_;
};

/// Random numbers of a space's own sampling; valid only during that call.
class random_numbers {
  public:
    explicit random_numbers(hotnas_random *handle) noexcept : handle_(handle) {}
    random_numbers(const random_numbers &) = delete;
    random_numbers &operator=(const random_numbers &) = delete;
    /// Below `n`, each equally likely.
    std::uint32_t below(std::uint32_t n) noexcept { return hotnas_random_below(handle_, n); }

  private:
    hotnas_random *handle_;
};

namespace detail {
using genome_view = span<const std::uint8_t>;
template <class S, class = void>
struct has_neighbour_count : std::false_type {};
template <class S>
struct has_neighbour_count<
    S, std::void_t<decltype(std::declval<const S &>().neighbour_count(std::declval<genome_view>()))>>
    : std::true_type {};
template <class S, class = void>
struct has_neighbour : std::false_type {};
template <class S>
struct has_neighbour<S, std::void_t<decltype(std::declval<const S &>().neighbour(
                            std::declval<genome_view>(), std::size_t(), std::declval<span<std::uint8_t>>()))>>
    : std::true_type {};
template <class S, class = void>
struct has_sample : std::false_type {};
template <class S>
struct has_sample<S, std::void_t<decltype(std::declval<const S &>().sample(
                         std::declval<random_numbers &>(), std::declval<span<std::uint8_t>>()))>>
    : std::true_type {};
} // namespace detail

/// A search space: a view, copied freely.
class space {
  public:
    static result<space> make(ready_space which) noexcept {
        space made;
        const status outcome = hotnas_space_init(&made.space_, detail::code(which), nullptr);
        return outcome == HOTNAS_STATUS_OK ? result<space>(made) : outcome;
    }
    /// DARTS with networks of 8 to 20 cells.
    static result<space> darts(std::size_t cells) noexcept {
        space made;
        const status outcome = hotnas_space_init_darts(&made.space_, cells);
        return outcome == HOTNAS_STATUS_OK ? result<space>(made) : outcome;
    }
    /// The operation table that a ready-made space is meant for.
    static result<operations> table(ready_space which) noexcept {
        hotnas_space unused = {};
        operations made;
        const status outcome = hotnas_space_init(&unused, detail::code(which), made.c());
        return outcome == HOTNAS_STATUS_OK ? result<operations>(made) : outcome;
    }
    /// How many designs a ready-made space numbers, from 0.
    static std::size_t design_count(ready_space which) noexcept {
        return hotnas_space_design_count(detail::code(which));
    }
    /// Writes the genome of a design by its number.
    static result<void> genome(ready_space which, std::size_t index, span<std::uint8_t> out) noexcept {
        return hotnas_space_genome(detail::code(which), index, out.size(), out.data());
    }
    /// The number of the design that a genome stands for.
    static result<std::size_t> index(ready_space which, span<const std::uint8_t> genome) noexcept {
        std::size_t number = 0;
        const status outcome =
            hotnas_space_index(detail::code(which), genome.size(), genome.data(), &number);
        return outcome == HOTNAS_STATUS_OK ? result<std::size_t>(number) : outcome;
    }
    /// Writes a design as NUL-terminated text; HOTNAS_MAX_TEXT bytes are always enough.
    static result<void> format(ready_space which, span<const std::uint8_t> genome, span<char> text) noexcept {
        return hotnas_space_format(detail::code(which), genome.size(), genome.data(), text.size(),
                                   text.data());
    }
    /// Reads a design from NUL-terminated text.
    static result<void> parse(ready_space which, const char *text, span<std::uint8_t> genome) noexcept {
        return hotnas_space_parse(detail::code(which), text, genome.size(), genome.data());
    }
    /// A space of the caller's: an object, which must outlive the space, with
    ///   static constexpr std::size_t attributes, max_nodes, max_distinct, max_cells;
    ///   span<const std::uint8_t> cardinalities() const noexcept;
    ///   result<void> decode(span<const std::uint8_t> genome, network_builder &out) const noexcept;
    /// and, if it has neighbours other than the genomes that differ in one gene, or draws of its own,
    ///   std::size_t neighbour_count(span<const std::uint8_t> genome) const noexcept;
    ///   void neighbour(span<const std::uint8_t> genome, std::size_t index, span<std::uint8_t> out) const noexcept;
    ///   void sample(random_numbers &random, span<std::uint8_t> genome) const noexcept;
    template <class S>
    static space of(const S &object) noexcept {
        static_assert(detail::has_neighbour<S>::value == detail::has_neighbour_count<S>::value,
                      "neighbour and neighbour_count belong together");
        space made;
        const span<const std::uint8_t> cardinalities = object.cardinalities();
        made.space_.user = const_cast<void *>(static_cast<const void *>(&object));
        made.space_.gene_count = cardinalities.size();
        made.space_.cardinalities = cardinalities.data();
        made.space_.max_nodes = S::max_nodes;
        made.space_.max_distinct = S::max_distinct;
        made.space_.max_cells = S::max_cells;
        made.space_.decode = [](void *user, const std::uint8_t *genome,
                                hotnas_network_builder *builder) noexcept -> std::int32_t {
            const S &self = *static_cast<const S *>(user);
            network_builder out(builder, S::attributes);
            return self.decode(span<const std::uint8_t>(genome, self.cardinalities().size()), out).error();
        };
        using genome_view = detail::genome_view;
        if constexpr (detail::has_neighbour<S>::value) {
            made.space_.neighbour_count = [](void *user, const std::uint8_t *genome) noexcept -> std::size_t {
                const S &self = *static_cast<const S *>(user);
                return self.neighbour_count(genome_view(genome, self.cardinalities().size()));
            };
            made.space_.neighbour = [](void *user, const std::uint8_t *genome, std::size_t index,
                                       std::uint8_t *out) noexcept {
                const S &self = *static_cast<const S *>(user);
                const std::size_t genes = self.cardinalities().size();
                self.neighbour(genome_view(genome, genes), index, span<std::uint8_t>(out, genes));
            };
        }
        if constexpr (detail::has_sample<S>::value) {
            made.space_.sample = [](void *user, hotnas_random *random, std::uint8_t *genome) noexcept {
                const S &self = *static_cast<const S *>(user);
                random_numbers numbers(random);
                self.sample(numbers, span<std::uint8_t>(genome, self.cardinalities().size()));
            };
        }
        return made;
    }
    template <class S>
    static space of(const S &&) = delete;
    /// Designs whose cost, known before training, is more than `most` or not a number are infeasible.
    space &limit(real (*cost)(void *user, const std::uint8_t *genome), void *user, real most) noexcept {
        space_.cost = cost;
        space_.cost_user = user;
        space_.limit = most;
        return *this;
    }
    std::size_t genes() const noexcept { return space_.gene_count; }
    const hotnas_space *c() const noexcept { return &space_; }

  private:
    friend class joint;
    hotnas_space space_ = {};
};

/// A joint space of modules and cells: a view of its description, which must outlive it.
class joint {
  public:
    explicit joint(const hotnas_joint &description) noexcept : description_(&description) {}
    explicit joint(const hotnas_joint &&) = delete;
    /// Length of a genome; 0 if the description is not valid.
    std::size_t genes() const noexcept { return hotnas_joint_gene_count(description_); }
    /// The space; `cardinalities`, one for each gene, are written and must outlive it too.
    result<space> make_space(span<std::uint8_t> cardinalities) const noexcept {
        space made;
        const status outcome = hotnas_joint_make_space(description_, cardinalities.size(),
                                                       cardinalities.data(), &made.space_);
        return outcome == HOTNAS_STATUS_OK ? result<space>(made) : outcome;
    }
    /// How many genomes are numbered; 0 if they are too many.
    std::size_t genome_count() const noexcept { return hotnas_joint_genome_count(description_); }
    /// Writes a genome by its number.
    result<void> genome(std::size_t index, span<std::uint8_t> out) const noexcept {
        return hotnas_joint_genome(description_, index, out.size(), out.data());
    }
    /// The number of a genome.
    result<std::size_t> index(span<const std::uint8_t> genome) const noexcept {
        std::size_t number = 0;
        const status outcome =
            hotnas_joint_index(description_, genome.size(), genome.data(), &number);
        return outcome == HOTNAS_STATUS_OK ? result<std::size_t>(number) : outcome;
    }
    /// Writes a design as NUL-terminated text; HOTNAS_MAX_TEXT bytes are always enough.
    result<void> format(span<const std::uint8_t> genome, span<char> text) const noexcept {
        return hotnas_joint_format(description_, genome.size(), genome.data(), text.size(), text.data());
    }
    /// Reads a design from NUL-terminated text.
    result<void> parse(const char *text, span<std::uint8_t> genome) const noexcept {
        return hotnas_joint_parse(description_, text, genome.size(), genome.data());
    }

  private:
    const hotnas_joint *description_;
};

/// Settings of a search: the fields of hotnas_search_settings, made from a preset.
struct search_settings : hotnas_search_settings {
    search_settings() noexcept : hotnas_search_settings() { (void)hotnas_search_settings_default(this); }
    static search_settings compact() noexcept {
        search_settings s;
        (void)hotnas_search_settings_compact(&s);
        return s;
    }
    static search_settings poster() noexcept {
        search_settings s;
        (void)hotnas_search_settings_poster(&s);
        return s;
    }
    search_settings &with(hotnas::method m) noexcept {
        method = detail::code(m);
        return *this;
    }
    search_settings &with(hotnas::kernel k) noexcept {
        kernel = detail::code(k);
        return *this;
    }
    search_settings &with(hotnas::transform t) noexcept {
        transform = detail::code(t);
        return *this;
    }
    search_settings &with(hotnas::acquisition a) noexcept {
        acquisition = detail::code(a);
        return *this;
    }
    search_settings &with(hotnas::pending p) noexcept {
        pending = detail::code(p);
        return *this;
    }
    search_settings &with(hotnas::batch_rule b) noexcept {
        batch = detail::code(b);
        return *this;
    }
    /// `most` counts for a limit only.
    search_settings &with(hotnas::second_number s, real most = 0) noexcept {
        second = detail::code(s);
        second_limit = most;
        return *this;
    }
};

/// The best design so far.
struct best {
    std::uint32_t trial;
    real value;
};

/// Ask and tell, lower is better. Neither copied nor moved.
class search {
  public:
    search() noexcept = default;
    search(const search &) = delete;
    search &operator=(const search &) = delete;

    static std::size_t size(const search_settings &s, std::size_t capacity, std::size_t genes) noexcept {
        return hotnas_search_size(&s, capacity, genes);
    }
    static std::size_t workspace_size(const search_settings &s, std::size_t capacity, const space &sp,
                                      const metric &m) noexcept {
        return hotnas_search_workspace_size(&s, capacity, sp.c(), m.c());
    }
    result<void> init(const search_settings &s, std::size_t capacity, std::size_t genes, memory m) noexcept {
        return hotnas_search_init(&handle_, &s, capacity, genes, m.data(), m.size());
    }
    result<hotnas_proposal> ask(std::uint32_t trial, const space &sp, const metric &m, workspace &w,
                                span<std::uint8_t> genome, cache *known = nullptr) noexcept {
        if (genome.size() != sp.genes()) return HOTNAS_STATUS_GENOME_OUT_OF_RANGE;
        hotnas_proposal proposal = {};
        const status outcome =
            hotnas_search_ask(&handle_, trial, sp.c(), m.c(), known == nullptr ? nullptr : known->c(), w.c(),
                              &proposal, genome.data());
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_proposal>(proposal) : outcome;
    }
    /// Designs for trials `first`, `first + 1`, ... that are evaluated together, one after the other in
    /// `genomes`.
    result<void> ask_batch(std::uint32_t first, const space &sp, const metric &m, workspace &w,
                           span<std::uint8_t> genomes, cache *known = nullptr) noexcept {
        if (sp.genes() == 0 || genomes.size() % sp.genes() != 0) return HOTNAS_STATUS_GENOME_OUT_OF_RANGE;
        return hotnas_search_ask_batch(&handle_, first, genomes.size() / sp.genes(), sp.c(), m.c(),
                                       known == nullptr ? nullptr : known->c(), w.c(), genomes.data());
    }
    /// Logarithm of the marginal likelihood of the told values under a metric.
    result<real> evidence(const space &sp, const metric &m, workspace &w, cache *known = nullptr) noexcept {
        real found = 0;
        const status outcome = hotnas_search_evidence(
            &handle_, sp.c(), m.c(), known == nullptr ? nullptr : known->c(), w.c(), &found);
        return outcome == HOTNAS_STATUS_OK ? result<real>(found) : outcome;
    }
    result<void> tell(std::uint32_t trial, real value) noexcept {
        return hotnas_search_tell(&handle_, trial, value);
    }
    /// With the second number that the settings expect.
    result<void> tell(std::uint32_t trial, real value, real second) noexcept {
        return hotnas_search_tell_both(&handle_, trial, value, second);
    }
    result<void> fail(std::uint32_t trial) noexcept { return hotnas_search_fail(&handle_, trial); }
    result<void> tell_design(std::uint32_t trial, trial_state state, real value,
                             span<const std::uint8_t> genome, const space &sp, const metric &m,
                             workspace &w, real second = 0) noexcept {
        if (genome.size() != sp.genes()) return HOTNAS_STATUS_GENOME_OUT_OF_RANGE;
        return hotnas_search_tell_design(&handle_, trial, detail::code(state), value, second, genome.data(), sp.c(),
                                         m.c(), w.c());
    }
    result<hotnas_search_info> describe() const noexcept {
        hotnas_search_info info = {};
        const status outcome = hotnas_search_describe(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_search_info>(info) : outcome;
    }
    /// Trial number `index` in ascending order of their numbers. `genome`: empty, or as long as the space's.
    result<hotnas_trial> read_trial(std::size_t index, span<std::uint8_t> genome = {}) const noexcept {
        const auto info = describe();
        if (!info) return info.error();
        if (!detail::fits(genome, info->gene_count)) return HOTNAS_STATUS_GENOME_OUT_OF_RANGE;
        hotnas_trial found = {};
        const status outcome = hotnas_search_read_trial(&handle_, index, &found, genome.data());
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_trial>(found) : outcome;
    }
    /// The Gaussian process as the last ask left it.
    result<hotnas_gp_info> describe_gp() const noexcept {
        hotnas_gp_info info = {};
        const status outcome = hotnas_search_describe_gp(&handle_, &info);
        return outcome == HOTNAS_STATUS_OK ? result<hotnas_gp_info>(info) : outcome;
    }
    /// The numbers of the told trials that no other one dominates; returns how many there are.
    result<std::size_t> front(span<std::uint32_t> trials) const noexcept {
        std::size_t count = 0;
        const status outcome = hotnas_search_front(&handle_, trials.size(), trials.data(), &count);
        return outcome == HOTNAS_STATUS_OK ? result<std::size_t>(count) : outcome;
    }
    /// Forgets all trials.
    result<void> clear() noexcept { return hotnas_search_clear(&handle_); }
    /// `genome`: empty, or as long as the space's.
    result<hotnas::best> best(span<std::uint8_t> genome = {}) const noexcept {
        const auto info = describe();
        if (!info) return info.error();
        if (!detail::fits(genome, info->gene_count)) return HOTNAS_STATUS_GENOME_OUT_OF_RANGE;
        hotnas::best found = {};
        const status outcome = hotnas_search_best(&handle_, &found.trial, &found.value, genome.data());
        return outcome == HOTNAS_STATUS_OK ? result<hotnas::best>(found) : outcome;
    }
    static std::size_t saved_size(const search_settings &s, std::size_t trials, std::size_t genes) noexcept {
        return hotnas_search_saved_size(&s, trials, genes);
    }
    /// The number of bytes that were written.
    result<std::size_t> save(const space &sp, const metric &m, span<std::uint8_t> bytes) const noexcept {
        std::size_t written = 0;
        const status outcome =
            hotnas_search_save(&handle_, sp.c(), m.c(), bytes.size(), bytes.data(), &written);
        return outcome == HOTNAS_STATUS_OK ? result<std::size_t>(written) : outcome;
    }
    /// Settings, space and metric must be those of the saved search.
    result<void> restore(span<const std::uint8_t> bytes, const space &sp, const metric &m,
                         workspace &w) noexcept {
        return hotnas_search_restore(&handle_, bytes.size(), bytes.data(), sp.c(), m.c(), w.c());
    }

  private:
    hotnas_search handle_ = {};
};

} // namespace f64 or f32
} // namespace hotnas

#endif // HOTNAS_HPP
