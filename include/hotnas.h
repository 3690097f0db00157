/*
 * hotnas.h - compare neural networks by hierarchical optimal transport and choose the next one to try
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from ffi/src by `cargo xtask header`: change it there.
 *
 * Which level do you need? Read until yours and stop.
 *
 *   1. You have cost matrices.           "Transport" alone: exact, Sinkhorn, fused Gromov-Wasserstein.
 *   2. You want to compare networks.     "Operation tables", "Cells", "Networks", "Metric".
 *   3. You have distances and values.    "Gaussian process" alone.
 *   4. You want to know what to train.   "Spaces" and "Search": ask, train, tell.
 *
 * Conventions, each held by a test:
 *
 *  - Names are hotnas_<thing>_<verb>. The object comes first, outputs come last.
 *  - Every function that can fail returns hotnas_status; 0 is success. On failure no output is
 *    written, not even partly; memory that is lent to an ..._init is overwritten all the same.
 *    Statuses are values, not bits; compare with HOTNAS_STATUS_OK.
 *  - The library allocates nothing, stores nothing globally, takes no locks and prints nothing. What
 *    it needs, the caller lends (section "Lent memory and the workspace").
 *  - const means read-only. Pointers are checked for NULL and alignment. Where NULL has a meaning
 *    ("not given", "not wanted") the function says so; for zero elements NULL is always allowed.
 *  - Counts and sizes are size_t. One for which no memory is large enough is refused, mostly with
 *    SIZE_OVERFLOW, which functions do not list for that.
 *  - Enumerations are passed as int32_t and checked.
 *  - Matrices are row-major and dense: element (i, j) of an n x m matrix is at [i * m + j].
 *  - Strings are static, UTF-8, NUL-terminated, never to be freed.
 *  - Results have the same bits on every machine, in either precision: no value depends on the
 *    instruction set, the compiler of the program or the number of threads.
 *  - hotnas_real is double. Define HOTNAS_F32 before including this header to use the library of the
 *    other precision (libhotnas_f32), where it is float. Exported symbols end in _f64 or _f32, so a
 *    program compiled for the wrong one does not link, and both libraries can serve one program: each
 *    refuses the handles of the other.
 *  - Handles (hotnas_cell, hotnas_network ...) are small structs of fixed size with private words. A
 *    handle that was never initialised is recognised as long as its first word does not happen to
 *    hold the mark of an initialised one: set handles to zero.
 *
 * Undefined behaviour, the complete list: a pointer that is not valid for as many elements as the
 * function says; outputs or lent memory that overlap other arguments; changing or freeing memory
 * while a handle over it is in use; one workspace, or one object that is not const, used by two
 * threads at the same time, or by a callback of the call that uses it; writing into the private words
 * of a handle; a callback that does not return (longjmp, exceptions).
 */
#ifndef HOTNAS_H
#define HOTNAS_H

#include <stddef.h>
#include <stdint.h>

#ifdef HOTNAS_F32
typedef float hotnas_real;
#define HOTNAS_SYMBOL(name) name##_f32
#else
typedef double hotnas_real;
#define HOTNAS_SYMBOL(name) name##_f64
#endif

/* The names of the exported symbols. */
#define hotnas_status_message HOTNAS_SYMBOL(hotnas_status_message)
#define hotnas_version_number HOTNAS_SYMBOL(hotnas_version_number)
#define hotnas_version_string HOTNAS_SYMBOL(hotnas_version_string)
#define hotnas_abi_version HOTNAS_SYMBOL(hotnas_abi_version)
#define hotnas_capabilities HOTNAS_SYMBOL(hotnas_capabilities)
#define hotnas_struct_size HOTNAS_SYMBOL(hotnas_struct_size)
#define hotnas_workspace_init HOTNAS_SYMBOL(hotnas_workspace_init)
#define hotnas_transport_exact_workspace_size HOTNAS_SYMBOL(hotnas_transport_exact_workspace_size)
#define hotnas_transport_solve_exact HOTNAS_SYMBOL(hotnas_transport_solve_exact)
#define hotnas_transport_solve_warm HOTNAS_SYMBOL(hotnas_transport_solve_warm)
#define hotnas_transport_sinkhorn_workspace_size HOTNAS_SYMBOL(hotnas_transport_sinkhorn_workspace_size)
#define hotnas_transport_solve_sinkhorn HOTNAS_SYMBOL(hotnas_transport_solve_sinkhorn)
#define hotnas_prover_get HOTNAS_SYMBOL(hotnas_prover_get)
#define hotnas_transport_gromov_workspace_size HOTNAS_SYMBOL(hotnas_transport_gromov_workspace_size)
#define hotnas_transport_solve_gromov HOTNAS_SYMBOL(hotnas_transport_solve_gromov)
#define hotnas_entropic_settings_default HOTNAS_SYMBOL(hotnas_entropic_settings_default)
#define hotnas_transport_entropic_gromov_workspace_size HOTNAS_SYMBOL(hotnas_transport_entropic_gromov_workspace_size)
#define hotnas_transport_solve_entropic_gromov HOTNAS_SYMBOL(hotnas_transport_solve_entropic_gromov)
#define hotnas_operations_init HOTNAS_SYMBOL(hotnas_operations_init)
#define hotnas_operations_init_poster HOTNAS_SYMBOL(hotnas_operations_init_poster)
#define hotnas_operations_describe HOTNAS_SYMBOL(hotnas_operations_describe)
#define hotnas_cell_size HOTNAS_SYMBOL(hotnas_cell_size)
#define hotnas_cell_workspace_size HOTNAS_SYMBOL(hotnas_cell_workspace_size)
#define hotnas_cell_init HOTNAS_SYMBOL(hotnas_cell_init)
#define hotnas_cell_open HOTNAS_SYMBOL(hotnas_cell_open)
#define hotnas_cell_describe HOTNAS_SYMBOL(hotnas_cell_describe)
#define hotnas_cell_read_order HOTNAS_SYMBOL(hotnas_cell_read_order)
#define hotnas_cell_read_features HOTNAS_SYMBOL(hotnas_cell_read_features)
#define hotnas_cell_compare HOTNAS_SYMBOL(hotnas_cell_compare)
#define hotnas_network_size HOTNAS_SYMBOL(hotnas_network_size)
#define hotnas_network_init HOTNAS_SYMBOL(hotnas_network_init)
#define hotnas_network_describe HOTNAS_SYMBOL(hotnas_network_describe)
#define hotnas_network_compare HOTNAS_SYMBOL(hotnas_network_compare)
#define hotnas_metric_settings_default HOTNAS_SYMBOL(hotnas_metric_settings_default)
#define hotnas_metric_settings_poster HOTNAS_SYMBOL(hotnas_metric_settings_poster)
#define hotnas_metric_init HOTNAS_SYMBOL(hotnas_metric_init)
#define hotnas_metric_init_layers HOTNAS_SYMBOL(hotnas_metric_init_layers)
#define hotnas_cache_size HOTNAS_SYMBOL(hotnas_cache_size)
#define hotnas_cache_init HOTNAS_SYMBOL(hotnas_cache_init)
#define hotnas_cache_describe HOTNAS_SYMBOL(hotnas_cache_describe)
#define hotnas_metric_cell_workspace_size HOTNAS_SYMBOL(hotnas_metric_cell_workspace_size)
#define hotnas_metric_cell_distance HOTNAS_SYMBOL(hotnas_metric_cell_distance)
#define hotnas_metric_cell_distances HOTNAS_SYMBOL(hotnas_metric_cell_distances)
#define hotnas_metric_cell_matrix HOTNAS_SYMBOL(hotnas_metric_cell_matrix)
#define hotnas_metric_network_workspace_size HOTNAS_SYMBOL(hotnas_metric_network_workspace_size)
#define hotnas_metric_network_distance HOTNAS_SYMBOL(hotnas_metric_network_distance)
#define hotnas_metric_part_count HOTNAS_SYMBOL(hotnas_metric_part_count)
#define hotnas_metric_network_parts HOTNAS_SYMBOL(hotnas_metric_network_parts)
#define hotnas_metric_network_distances HOTNAS_SYMBOL(hotnas_metric_network_distances)
#define hotnas_metric_network_matrix HOTNAS_SYMBOL(hotnas_metric_network_matrix)
#define hotnas_metric_nearest_cells_workspace_size HOTNAS_SYMBOL(hotnas_metric_nearest_cells_workspace_size)
#define hotnas_metric_nearest_networks_workspace_size HOTNAS_SYMBOL(hotnas_metric_nearest_networks_workspace_size)
#define hotnas_metric_nearest_cells HOTNAS_SYMBOL(hotnas_metric_nearest_cells)
#define hotnas_metric_nearest_networks HOTNAS_SYMBOL(hotnas_metric_nearest_networks)
#define hotnas_metric_compare_cell_distance HOTNAS_SYMBOL(hotnas_metric_compare_cell_distance)
#define hotnas_metric_compare_network_distance HOTNAS_SYMBOL(hotnas_metric_compare_network_distance)
#define hotnas_gp_size HOTNAS_SYMBOL(hotnas_gp_size)
#define hotnas_gp_size_of_parts HOTNAS_SYMBOL(hotnas_gp_size_of_parts)
#define hotnas_gp_workspace_size HOTNAS_SYMBOL(hotnas_gp_workspace_size)
#define hotnas_gp_init HOTNAS_SYMBOL(hotnas_gp_init)
#define hotnas_gp_init_of_parts HOTNAS_SYMBOL(hotnas_gp_init_of_parts)
#define hotnas_gp_describe HOTNAS_SYMBOL(hotnas_gp_describe)
#define hotnas_gp_append HOTNAS_SYMBOL(hotnas_gp_append)
#define hotnas_gp_truncate HOTNAS_SYMBOL(hotnas_gp_truncate)
#define hotnas_gp_set_values HOTNAS_SYMBOL(hotnas_gp_set_values)
#define hotnas_gp_set_hyperparameters HOTNAS_SYMBOL(hotnas_gp_set_hyperparameters)
#define hotnas_gp_set_kernel HOTNAS_SYMBOL(hotnas_gp_set_kernel)
#define hotnas_gp_set_ratios HOTNAS_SYMBOL(hotnas_gp_set_ratios)
#define hotnas_fit_settings_default HOTNAS_SYMBOL(hotnas_fit_settings_default)
#define hotnas_gp_fit HOTNAS_SYMBOL(hotnas_gp_fit)
#define hotnas_gp_posterior HOTNAS_SYMBOL(hotnas_gp_posterior)
#define hotnas_gp_joint_workspace_size HOTNAS_SYMBOL(hotnas_gp_joint_workspace_size)
#define hotnas_gp_joint_posterior HOTNAS_SYMBOL(hotnas_gp_joint_posterior)
#define hotnas_gp_leave_one_out HOTNAS_SYMBOL(hotnas_gp_leave_one_out)
#define hotnas_gp_clipped_workspace_size HOTNAS_SYMBOL(hotnas_gp_clipped_workspace_size)
#define hotnas_gp_clipped_posterior HOTNAS_SYMBOL(hotnas_gp_clipped_posterior)
#define hotnas_gp_calibration HOTNAS_SYMBOL(hotnas_gp_calibration)
#define hotnas_predictions_calibration HOTNAS_SYMBOL(hotnas_predictions_calibration)
#define hotnas_values_transform HOTNAS_SYMBOL(hotnas_values_transform)
#define hotnas_network_builder_add_cell HOTNAS_SYMBOL(hotnas_network_builder_add_cell)
#define hotnas_network_builder_push HOTNAS_SYMBOL(hotnas_network_builder_push)
#define hotnas_network_builder_set_positions HOTNAS_SYMBOL(hotnas_network_builder_set_positions)
#define hotnas_network_builder_set_masses HOTNAS_SYMBOL(hotnas_network_builder_set_masses)
#define hotnas_random_below HOTNAS_SYMBOL(hotnas_random_below)
#define hotnas_space_init HOTNAS_SYMBOL(hotnas_space_init)
#define hotnas_space_init_darts HOTNAS_SYMBOL(hotnas_space_init_darts)
#define hotnas_space_design_count HOTNAS_SYMBOL(hotnas_space_design_count)
#define hotnas_space_genome HOTNAS_SYMBOL(hotnas_space_genome)
#define hotnas_space_index HOTNAS_SYMBOL(hotnas_space_index)
#define hotnas_space_format HOTNAS_SYMBOL(hotnas_space_format)
#define hotnas_space_parse HOTNAS_SYMBOL(hotnas_space_parse)
#define hotnas_joint_gene_count HOTNAS_SYMBOL(hotnas_joint_gene_count)
#define hotnas_joint_make_space HOTNAS_SYMBOL(hotnas_joint_make_space)
#define hotnas_joint_genome_count HOTNAS_SYMBOL(hotnas_joint_genome_count)
#define hotnas_joint_genome HOTNAS_SYMBOL(hotnas_joint_genome)
#define hotnas_joint_index HOTNAS_SYMBOL(hotnas_joint_index)
#define hotnas_joint_format HOTNAS_SYMBOL(hotnas_joint_format)
#define hotnas_joint_parse HOTNAS_SYMBOL(hotnas_joint_parse)
#define hotnas_search_settings_default HOTNAS_SYMBOL(hotnas_search_settings_default)
#define hotnas_search_settings_poster HOTNAS_SYMBOL(hotnas_search_settings_poster)
#define hotnas_search_settings_compact HOTNAS_SYMBOL(hotnas_search_settings_compact)
#define hotnas_search_size HOTNAS_SYMBOL(hotnas_search_size)
#define hotnas_search_workspace_size HOTNAS_SYMBOL(hotnas_search_workspace_size)
#define hotnas_search_init HOTNAS_SYMBOL(hotnas_search_init)
#define hotnas_search_describe HOTNAS_SYMBOL(hotnas_search_describe)
#define hotnas_search_describe_gp HOTNAS_SYMBOL(hotnas_search_describe_gp)
#define hotnas_search_clear HOTNAS_SYMBOL(hotnas_search_clear)
#define hotnas_search_ask HOTNAS_SYMBOL(hotnas_search_ask)
#define hotnas_search_ask_batch HOTNAS_SYMBOL(hotnas_search_ask_batch)
#define hotnas_search_evidence HOTNAS_SYMBOL(hotnas_search_evidence)
#define hotnas_search_tell HOTNAS_SYMBOL(hotnas_search_tell)
#define hotnas_search_tell_both HOTNAS_SYMBOL(hotnas_search_tell_both)
#define hotnas_search_fail HOTNAS_SYMBOL(hotnas_search_fail)
#define hotnas_search_tell_design HOTNAS_SYMBOL(hotnas_search_tell_design)
#define hotnas_search_best HOTNAS_SYMBOL(hotnas_search_best)
#define hotnas_search_front HOTNAS_SYMBOL(hotnas_search_front)
#define hotnas_search_read_trial HOTNAS_SYMBOL(hotnas_search_read_trial)
#define hotnas_search_saved_size HOTNAS_SYMBOL(hotnas_search_saved_size)
#define hotnas_search_save HOTNAS_SYMBOL(hotnas_search_save)
#define hotnas_search_restore HOTNAS_SYMBOL(hotnas_search_restore)

/* X(name) for each struct, see hotnas_struct_size. */
#define HOTNAS_STRUCTS(X) \
    X(hotnas_workspace) \
    X(hotnas_transport_problem) \
    X(hotnas_transport_report) \
    X(hotnas_sinkhorn_settings) \
    X(hotnas_sinkhorn_report) \
    X(hotnas_gromov_problem) \
    X(hotnas_gromov_settings) \
    X(hotnas_solution) \
    X(hotnas_entropic_settings) \
    X(hotnas_entropic_report) \
    X(hotnas_operations) \
    X(hotnas_operations_spec) \
    X(hotnas_operations_info) \
    X(hotnas_cell) \
    X(hotnas_edge) \
    X(hotnas_cell_spec) \
    X(hotnas_cell_info) \
    X(hotnas_network) \
    X(hotnas_network_info) \
    X(hotnas_metric_settings) \
    X(hotnas_metric) \
    X(hotnas_layers) \
    X(hotnas_cache) \
    X(hotnas_cache_info) \
    X(hotnas_network_solution) \
    X(hotnas_neighbour) \
    X(hotnas_nearest_report) \
    X(hotnas_comparison) \
    X(hotnas_gp) \
    X(hotnas_hyperparameters) \
    X(hotnas_gp_info) \
    X(hotnas_fit_settings) \
    X(hotnas_fit_report) \
    X(hotnas_clipping) \
    X(hotnas_calibration) \
    X(hotnas_network_builder) \
    X(hotnas_random) \
    X(hotnas_space) \
    X(hotnas_module_kind) \
    X(hotnas_joint) \
    X(hotnas_search_settings) \
    X(hotnas_search) \
    X(hotnas_search_info) \
    X(hotnas_proposal) \
    X(hotnas_trial)

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------
 * ## Status codes
 *
 * Every function that can fail returns a `hotnas_status`. 0 is success; each other code names one
 * cause. After a failure no output has been written, not even partly (lent memory that was passed
 * to the call may have been used as scratch).
 * ---------------------------------------------------------------------------------------- */

/** Why a call was refused or could not finish; 0 is success. */
enum hotnas_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Success. */
    HOTNAS_STATUS_OK = 0,
    /** A pointer that must not be NULL is NULL. */
    HOTNAS_STATUS_NULL = 1,
    /** A pointer is not aligned for its type; lent memory must be aligned as for `uint64_t`. */
    HOTNAS_STATUS_MISALIGNED = 2,
    /** Lent memory is smaller than the size function says. */
    HOTNAS_STATUS_MEMORY_TOO_SMALL = 3,
    /** A count or a size overflows. */
    HOTNAS_STATUS_SIZE_OVERFLOW = 4,
    /** Counts that belong together differ, or an output array is too short. */
    HOTNAS_STATUS_DIMENSION_MISMATCH = 5,
    /** A number that must be finite is NaN or infinite. */
    HOTNAS_STATUS_NOT_FINITE = 6,
    /** A setting lies outside its documented range. */
    HOTNAS_STATUS_INVALID_SETTING = 7,
    /** The capacity given at creation is used up. */
    HOTNAS_STATUS_CAPACITY_EXCEEDED = 8,
    /** A dissimilarity, weight or attribute is larger than 1e6. */
    HOTNAS_STATUS_TOO_LARGE = 9,
    /** A plan was asked for, but the distance has none. */
    HOTNAS_STATUS_NO_PLAN = 10,
    /** An integer that stands for an enumeration is none of its values. */
    HOTNAS_STATUS_INVALID_ENUM = 11,
    /**
     * The handle was not initialised, was initialised as something else, or is a copy of a handle
     * that must not be copied.
     */
    HOTNAS_STATUS_NOT_INITIALISED = 12,
    /** A cell needs at least one node. */
    HOTNAS_STATUS_EMPTY_CELL = 20,
    /** A cell has at most HOTNAS_MAX_NODES nodes. */
    HOTNAS_STATUS_TOO_MANY_NODES = 21,
    /** An operation is not in the operation table. */
    HOTNAS_STATUS_UNKNOWN_OPERATION = 22,
    /** An edge names a node that does not exist. */
    HOTNAS_STATUS_NODE_OUT_OF_RANGE = 23,
    /** An edge leads from a node to itself. */
    HOTNAS_STATUS_SELF_LOOP = 24,
    /** An edge is given twice. */
    HOTNAS_STATUS_DUPLICATE_EDGE = 25,
    /** The edges contain a cycle. */
    HOTNAS_STATUS_CYCLE = 26,
    /** A mass is negative. */
    HOTNAS_STATUS_NEGATIVE_MASS = 27,
    /** A mass is NaN or infinite. */
    HOTNAS_STATUS_MASS_NOT_FINITE = 28,
    /** Masses do not sum to 1. */
    HOTNAS_STATUS_MASS_SUM = 29,
    /** A node attribute is NaN or infinite. */
    HOTNAS_STATUS_ATTRIBUTE_NOT_FINITE = 30,
    /** The objects were made with different operation tables. */
    HOTNAS_STATUS_TABLE_MISMATCH = 31,
    /** A network needs at least one cell. */
    HOTNAS_STATUS_EMPTY_NETWORK = 40,
    /** A network has at most HOTNAS_MAX_CELLS cells. */
    HOTNAS_STATUS_TOO_MANY_CELLS = 41,
    /** Positions must lie in (0, 1] and not decrease. */
    HOTNAS_STATUS_INVALID_POSITION = 42,
    /** An operation table has 1 to HOTNAS_MAX_OPERATIONS operations. */
    HOTNAS_STATUS_OPERATION_COUNT = 50,
    /** A matrix that must be symmetric is not. */
    HOTNAS_STATUS_NOT_SYMMETRIC = 51,
    /** The dissimilarity of an operation to itself must be 0. */
    HOTNAS_STATUS_NON_ZERO_DIAGONAL = 52,
    /** A cost is negative. */
    HOTNAS_STATUS_NEGATIVE_COST = 53,
    /** An operation table has 1 to HOTNAS_MAX_GROUPS groups, and each mask names only those. */
    HOTNAS_STATUS_GROUP_COUNT = 54,
    /** A node has at most HOTNAS_MAX_ATTRIBUTES numeric attributes. */
    HOTNAS_STATUS_ATTRIBUTE_COUNT = 55,
    /** The distance is one of layers, and nothing says what layers the operations are. */
    HOTNAS_STATUS_LAYERS_MISSING = 56,
    /** The iteration limit was reached before the tolerance. */
    HOTNAS_STATUS_NOT_CONVERGED = 60,
    /** The matrix is not positive definite even with the largest jitter. */
    HOTNAS_STATUS_NOT_POSITIVE_DEFINITE = 61,
    /** A genome does not fit the space. */
    HOTNAS_STATUS_GENOME_OUT_OF_RANGE = 70,
    /** The genome does not stand for a network. */
    HOTNAS_STATUS_INFEASIBLE = 71,
    /** No such trial. */
    HOTNAS_STATUS_UNKNOWN_TRIAL = 72,
    /** The trial already has a result. */
    HOTNAS_STATUS_TRIAL_CLOSED = 73,
    /** The trial number is already in use. */
    HOTNAS_STATUS_TRIAL_EXISTS = 74,
    /** No untried design was found. */
    HOTNAS_STATUS_SPACE_EXHAUSTED = 75,
    /** There is no observation yet. */
    HOTNAS_STATUS_NO_OBSERVATION = 76,
    /** The bytes are not a saved state. */
    HOTNAS_STATUS_NOT_A_SAVED_STATE = 80,
    /** The saved state has another format version. */
    HOTNAS_STATUS_SAVED_VERSION = 81,
    /** The saved state is damaged. */
    HOTNAS_STATUS_SAVED_CHECKSUM = 82,
    /** The saved state has the other precision. */
    HOTNAS_STATUS_SAVED_PRECISION = 83,
    /** The saved state belongs to other settings, another space or another metric. */
    HOTNAS_STATUS_SAVED_SETTINGS = 84,
    /** A cause that this version of the interface has no code for. */
    HOTNAS_STATUS_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_status hotnas_status;
#else
typedef int32_t hotnas_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * One sentence in English for a person: static, UTF-8, never NULL, never to be freed.
 * A number that is no status gives "unknown status".
 *
 * Thread safety: any thread at any time.
 */
const char *hotnas_status_message(int32_t status);

/* ------------------------------------------------------------------------------------------
 * ## Version
 *
 * Compare the macros (the header that was compiled) with the functions (the library that was
 * linked) at start-up: `hotnas_abi_version() == HOTNAS_ABI_VERSION`. A program compiled for the
 * other precision does not link at all.
 * ---------------------------------------------------------------------------------------- */

/** Major version of the header. */
#define HOTNAS_VERSION_MAJOR 0

/** Minor version of the header. */
#define HOTNAS_VERSION_MINOR 1

/** Patch version of the header. */
#define HOTNAS_VERSION_PATCH 0

/** 10000 * major + 100 * minor + patch of the header. */
#define HOTNAS_VERSION_NUMBER 100

/**
 * Number of the binary interface that the header describes: it grows when a compiled program would
 * have to be compiled again.
 */
#define HOTNAS_ABI_VERSION 1

/** Capability: `hotnas_real` is double in this library. */
#define HOTNAS_CAPABILITY_DOUBLE 1

/** Capability: `hotnas_real` is float in this library. */
#define HOTNAS_CAPABILITY_FLOAT 2

/**
 * Capability: kernels of the Gaussian process use the coarser exponential of the crate micromath (float only),
 * so that results differ from those of other libraries.
 */
#define HOTNAS_CAPABILITY_MICROMATH 4

/**
 * 10000 * major + 100 * minor + patch of the library.
 *
 * Thread safety: any thread at any time.
 */
uint32_t hotnas_version_number(void);

/**
 * The version of the library as text, "major.minor.patch": static, never to be freed.
 *
 * Thread safety: any thread at any time.
 */
const char *hotnas_version_string(void);

/**
 * The binary interface that the library offers; a program needs it equal to HOTNAS_ABI_VERSION.
 *
 * Thread safety: any thread at any time.
 */
uint32_t hotnas_abi_version(void);

/**
 * The bits HOTNAS_CAPABILITY_... of the library; other bits are 0.
 *
 * Thread safety: any thread at any time.
 */
uint64_t hotnas_capabilities(void);

/**
 * The size in the library of the struct with this name, 0 if there is none or `name` is NULL: for
 * bindings, and for programs that check at start-up that header and library fit. The macro
 * HOTNAS_STRUCTS lists all structs.
 *
 * ```c
 * #define X(name) \
 *     if (hotnas_struct_size(#name) != sizeof(name)) return 1;
 * HOTNAS_STRUCTS(X)
 * #undef X
 * ```
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_struct_size(const char *name);

/* ------------------------------------------------------------------------------------------
 * ## Lent memory and the workspace
 *
 * The library allocates nothing. Two kinds of memory are lent to it:
 *
 * - **storage** of an object that lives on (a cell, a network, a Gaussian process, a search), passed
 *   to its `..._init` function, which says how much by `..._size`. It must stay in place, untouched
 *   by the caller, for as long as the handle is used. There is nothing to free: forget the handle and
 *   reuse the memory.
 * - **scratch** for one call: a `hotnas_workspace`. What is in it means nothing between calls, so one
 *   serves all objects and functions. Give it the largest of the `..._workspace_size` numbers that
 *   you need. One workspace per thread.
 *
 * Lent memory is aligned as for `uint64_t` (memory of `malloc` is; so is an array of `uint64_t`).
 * A size function that would overflow returns SIZE_MAX, which no memory can satisfy.
 *
 * ```c
 * size_t size = hotnas_transport_exact_workspace_size(10, 12);
 * hotnas_workspace workspace;
 * void *memory = malloc(size);
 * if (memory == NULL) return 1;
 * if (hotnas_workspace_init(&workspace, memory, size) != HOTNAS_STATUS_OK) return 1;
 * // ... any number of transport problems of up to 10 x 12 ...
 * free(memory);
 * ```
 * ---------------------------------------------------------------------------------------- */

/**
 * Scratch memory of one thread. A small handle over memory that the caller lends; copies of it
 * share that memory.
 */
typedef struct hotnas_workspace {
    uint64_t _private[4];
} hotnas_workspace;

/**
 * Makes a workspace over `size` bytes at `memory`, which it zeroes once.
 *
 * The memory must outlive the workspace. `size` may be 0 for functions whose workspace size is 0,
 * but `memory` must not be NULL.
 *
 * Errors: NULL, MISALIGNED, SIZE_OVERFLOW.
 * Thread safety: one workspace serves one thread at a time.
 */
hotnas_status hotnas_workspace_init(hotnas_workspace *workspace, void *memory, size_t size);

/* ------------------------------------------------------------------------------------------
 * ## Transport
 *
 * Optimal transport on your own cost matrices; no cell or network is needed. A plan between n points
 * with masses p and m points with masses q is an n x m matrix of numbers >= 0 whose rows sum to p and
 * whose columns sum to q.
 *
 * ```c
 * static const hotnas_real cost[4] = {0, 2, 3, 0};
 * static uint64_t scratch[256];
 * hotnas_workspace workspace;
 * hotnas_transport_problem problem = {0};
 * hotnas_transport_report report;
 * hotnas_real plan[4];
 * problem.rows = 2;
 * problem.columns = 2;
 * problem.cost = cost;
 * if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_transport_solve_exact(&problem, &workspace, &report, plan, NULL, NULL) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (report.cost != 0 || plan[0] != (hotnas_real)0.5 || plan[1] != 0) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Default number of iterations. */
#define HOTNAS_DEFAULT_SINKHORN_ITERATIONS 10000

/** A linear transport problem. Set it to zero, then set what you have. */
typedef struct hotnas_transport_problem {
    /** Number of points on the left, n >= 1. */
    size_t rows;
    /** Number of points on the right, m >= 1. */
    size_t columns;
    /** n x m costs of either sign, finite. */
    const hotnas_real *cost;
    /** n masses, finite, at least 0, sum 1 up to 1e-9 (double) or 1e-5 (float). NULL: 1/n each. */
    const hotnas_real *row_masses;
    /** m masses; NULL: 1/m each. */
    const hotnas_real *column_masses;
} hotnas_transport_problem;

/** What the exact solver found besides the plan. */
typedef struct hotnas_transport_report {
    /** The least transport cost. */
    hotnas_real cost;
    /** Sum of absolute differences between the plan's marginals and the masses: rounding only. */
    hotnas_real marginal_residual;
    /** Number of augmenting paths; exchanges of the simplex method if it is no assignment problem. */
    uint32_t iterations;
} hotnas_transport_report;

/** Settings of `hotnas_transport_solve_sinkhorn`. */
typedef struct hotnas_sinkhorn_settings {
    /**
     * Weight of the entropy in units of cost: from 1e-6 (float: 1e-4) of the largest absolute cost
     * up to 1e305 (float: 1e35). The smaller, the closer to exact transport and the more iterations.
     */
    hotnas_real regularisation;
    /** Largest allowed sum of absolute differences between marginals and masses, > 0. */
    hotnas_real tolerance;
    /** Maximum number of iterations. */
    uint32_t iterations;
} hotnas_sinkhorn_settings;

/** What Sinkhorn's algorithm found besides the plan. */
typedef struct hotnas_sinkhorn_report {
    /** Sum of plan times cost. */
    hotnas_real transport_cost;
    /** Transport cost plus regularisation times the sum of plan times its logarithm. */
    hotnas_real entropic_value;
    /** Sum of absolute differences between the plan's marginals and the masses. */
    hotnas_real marginal_residual;
    /** Iterations used. */
    uint32_t iterations;
} hotnas_sinkhorn_report;

/** Default regularisation. */
#define HOTNAS_DEFAULT_SINKHORN_REGULARISATION ((hotnas_real)0.05)

/**
 * Bytes of workspace of `hotnas_transport_solve_exact` and `hotnas_transport_solve_warm`; SIZE_MAX if that
 * overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_transport_exact_workspace_size(size_t rows,
                                             size_t columns);

/**
 * Solves a transport problem exactly.
 *
 * `plan`: rows x columns, or NULL. `row_duals` (rows) and `column_duals` (columns): both or neither
 * NULL; potentials u, v with u_i + v_j <= cost_ij up to rounding, equal where the plan is positive,
 * so that the sum of p_i u_i and q_j v_j, which equals the cost, proves it least. Of several
 * optimal plans the same one is always returned for the same input.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, DIMENSION_MISMATCH (no rows or columns),
 * NOT_FINITE (costs that are not finite, or so large that sums of them are not), MASS_NOT_FINITE,
 * NEGATIVE_MASS, MASS_SUM, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_transport_solve_exact(const hotnas_transport_problem *problem,
                                           hotnas_workspace *workspace,
                                           hotnas_transport_report *report,
                                           hotnas_real *plan,
                                           hotnas_real *row_duals,
                                           hotnas_real *column_duals);

/**
 * As `hotnas_transport_solve_exact`, starting from the column potentials in `column_duals`.
 *
 * `row_duals` (rows) and `column_duals` (columns), neither NULL, receive potentials of this problem. Any finite
 * numbers will do as a start; those of a similar problem are close to the answer. Which of several optimal plans
 * is returned depends on them. They are used only for assignment problems: as many rows as columns, equal masses.
 *
 * Errors: those of `hotnas_transport_solve_exact`, NOT_FINITE also for `column_duals` that are not finite.
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_transport_solve_warm(const hotnas_transport_problem *problem,
                                          hotnas_workspace *workspace,
                                          hotnas_transport_report *report,
                                          hotnas_real *plan,
                                          hotnas_real *row_duals,
                                          hotnas_real *column_duals);

/**
 * Bytes of workspace of `hotnas_transport_solve_sinkhorn`; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_transport_sinkhorn_workspace_size(size_t rows, size_t columns);

/**
 * Solves an entropic transport problem by Sinkhorn's algorithm in the log domain.
 *
 * `plan`: rows x columns, or NULL. The answer fulfils the tolerance, or there is none.
 *
 * Errors: those of `hotnas_transport_solve_exact`, INVALID_SETTING, NOT_CONVERGED.
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_transport_solve_sinkhorn(const hotnas_transport_problem *problem,
                                              const hotnas_sinkhorn_settings *settings,
                                              hotnas_workspace *workspace,
                                              hotnas_sinkhorn_report *report,
                                              hotnas_real *plan);

/* ------------------------------------------------------------------------------------------
 * ## Fused Gromov-Wasserstein
 *
 * A transport plan that matches two sides by the cost between them and by the costs within each of
 * them, on your own matrices. The distance between cells is this with a cell's operations and path
 * lengths as costs.
 *
 * ```c
 * // Two chains of two points; the cost between the sides says which point is which.
 * static const hotnas_real cost[4] = {0, 1, 1, 0}, within[4] = {0, 1, -1, 0};
 * static uint64_t scratch[512];
 * hotnas_workspace workspace;
 * hotnas_gromov_problem problem = {0};
 * hotnas_entropic_settings settings;
 * hotnas_entropic_report report;
 * hotnas_real plan[4];
 * problem.rows = problem.columns = 2;
 * problem.cost = cost;
 * problem.row_costs = problem.column_costs = within;
 * if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_entropic_settings_default((hotnas_real)0.02, &settings) != HOTNAS_STATUS_OK ||
 *     hotnas_transport_solve_entropic_gromov(&problem, &settings, &workspace, &report, plan) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (report.converged != 1 || report.value > (hotnas_real)0.01 || plan[0] < (hotnas_real)0.49) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Which pairs of pairs a Gromov-Wasserstein cost counts. */
enum hotnas_pairing
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Pairs i < k and j < l in order (the paper's form). */
    HOTNAS_PAIRING_ORDERED = 0,
    /** All pairs, times 1/2: the usual fused Gromov-Wasserstein form with the absolute difference. */
    HOTNAS_PAIRING_FULL = 1,
    /** As FULL with costs that carry the direction of information flow (not in the paper). */
    HOTNAS_PAIRING_FLOW = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_pairing hotnas_pairing;
#else
typedef int32_t hotnas_pairing;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** How hard the global minimum of a problem that is not convex is looked for. */
enum hotnas_effort
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Two starting points. */
    HOTNAS_EFFORT_FAST = 0,
    /** Many starting points. */
    HOTNAS_EFFORT_THOROUGH = 1,
    /**
     * As THOROUGH, then a branch and bound that proves the value minimal or finds a better one, until its
     * nodes are used up. Its workspace grows with (rows * columns)^2. Settings with this
     * effort name a `hotnas_prover`.
     */
    HOTNAS_EFFORT_EXACT = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_effort hotnas_effort;
#else
typedef int32_t hotnas_effort;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What the entropy is for. */
enum hotnas_entropic_method
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** It belongs to the objective: plans are positive everywhere. */
    HOTNAS_ENTROPIC_METHOD_ENTROPIC = 0,
    /** It measures steps only: the end is stationary without it. */
    HOTNAS_ENTROPIC_METHOD_PROXIMAL = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_entropic_method hotnas_entropic_method;
#else
typedef int32_t hotnas_entropic_method;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The branch and bound of effort EXACT, see `hotnas_prover_get`. */
typedef struct hotnas_prover hotnas_prover;

/** A fused Gromov-Wasserstein problem. Set it to zero, then set what you have. */
typedef struct hotnas_gromov_problem {
    /** Number of points on the left, n >= 1. */
    size_t rows;
    /** Number of points on the right, m >= 1. */
    size_t columns;
    /** n x m costs between the sides, finite; the value is not negative if they are not. */
    const hotnas_real *cost;
    /**
     * n x n costs within the left side, finite. ORDERED: only the upper triangle is read. FULL: symmetric. FLOW:
     * antisymmetric.
     */
    const hotnas_real *row_costs;
    /** m x m costs within the right side, likewise. */
    const hotnas_real *column_costs;
    /** n masses as in `hotnas_transport_problem`; NULL: 1/n each. */
    const hotnas_real *row_masses;
    /** m masses; NULL: 1/m each. */
    const hotnas_real *column_masses;
} hotnas_gromov_problem;

/** Settings of `hotnas_transport_solve_gromov`. */
typedef struct hotnas_gromov_settings {
    /** Weight of the linear term, 0 to 1; the quadratic term has 1 - lambda. */
    hotnas_real lambda;
    /** Relative Frank-Wolfe gap at which a start ends, between 0 and 1, both excluded. */
    hotnas_real gap;
    /**
     * EXACT only, at least 0 and less than 1: how far below the value, relative to it, the lower bound
     * may stay that proves it (where the value is small: relative to 2^-10 of the largest cost).
     */
    hotnas_real proof_gap;
    /** A `hotnas_pairing`. */
    int32_t pairing;
    /** A `hotnas_effort`. */
    int32_t effort;
    /** Maximum number of outer iterations of one start, >= 1. */
    uint32_t iterations;
    /** EXACT only: maximum number of nodes of the branch and bound; 0: none. */
    uint32_t nodes;
    /** EXACT only: what `hotnas_prover_get` returns. */
    const hotnas_prover *prover;
} hotnas_gromov_settings;

/** What was found besides the plan. */
typedef struct hotnas_solution {
    /** The least value found. */
    hotnas_real value;
    /** No plan has a lower value than this. */
    hotnas_real lower_bound;
    /** Frank-Wolfe gap of the plan: 0 at a stationary point. */
    hotnas_real gap;
    /** Sum of absolute differences between the plan's marginals and the masses. */
    hotnas_real marginal_residual;
    /** Outer iterations of all starts together. */
    uint32_t iterations;
    /** Starts. */
    uint32_t starts;
    /** Nodes of the branch and bound; 0 unless the effort is EXACT. */
    uint32_t nodes;
    /** 1 if the lower bound proves the value within `gap` or, for EXACT, within `proof_gap`; else 0. */
    uint32_t proved_optimal;
} hotnas_solution;

/** Settings of `hotnas_transport_solve_entropic_gromov`. */
typedef struct hotnas_entropic_settings {
    /** Weight of the linear term, 0 to 1; the quadratic term has 1 - lambda. */
    hotnas_real lambda;
    /** Weight of the entropy in units of cost: from 1e-6 (float: 1e-4) of the largest cost upwards. */
    hotnas_real regularisation;
    /** Relative gap at which the steps end, between 0 and 1, both excluded. */
    hotnas_real gap;
    /** Largest allowed sum of absolute differences between marginals and masses, > 0. */
    hotnas_real tolerance;
    /** A `hotnas_pairing`. */
    int32_t pairing;
    /** A `hotnas_entropic_method`. */
    int32_t method;
    /** Maximum number of steps, >= 1. */
    uint32_t iterations;
    /** Maximum number of iterations of Sinkhorn's algorithm in one step, >= 1. */
    uint32_t sweeps;
} hotnas_entropic_settings;

/** What was found besides the plan. */
typedef struct hotnas_entropic_report {
    /** The objective of `hotnas_transport_solve_gromov` at the plan, without entropy. */
    hotnas_real value;
    /** The value plus regularisation times the sum of plan times its logarithm. */
    hotnas_real entropic_value;
    /** How much the linearised objective could still fall: with entropy for ENTROPIC, without for PROXIMAL. */
    hotnas_real gap;
    /** Sum of absolute differences between the plan's marginals and the masses. */
    hotnas_real marginal_residual;
    /** Steps. */
    uint32_t iterations;
    /** Iterations of Sinkhorn's algorithm of all steps together. */
    uint32_t sweeps;
    /** 1 if the gap is as small as was asked for; 0 if the steps ran out or rounding allows no descent. */
    uint32_t converged;
} hotnas_entropic_report;

/**
 * The branch and bound that settings with effort EXACT must name. A program that never calls this does
 * not contain its code, if the linker leaves out what is not used (`--gc-sections`).
 *
 * Thread safety: any thread at any time.
 */
const hotnas_prover *hotnas_prover_get(void);

/**
 * Bytes of workspace of `hotnas_transport_solve_gromov` with an effort (a `hotnas_effort`); SIZE_MAX if
 * that overflows or there is no such effort.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_transport_gromov_workspace_size(size_t rows,
                                              size_t columns,
                                              int32_t effort);

/**
 * Minimises lambda * sum_ij T_ij cost_ij + (1 - lambda) * Q(T) over the plans T, where Q sums
 * T_ij T_kl |row_costs_ik - column_costs_jl| over the pairs that the pairing names.
 *
 * The problem is not convex: the best of several deterministic starts is returned with a lower
 * bound. `plan`: rows x columns, or NULL.
 *
 * Errors: those of `hotnas_transport_solve_exact`, INVALID_SETTING, INVALID_ENUM, NOT_SYMMETRIC (FULL and FLOW).
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_transport_solve_gromov(const hotnas_gromov_problem *problem,
                                            const hotnas_gromov_settings *settings,
                                            hotnas_workspace *workspace,
                                            hotnas_solution *solution,
                                            hotnas_real *plan);

/**
 * Writes settings for a problem: FLOW, lambda 0.8, PROXIMAL, gap 1e-6 (float: 1e-3), 1000 steps, marginals
 * within 1e-9 (float: 1e-5), 10000 iterations in a step.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_entropic_settings_default(hotnas_real regularisation,
                                               hotnas_entropic_settings *settings);

/**
 * Bytes of workspace of `hotnas_transport_solve_entropic_gromov`; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_transport_entropic_gromov_workspace_size(size_t rows, size_t columns);

/**
 * Solves a fused Gromov-Wasserstein problem with entropy: a stationary plan, found from the product of the
 * masses by steps that never raise the objective. `plan`: rows x columns, or NULL.
 *
 * Errors: those of `hotnas_transport_solve_gromov`, NOT_CONVERGED (Sinkhorn's algorithm in a step).
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_transport_solve_entropic_gromov(const hotnas_gromov_problem *problem,
                                                     const hotnas_entropic_settings *settings,
                                                     hotnas_workspace *workspace,
                                                     hotnas_entropic_report *report,
                                                     hotnas_real *plan);

/* ------------------------------------------------------------------------------------------
 * ## Operation tables
 *
 * An operation table says what operations there are, how much any two of them differ, in which
 * groups they are, and how much numeric attributes of a node count. It is a parameter: it borrows
 * your arrays (which may lie in flash), is never changed, and may be shared between threads.
 *
 * ```c
 * // Three operations: the two convolutions are alike, the pool is not.
 * static const hotnas_real differ[9] = {0, (hotnas_real)0.1, 2, (hotnas_real)0.1, 0, 2, 2, 2, 0};
 * hotnas_operations_spec spec = {0};
 * hotnas_operations operations;
 * spec.operation_count = 3;
 * spec.dissimilarity = differ;
 * if (hotnas_operations_init(&operations, &spec) != HOTNAS_STATUS_OK) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Maximum number of operations of a table. */
#define HOTNAS_MAX_OPERATIONS 256

/** Maximum number of operation groups of a table. */
#define HOTNAS_MAX_GROUPS 8

/** Maximum number of numeric attributes of a node. */
#define HOTNAS_MAX_ATTRIBUTES 4

/** What path lengths are divided by. */
enum hotnas_feature_scale
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** The longest path of the cell in edges, at least 1 (not in the paper). */
    HOTNAS_FEATURE_SCALE_LONGEST_PATH = 0,
    /** Nothing: lengths stay numbers of edges. */
    HOTNAS_FEATURE_SCALE_RAW = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_feature_scale hotnas_feature_scale;
#else
typedef int32_t hotnas_feature_scale;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** An operation table. A small handle; copies of it are equally good. */
typedef struct hotnas_operations {
    uint64_t _private[16];
} hotnas_operations;

/** What an operation table is made from. Set it to zero, then set what you have. */
typedef struct hotnas_operations_spec {
    /** Number of operations k, 1 to HOTNAS_MAX_OPERATIONS. Operations are the numbers 0 to k-1. */
    size_t operation_count;
    /** k x k numbers from 0 to 1e6, symmetric, diagonal 0. NULL: 1 between different operations. */
    const hotnas_real *dissimilarity;
    /**
     * Number of operation groups, 1 to HOTNAS_MAX_GROUPS, or 0 when `group_masks` is NULL.
     *
     * Each group has six path lengths of its own, in which only nodes of the group count
     * (not in the paper). More groups tell cells of few nodes apart much better.
     */
    size_t group_count;
    /**
     * k masks: bit g is set if the operation is in group g. NULL: one group with every operation,
     * the six numbers of the paper.
     */
    const uint8_t *group_masks;
    /** Numeric attributes of each node, 0 to HOTNAS_MAX_ATTRIBUTES. */
    size_t attribute_count;
    /**
     * One weight from 0 to 1e6 per attribute: the dissimilarity of two nodes grows by weight *
     * |difference of the attribute| (not in the paper). NULL when there are none.
     */
    const hotnas_real *attribute_weights;
    /** A `hotnas_feature_scale`. */
    int32_t scale;
} hotnas_operations_spec;

/** What an operation table is. */
typedef struct hotnas_operations_info {
    /** Number of operations. */
    size_t operation_count;
    /** Number of groups. */
    size_t group_count;
    /** Structural features of a node: six per group. */
    size_t feature_count;
    /** Numeric attributes of a node. */
    size_t attribute_count;
    /**
     * A hash of everything in the table, by value. Cells of tables with different hashes are never
     * compared.
     */
    uint32_t fingerprint[2];
} hotnas_operations_info;

/**
 * Makes an operation table.
 *
 * The arrays of the spec must stay unchanged for as long as the table is used; the spec itself may
 * go.
 *
 * Errors: NULL, MISALIGNED, OPERATION_COUNT, DIMENSION_MISMATCH (a count without its array),
 * ATTRIBUTE_COUNT, GROUP_COUNT, INVALID_ENUM, NOT_FINITE, NEGATIVE_COST, TOO_LARGE,
 * NON_ZERO_DIAGONAL, NOT_SYMMETRIC.
 * Thread safety: any thread; the table may be shared afterwards.
 */
hotnas_status hotnas_operations_init(hotnas_operations *operations,
                                     const hotnas_operations_spec *spec);

/**
 * Makes the table that the HOTNAS poster prints: operation 0 convolution 3x3, 1 convolution 1x1,
 * 2 pooling, 3 fully connected; 0.1 between the convolutions, 2 between any other two.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread; the table may be shared afterwards.
 */
hotnas_status hotnas_operations_init_poster(hotnas_operations *operations);

/**
 * Counts and the hash of an operation table.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_operations_describe(const hotnas_operations *operations,
                                         hotnas_operations_info *info);

/* ------------------------------------------------------------------------------------------
 * ## Cells
 *
 * A cell is a directed acyclic graph of 1 to HOTNAS_MAX_NODES nodes, each with an operation. Making
 * one validates it, brings it into a canonical order (so that numbering does not matter, to the last
 * bit) and computes its path lengths. It lives in memory that you lend; the handle is a small view
 * of that memory, and copies of the handle are equally good. Cells are parameters: never changed, free
 * to be shared between threads.
 *
 * ```c
 * // convolution 3x3 -> convolution 1x1 -> pool, and a shortcut from the first to the last
 * static const uint8_t nodes[3] = {0, 1, 2};
 * static const hotnas_edge edges[3] = {{0, 1}, {1, 2}, {0, 2}};
 * static uint64_t memory[128], scratch[512];
 * hotnas_operations operations;
 * hotnas_workspace workspace;
 * hotnas_cell_spec spec = {0};
 * hotnas_cell cell;
 * hotnas_cell_info info;
 * spec.node_count = 3;
 * spec.operations = nodes;
 * spec.edge_count = 3;
 * spec.edges = edges;
 * if (hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
 *     hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_cell_init(&cell, &operations, &spec, memory, sizeof memory, &workspace) != HOTNAS_STATUS_OK ||
 *     hotnas_cell_describe(&cell, &info) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (info.longest_path != 2) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Maximum number of nodes of a cell. */
#define HOTNAS_MAX_NODES 32

/** A cell: a small view of the memory that was lent to it. Copies of it are equally good. */
typedef struct hotnas_cell {
    uint64_t _private[8];
} hotnas_cell;

/** A directed edge between two nodes of a cell. */
typedef struct hotnas_edge {
    /** The node where the edge starts. */
    uint8_t from;
    /** The node where it ends. */
    uint8_t to;
} hotnas_edge;

/** What a cell is made from. Set it to zero, then set what you have. It is only read during the call. */
typedef struct hotnas_cell_spec {
    /** Number of nodes n, 1 to HOTNAS_MAX_NODES. Nodes are the numbers 0 to n-1, in any order. */
    size_t node_count;
    /** n operations, each below the operation count of the table. */
    const uint8_t *operations;
    /** Number of edges. */
    size_t edge_count;
    /** The edges in any order: no cycle, no edge from a node to itself, none twice. */
    const hotnas_edge *edges;
    /**
     * n masses, finite, at least 0, with a sum of 1 up to 1e-9 (double) or 1e-5 (float); a node of
     * mass 0 counts for paths only. NULL: 1/n each.
     */
    const hotnas_real *masses;
    /**
     * n x attribute count of the table, finite, absolute values up to 1e6. NULL if the table has no
     * attributes.
     */
    const hotnas_real *attributes;
} hotnas_cell_spec;

/** What a cell is. */
typedef struct hotnas_cell_info {
    /** Number of nodes. */
    size_t node_count;
    /** Structural features of a node: six per operation group. */
    size_t feature_count;
    /** Numeric attributes of a node. */
    size_t attribute_count;
    /** The longest path in edges. */
    uint32_t longest_path;
    /** 1 if all masses are equal, else 0. */
    uint32_t is_uniform;
    /**
     * 1 if the order is canonical. 0 if so many nodes could be exchanged that the search for the
     * canonical order stopped after 4096 orders: another numbering of the same cell may then have
     * another fingerprint.
     */
    uint32_t is_canonical;
    /**
     * A hash of operations, attributes, features, masses and reachability in canonical order: equal
     * for renumbered cells. Cells with different precision have different hashes.
     */
    uint32_t fingerprint[4];
} hotnas_cell_info;

/**
 * Bytes of memory that a cell of `node_count` nodes needs; SIZE_MAX if the table is not initialised or
 * the count is not 1 to HOTNAS_MAX_NODES.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_cell_size(const hotnas_operations *operations,
                        size_t node_count);

/**
 * Bytes of workspace that making a cell of `node_count` nodes needs; SIZE_MAX as for
 * `hotnas_cell_size`.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_cell_workspace_size(const hotnas_operations *operations, size_t node_count);

/**
 * Makes a cell in `size` bytes at `memory`.
 *
 * `memory` must outlive the cell. It needs neither the table nor the arrays of the spec afterwards.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, EMPTY_CELL, TOO_MANY_NODES, MEMORY_TOO_SMALL (memory or
 * workspace), UNKNOWN_OPERATION, NODE_OUT_OF_RANGE, SELF_LOOP, DUPLICATE_EDGE, CYCLE,
 * ATTRIBUTE_NOT_FINITE, TOO_LARGE, MASS_NOT_FINITE, NEGATIVE_MASS, MASS_SUM.
 * Thread safety: any thread, each with its own workspace; the cell may be shared afterwards.
 */
hotnas_status hotnas_cell_init(hotnas_cell *cell,
                               const hotnas_operations *operations,
                               const hotnas_cell_spec *spec,
                               void *memory,
                               size_t size,
                               hotnas_workspace *workspace);

/**
 * Makes a cell out of memory that `hotnas_cell_init` filled before, possibly in another run of the
 * program and copied to flash since: it is read in place. `operations` must be the same table by
 * value, the precision and byte order the same.
 *
 * Counts, the table's hash and the ranges of the numbers are checked. Damage within the ranges is not seen and gives
 * wrong distances: check memory that may be damaged with a checksum of your own. `memory` must outlive the cell.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, EMPTY_CELL, TOO_MANY_NODES, MEMORY_TOO_SMALL,
 * NOT_A_SAVED_STATE (no cell of that many nodes), TABLE_MISMATCH, SAVED_CHECKSUM (a number that no cell has).
 * Thread safety: any thread; the cell may be shared afterwards.
 */
hotnas_status hotnas_cell_open(hotnas_cell *cell,
                               const hotnas_operations *operations,
                               size_t node_count,
                               const void *memory,
                               size_t size);

/**
 * Counts, flags and the hash of a cell.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_cell_describe(const hotnas_cell *cell, hotnas_cell_info *info);

/**
 * Copies the canonical order: `order[i]` is your number of the node that is canonically number i.
 * `length` must be the node count.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_cell_read_order(const hotnas_cell *cell, size_t length, uint8_t *order);

/**
 * Copies the structural features, node count x feature count, row-major, in your numbering of the
 * nodes; `length` must be that product. Per operation group: shortest, longest and random-walk path
 * length from the inputs, then the same to the outputs.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_cell_read_features(const hotnas_cell *cell,
                                        size_t length,
                                        hotnas_real *features);

/**
 * Orders two cells: writes -1, 0 or 1 as `a` is before, equal to or after `b` in a total order on
 * what they are. 0 means the same cell up to the numbering of the nodes.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_cell_compare(const hotnas_cell *a,
                                  const hotnas_cell *b,
                                  int32_t *order);

/* ------------------------------------------------------------------------------------------
 * ## Networks
 *
 * A network is a sequence of 1 to HOTNAS_MAX_CELLS cells in which a cell may occur many times. It
 * shares the cells that it is made of, it does not copy them. Networks are parameters: never changed,
 * free to be shared between threads.
 *
 * ```c
 * // One cell, three times.
 * static const uint8_t nodes[2] = {0, 2};
 * static const hotnas_edge edge = {0, 1};
 * static uint64_t cell_memory[128], memory[64], scratch[512];
 * hotnas_operations operations;
 * hotnas_workspace workspace;
 * hotnas_cell_spec spec = {0};
 * hotnas_cell cell;
 * const hotnas_cell *sequence[3];
 * hotnas_network network;
 * hotnas_network_info info;
 * spec.node_count = 2;
 * spec.operations = nodes;
 * spec.edge_count = 1;
 * spec.edges = &edge;
 * sequence[0] = sequence[1] = sequence[2] = &cell;
 * if (hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
 *     hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_cell_init(&cell, &operations, &spec, cell_memory, sizeof cell_memory, &workspace) !=
 *         HOTNAS_STATUS_OK ||
 *     hotnas_network_init(&network, 3, sequence, NULL, NULL, memory, sizeof memory) !=
 *         HOTNAS_STATUS_OK ||
 *     hotnas_network_describe(&network, &info) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (info.cell_count != 3 || info.distinct_count != 1) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Maximum number of cells of a network, counted with repetition. */
#define HOTNAS_MAX_CELLS 64

/**
 * A network: a small view of its cells and of the memory that was lent to it. Copies of it are
 * equally good.
 */
typedef struct hotnas_network {
    uint64_t _private[24];
} hotnas_network;

/** What a network is. */
typedef struct hotnas_network_info {
    /** Number of cells with repetition. */
    size_t cell_count;
    /** Number of different cells. */
    size_t distinct_count;
    /** A hash of the cells in sequence, positions and masses. */
    uint32_t fingerprint[4];
} hotnas_network_info;

/**
 * Bytes of memory that a network of `cell_count` cells needs; SIZE_MAX unless that is 1 to
 * HOTNAS_MAX_CELLS.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_network_size(size_t cell_count);

/**
 * Makes a network in `size` bytes at `memory`.
 *
 * `cells`: `cell_count` pointers to cells of one operation table; the same pointer may come many
 * times. `positions`: relative depth of each cell in (0, 1], not decreasing; NULL: (s+1)/cell_count
 * (not in the paper). `masses`: one per cell, finite, at least 0, sum 1 up to 1e-9 (double) or 1e-5
 * (float); NULL: equal. Positions and masses are copied.
 *
 * `memory` and the memory of the cells must outlive the network; the cells' handles may go.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED (a cell), MEMORY_TOO_SMALL, EMPTY_NETWORK, TOO_MANY_CELLS,
 * TABLE_MISMATCH, INVALID_POSITION, MASS_NOT_FINITE, NEGATIVE_MASS, MASS_SUM.
 * Thread safety: any thread; the network may be shared afterwards.
 */
hotnas_status hotnas_network_init(hotnas_network *network,
                                  size_t cell_count,
                                  const hotnas_cell *const *cells,
                                  const hotnas_real *positions,
                                  const hotnas_real *masses,
                                  void *memory,
                                  size_t size);

/**
 * Counts and the hash of a network.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_network_describe(const hotnas_network *network,
                                      hotnas_network_info *info);

/**
 * Orders two networks: writes -1, 0 or 1 as `a` is before, equal to or after `b` in a total order on
 * their cells in sequence, positions and masses.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_network_compare(const hotnas_network *a,
                                     const hotnas_network *b,
                                     int32_t *order);

/* ------------------------------------------------------------------------------------------
 * ## Metric
 *
 * The distance of two cells (iFGW) and of two networks (HOTNN). A metric is an operation table and
 * settings; it is a parameter, never changed, free to be shared between threads.
 *
 * Promised, to the bit: a distance is not negative; it is 0 for cells that are equal up to numbering;
 * renumbering nodes changes nothing; d(a, b) = d(b, a); a cache changes nothing. Not promised: the
 * triangle inequality, and, unless `proved_optimal` says so, that no better plan exists: the problem is
 * not convex.
 *
 * ```c
 * // conv 3x3 -> pool and conv 1x1 -> pool
 * static const uint8_t nodes[2][2] = {{0, 2}, {1, 2}};
 * static const hotnas_edge edge = {0, 1};
 * static uint64_t memory[2][128], scratch[2048];
 * hotnas_operations operations;
 * hotnas_workspace workspace;
 * hotnas_metric_settings settings;
 * hotnas_metric metric;
 * hotnas_cell cells[2];
 * hotnas_cell_spec spec = {0};
 * hotnas_solution solution;
 * int i;
 * spec.node_count = 2;
 * spec.edge_count = 1;
 * spec.edges = &edge;
 * if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
 *     return 1;
 * for (i = 0; i < 2; i++) {
 *     spec.operations = nodes[i];
 *     if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
 *         HOTNAS_STATUS_OK)
 *         return 1;
 * }
 * if (hotnas_metric_cell_distance(&metric, &cells[0], &cells[1], &workspace, &solution, NULL) !=
 *     HOTNAS_STATUS_OK)
 *     return 1;
 * printf("%g\n", (double)solution.value); // 0.02: half the mass moves at cost 0.05, times lambda
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Default maximum number of Frank-Wolfe steps of one start. */
#define HOTNAS_DEFAULT_STEPS 1000

/** Default maximum number of nodes of a branch and bound. */
#define HOTNAS_DEFAULT_NODES 1000

/**
 * The distance between networks. Cells are always compared by iFGW.
 *
 * A distance has one or more parts (`hotnas_metric_part_count`): partial distances for a kernel that
 * has a length scale for each. Networks with equal keys are at distance 0 in every part and under every
 * distance, also under those that see edges which keys do not hold.
 */
enum hotnas_distance
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Hierarchical optimal transport; one part. */
    HOTNAS_DISTANCE_HOTNN = 0,
    /**
     * The same distance in three parts (not in the paper), each of them a HOTNN: operations alone (cells
     * compared with epsilon 1, lambda 1), structure alone (epsilon 0, lambda 1), the whole.
     */
    HOTNAS_DISTANCE_HOTNN_PARTS = 1,
    /**
     * BO-edit: nodes and edges that differ, cell by cell and node by node in the numbering in which the
     * cells were made; one part. Renumbering the nodes of a cell changes it. Not cached.
     */
    HOTNAS_DISTANCE_EDIT = 2,
    /**
     * The L1 difference of the histograms of neighbourhoods up to 0, 1 and 2 edges away (Weisfeiler and
     * Lehman); one part. Not cached: edges count that the key of a cell does not hold.
     */
    HOTNAS_DISTANCE_WEISFEILER_LEHMAN = 3,
    /**
     * The information of the nodes without transport, a control: the L1 difference of operations,
     * attributes and structural features summed over the nodes; one part.
     */
    HOTNAS_DISTANCE_SUMMED = 4,
    /**
     * Tree-Wasserstein (Nguyen et al. 2021) in three parts: operations one by one and in pairs, degrees
     * in, degrees out; the distance is their sum. Convolutions are near to each other. Needs layers.
     * Not cached, like WEISFEILER_LEHMAN.
     */
    HOTNAS_DISTANCE_TREE_WASSERSTEIN = 5,
    /**
     * OTMANN of NASBOT (Kandasamy et al. 2018) in eight parts: for four structural weights the distance,
     * then the same divided by the masses of both networks; the distance is the mean of the latter.
     * Needs layers. Not cached, like WEISFEILER_LEHMAN.
     */
    HOTNAS_DISTANCE_OTMANN = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_distance hotnas_distance;
#else
typedef int32_t hotnas_distance;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The codes of `hotnas_layers`. */
enum hotnas_layer
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** No layer of those below: no mass, and nothing is assigned to it. */
    HOTNAS_LAYER_OTHER = 0,
    /** An input or output. At the ends of a network its mass is a tenth of all, at least 100. */
    HOTNAS_LAYER_TERMINAL = 1,
    /** The identity; its mass is the number of channels (OTMANN knows no such layer). */
    HOTNAS_LAYER_IDENTITY = 2,
    /** Maximum pooling; its mass is the number of channels. */
    HOTNAS_LAYER_MAXIMUM_POOLING = 3,
    /** Average pooling; the same mass. */
    HOTNAS_LAYER_AVERAGE_POOLING = 4,
    /** Fully connected; its mass is a tenth of the input channels times the output channels. */
    HOTNAS_LAYER_DENSE = 5,
    /**
     * This + k is a convolution with a kernel of k x k, k from 1 to 239; its mass is the input channels times
     * the output channels.
     */
    HOTNAS_LAYER_CONVOLUTION = 16,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_layer hotnas_layer;
#else
typedef int32_t hotnas_layer;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** Settings of a metric. */
typedef struct hotnas_metric_settings {
    /** Weight of operations against structure in node costs, 0 to 1. */
    hotnas_real epsilon;
    /** Weight of the linear term against the quadratic one, 0 to 1; above 0 for ORDERED. */
    hotnas_real lambda;
    /** Weight of positions against cells in the distance of networks, 0 to 1. */
    hotnas_real eta;
    /** Relative Frank-Wolfe gap at which a start ends, between 0 and 1, both excluded. */
    hotnas_real gap;
    /**
     * EXACT only, at least 0 and less than 1: how far below the value of a pair of cells, relative to
     * it, the lower bound may stay that proves it.
     */
    hotnas_real proof_gap;
    /** A `hotnas_distance`. */
    int32_t distance;
    /** A `hotnas_pairing`. */
    int32_t pairing;
    /** A `hotnas_effort`. */
    int32_t effort;
    /** Maximum number of Frank-Wolfe steps of one start, at least 1. */
    uint32_t iterations;
    /** EXACT only: maximum number of nodes of the branch and bound for a pair of cells; 0: none. */
    uint32_t nodes;
    /** EXACT only: what `hotnas_prover_get` returns. */
    const hotnas_prover *prover;
} hotnas_metric_settings;

/** A metric. A small handle; copies of it are equally good. */
typedef struct hotnas_metric {
    uint64_t _private[32];
} hotnas_metric;

/** What the operations are, for the distances OTMANN and TREE_WASSERSTEIN. */
typedef struct hotnas_layers {
    /** One code (a `hotnas_layer`) for each operation of the table; stays yours and must stay unchanged. */
    const uint8_t *codes;
    /** Length of `codes`: the number of operations. */
    size_t count;
    /** Which attribute of a node is log2 of its output channels; negative: all have `channels`. */
    int32_t width;
    /** The channels of all nodes if no attribute holds them; in either case from 1 to 1e6. */
    hotnas_real channels;
} hotnas_layers;

/**
 * A bounded table of distances that were computed before: a handle over lent memory. It must not be
 * copied or moved.
 *
 * Results are the same with and without it. It belongs to one metric at a time and empties itself
 * when another one uses it.
 */
typedef struct hotnas_cache {
    uint64_t _private[16];
} hotnas_cache;

/** What a cache has done. */
typedef struct hotnas_cache_info {
    /** Distances that it has room for. */
    size_t capacity;
    /** Distances that were found. */
    uint64_t hits;
    /** Distances that were looked for and not found. */
    uint64_t misses;
} hotnas_cache_info;

/** What was found besides the plan between two networks. */
typedef struct hotnas_network_solution {
    /** The distance. */
    hotnas_real value;
    /** The distance cannot be smaller, whatever better plans there may be inside the cells. */
    hotnas_real lower_bound;
    /** Sum of absolute differences between the plan's marginals and the masses. */
    hotnas_real marginal_residual;
    /** Pairs of cells that were solved for this answer: not those known to the cache, not equal cells. */
    uint32_t cell_pairs_solved;
    /** Frank-Wolfe steps of all these pairs together. */
    uint32_t iterations;
    /** Nodes of the branch and bound of all these pairs together; 0 unless the effort is EXACT. */
    uint32_t nodes;
    /**
     * 1 if every pair of cells that occurs is proved to have its least distance, else 0. The
     * transport between the networks is always exact.
     */
    uint32_t proved_optimal;
} hotnas_network_solution;

/** Default weight of operations against structure. */
#define HOTNAS_DEFAULT_EPSILON ((hotnas_real)0.5)

/** Default weight of the linear term. */
#define HOTNAS_DEFAULT_LAMBDA ((hotnas_real)0.8)

/** Default weight of positions. */
#define HOTNAS_DEFAULT_ETA ((hotnas_real)0.5)

/** Default gap between bound and value in a proof, relative to the value. */
#define HOTNAS_DEFAULT_PROOF_GAP ((hotnas_real)0.001)

/**
 * Writes the default settings: FLOW (not in the paper), epsilon 0.5, lambda 0.8, eta 0.5, FAST, gap 1e-9
 * (float: 1e-5), 1000 steps, proof gap 1e-3, 1000 nodes.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_metric_settings_default(hotnas_metric_settings *settings);

/**
 * Writes the settings of the HOTNAS poster: ORDERED, the rest as the default, because the poster
 * gives no numbers. To be used with `hotnas_operations_init_poster`.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_metric_settings_poster(hotnas_metric_settings *settings);

/**
 * Makes a metric over cells of an operation table. It copies both, but not the arrays of the table,
 * which must stay.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING, LAYERS_MISSING
 * (distances other than HOTNN and HOTNN_PARTS).
 * Thread safety: any thread; the metric may be shared afterwards.
 */
hotnas_status hotnas_metric_init(hotnas_metric *metric,
                                 const hotnas_operations *operations,
                                 const hotnas_metric_settings *settings);

/**
 * The same with every distance, told what layers the operations are, which OTMANN and TREE_WASSERSTEIN ask for.
 * A program that never calls this does not contain the code of the distances besides HOTNN, if the linker leaves
 * out what is not used. `layers->codes` must stay like the arrays of the table.
 *
 * Errors: those of `hotnas_metric_init`; DIMENSION_MISMATCH unless each operation has a code,
 * INVALID_SETTING for a code, attribute or number of channels that there is not.
 * Thread safety: any thread; the metric may be shared afterwards.
 */
hotnas_status hotnas_metric_init_layers(hotnas_metric *metric,
                                        const hotnas_operations *operations,
                                        const hotnas_metric_settings *settings,
                                        const hotnas_layers *layers);

/**
 * Bytes of memory for `capacity` distances, rounded up to a multiple of 4; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_cache_size(size_t capacity);

/**
 * Makes an empty cache in `size` bytes at `memory`, which must outlive it.
 *
 * Errors: NULL, MISALIGNED, SIZE_OVERFLOW, MEMORY_TOO_SMALL.
 * Thread safety: one thread at a time for one cache.
 */
hotnas_status hotnas_cache_init(hotnas_cache *cache,
                                size_t capacity,
                                void *memory,
                                size_t size);

/**
 * Capacity, hits and misses.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: reading only; not while another thread uses the cache.
 */
hotnas_status hotnas_cache_describe(const hotnas_cache *cache,
                                    hotnas_cache_info *info);

/**
 * Bytes of workspace for the distance of cells of up to so many nodes, one or many; SIZE_MAX if that
 * overflows or the metric is not valid. Of the metric only the effort matters.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_metric_cell_workspace_size(const hotnas_metric *metric,
                                         size_t nodes_a,
                                         size_t nodes_b);

/**
 * The distance of two cells.
 *
 * `plan`: nodes of a x nodes of b, in your numbering of both; or NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_metric_cell_distance(const hotnas_metric *metric,
                                          const hotnas_cell *a,
                                          const hotnas_cell *b,
                                          hotnas_workspace *workspace,
                                          hotnas_solution *solution,
                                          hotnas_real *plan);

/**
 * The distances from one cell to `count` others, `distances[i]` to `cells[i]`. `cache` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_cell_distances(const hotnas_metric *metric,
                                           const hotnas_cell *one,
                                           size_t count,
                                           const hotnas_cell *const *cells,
                                           hotnas_cache *cache,
                                           hotnas_workspace *workspace,
                                           hotnas_real *distances);

/**
 * The distances between any two of `count` cells, count x count, symmetric with a diagonal of 0.
 * `cache` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_cell_matrix(const hotnas_metric *metric,
                                        size_t count,
                                        const hotnas_cell *const *cells,
                                        hotnas_cache *cache,
                                        hotnas_workspace *workspace,
                                        hotnas_real *matrix);

/**
 * Bytes of workspace for the distance of networks whose cells have up to `nodes` nodes, with up to
 * `distinct` different cells and up to `cells` cells each; SIZE_MAX if that overflows or the metric is
 * not valid. Of the metric only effort, distance and operation table matter.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_metric_network_workspace_size(const hotnas_metric *metric,
                                            size_t nodes,
                                            size_t distinct,
                                            size_t cells);

/**
 * The distance of two networks. Each pair of different cells is solved once. `cache` may be NULL.
 *
 * `plan`: cells of a x cells of b in the order of the sequences, or NULL. Only HOTNN has one.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL, NO_PLAN.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_network_distance(const hotnas_metric *metric,
                                             const hotnas_network *a,
                                             const hotnas_network *b,
                                             hotnas_cache *cache,
                                             hotnas_workspace *workspace,
                                             hotnas_network_solution *solution,
                                             hotnas_real *plan);

/**
 * The number of parts of the distance of networks; 0 if the metric is not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_metric_part_count(const hotnas_metric *metric);

/**
 * The partial distances of two networks, `count` = `hotnas_metric_part_count` numbers, for a kernel
 * that has a length scale for each. A distance of one part is its own part. `cache` may be NULL.
 * Workspace: `hotnas_metric_network_workspace_size`.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_network_parts(const hotnas_metric *metric,
                                          const hotnas_network *a,
                                          const hotnas_network *b,
                                          hotnas_cache *cache,
                                          hotnas_workspace *workspace,
                                          size_t count,
                                          hotnas_real *parts);

/**
 * The distances from one network to `count` others, `distances[i]` to `networks[i]`. `cache` may be
 * NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_network_distances(const hotnas_metric *metric,
                                              const hotnas_network *one,
                                              size_t count,
                                              const hotnas_network *const *networks,
                                              hotnas_cache *cache,
                                              hotnas_workspace *workspace,
                                              hotnas_real *distances);

/**
 * The distances between any two of `count` networks, count x count, symmetric with a diagonal of 0.
 * `cache` may be NULL; with a cache pairs of cells that many networks share are solved once.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_network_matrix(const hotnas_metric *metric,
                                           size_t count,
                                           const hotnas_network *const *networks,
                                           hotnas_cache *cache,
                                           hotnas_workspace *workspace,
                                           hotnas_real *matrix);

/* ------------------------------------------------------------------------------------------
 * ## Nearest neighbours
 *
 * Which of many is nearest? The answer is the one that computing all distances would give, to the bit, but
 * few of them are computed: lower bounds exclude the others. `hotnas_metric_nearest_cells` looks at candidates in the
 * order of their bounds. `hotnas_metric_compare_cell_distance` needs one candidate at a time, such as
 * cells in flash that `hotnas_cell_open` reads in place: the least distance so far is its limit.
 *
 * ```c
 * // pool -> conv 3x3 -> pool, pool -> conv 1x1, pool -> pool: which is nearest to pool -> conv 3x3?
 * static const uint8_t nodes[4][3] = {{2, 0, 2}, {2, 1}, {2, 2}, {2, 0}};
 * static const size_t counts[4] = {3, 2, 2, 2};
 * static const hotnas_edge edges[2] = {{0, 1}, {1, 2}};
 * static uint64_t memory[4][160], scratch[2048];
 * hotnas_operations operations;
 * hotnas_workspace workspace;
 * hotnas_metric_settings settings;
 * hotnas_metric metric;
 * hotnas_cell cells[4];
 * const hotnas_cell *candidates[3];
 * hotnas_cell_spec spec = {0};
 * hotnas_neighbour nearest;
 * hotnas_comparison answer;
 * size_t i, best = 3;
 * hotnas_real least = 1000;
 * spec.edges = edges;
 * if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_operations_init_poster(&operations) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_settings_default(&settings) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_init(&metric, &operations, &settings) != HOTNAS_STATUS_OK)
 *     return 1;
 * for (i = 0; i < 4; i++) {
 *     spec.node_count = counts[i];
 *     spec.operations = nodes[i];
 *     spec.edge_count = counts[i] - 1;
 *     if (hotnas_cell_init(&cells[i], &operations, &spec, memory[i], sizeof memory[i], &workspace) !=
 *         HOTNAS_STATUS_OK)
 *         return 1;
 *     if (i < 3) candidates[i] = &cells[i];
 * }
 * if (hotnas_metric_nearest_cells(&metric, &cells[3], 3, candidates, NULL, &workspace, 1, &nearest, NULL) !=
 *     HOTNAS_STATUS_OK)
 *     return 1;
 * // The same with one candidate at a time.
 * for (i = 0; i < 3; i++) {
 *     if (hotnas_metric_compare_cell_distance(&metric, &cells[3], &cells[i], least, &workspace, &answer) !=
 *         HOTNAS_STATUS_OK)
 *         return 1;
 *     if (answer.is_nearer) best = i, least = answer.value;
 * }
 * if (nearest.index != 1 || best != 1 || least != nearest.distance) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** What decided a comparison, in order of cost. */
enum hotnas_stage
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** A lower bound from the differences of marginals and means. */
    HOTNAS_STAGE_MOMENTS = 0,
    /** A lower bound by exact transport. */
    HOTNAS_STAGE_TRANSPORT = 1,
    /** The distance itself. */
    HOTNAS_STAGE_SOLVED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_stage hotnas_stage;
#else
typedef int32_t hotnas_stage;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** An answer. */
typedef struct hotnas_neighbour {
    /** The number of the candidate. */
    size_t index;
    /** Its distance. */
    hotnas_real distance;
} hotnas_neighbour;

/** The work of a query. */
typedef struct hotnas_nearest_report {
    /** Bounds of stage MOMENTS that were computed: one per candidate. */
    uint32_t moments;
    /** Bounds of stage TRANSPORT. */
    uint32_t transports;
    /** Distances that were computed. */
    uint32_t solved;
} hotnas_nearest_report;

/** Whether something is nearer than a limit. */
typedef struct hotnas_comparison {
    /**
     * The distance if `stage` is SOLVED, which it is if `is_nearer`; else a lower bound of the distance
     * that is not less than the limit.
     */
    hotnas_real value;
    /** 1 if the distance is less than the limit, else 0. */
    uint32_t is_nearer;
    /** A `hotnas_stage`. */
    int32_t stage;
} hotnas_comparison;

/**
 * Bytes of workspace of `hotnas_metric_nearest_cells` for `count` candidates of up to `nodes_b` nodes;
 * SIZE_MAX if that overflows or the metric is not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_metric_nearest_cells_workspace_size(const hotnas_metric *metric,
                                                  size_t count,
                                                  size_t nodes_a,
                                                  size_t nodes_b);

/**
 * Bytes of workspace of `hotnas_metric_nearest_networks` for `count` candidates; `nodes`, `distinct` and
 * `cells` as for `hotnas_metric_network_workspace_size`. SIZE_MAX if that overflows or the metric is
 * not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_metric_nearest_networks_workspace_size(const hotnas_metric *metric,
                                                     size_t count,
                                                     size_t nodes,
                                                     size_t distinct,
                                                     size_t cells);

/**
 * The `wanted` cells nearest to `one` among `count` candidates, the nearest first, of equal distances the
 * lowest index: exactly those that `hotnas_metric_cell_distances` would give. `cache` and `report` may be
 * NULL. `wanted` is 1 to `count`.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`wanted`), SIZE_OVERFLOW (2^30
 * candidates), TABLE_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_nearest_cells(const hotnas_metric *metric,
                                          const hotnas_cell *one,
                                          size_t count,
                                          const hotnas_cell *const *cells,
                                          hotnas_cache *cache,
                                          hotnas_workspace *workspace,
                                          size_t wanted,
                                          hotnas_neighbour *nearest,
                                          hotnas_nearest_report *report);

/**
 * `hotnas_metric_nearest_cells` for networks. With a cache, pairs of cells that many networks share are
 * solved once.
 *
 * Errors: as there.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_nearest_networks(const hotnas_metric *metric,
                                             const hotnas_network *one,
                                             size_t count,
                                             const hotnas_network *const *networks,
                                             hotnas_cache *cache,
                                             hotnas_workspace *workspace,
                                             size_t wanted,
                                             hotnas_neighbour *nearest,
                                             hotnas_nearest_report *report);

/**
 * Whether the distance of two cells is less than `limit`, with as little work as that takes; the
 * distance if it is. Its workspace is that of `hotnas_metric_cell_distance`. An infinite limit asks for
 * the distance.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_FINITE (a limit that is NaN), TABLE_MISMATCH,
 * MEMORY_TOO_SMALL.
 * Thread safety: any thread, each with its own workspace.
 */
hotnas_status hotnas_metric_compare_cell_distance(const hotnas_metric *metric,
                                                  const hotnas_cell *a,
                                                  const hotnas_cell *b,
                                                  hotnas_real limit,
                                                  hotnas_workspace *workspace,
                                                  hotnas_comparison *answer);

/**
 * `hotnas_metric_compare_cell_distance` for networks, with the workspace of
 * `hotnas_metric_network_distance`. `cache` may be NULL.
 *
 * Errors: as there.
 * Thread safety: any thread, each with its own workspace and cache.
 */
hotnas_status hotnas_metric_compare_network_distance(const hotnas_metric *metric,
                                                     const hotnas_network *a,
                                                     const hotnas_network *b,
                                                     hotnas_real limit,
                                                     hotnas_cache *cache,
                                                     hotnas_workspace *workspace,
                                                     hotnas_comparison *answer);

/* ------------------------------------------------------------------------------------------
 * ## Gaussian process
 *
 * A Gaussian process that sees distances only: observations and candidates may be anything between which
 * you can compute a distance. It is a state: it grows with observations, up to the capacity that its
 * memory has room for, and belongs to one thread at a time. Its handle must stay where it is: a copy is
 * refused with NOT_INITIALISED, because two handles would write to one memory.
 *
 * A distance may have parts (`hotnas_metric_network_parts`): the kernel is then a product, and each part has
 * a length scale of its own. Wherever such a process takes distances, all parts of one lie side by side.
 *
 * A kernel of distances need not be positive definite. Each factorisation tries no jitter first, then
 * 1e-6, 1e-5 ... 1e-1, 0.3 times the variance (float: from 1e-5); the jitter in use can be read.
 *
 * ```c
 * static uint64_t memory[128], scratch[128];
 * hotnas_workspace workspace;
 * hotnas_gp gp;
 * hotnas_hyperparameters start = {1, 1, (hotnas_real)0.001, 0}; // variance, length scale, noise, mean
 * hotnas_real to_first = (hotnas_real)1.5, to_both[2] = {(hotnas_real)0.25, (hotnas_real)1.25};
 * hotnas_real mean, variance;
 * if (hotnas_workspace_init(&workspace, scratch, sizeof scratch) != HOTNAS_STATUS_OK ||
 *     hotnas_gp_init(&gp, 8, HOTNAS_KERNEL_EXPONENTIAL, &start, memory, sizeof memory) !=
 *         HOTNAS_STATUS_OK ||
 *     hotnas_gp_append(&gp, 0, NULL, (hotnas_real)0.25) != HOTNAS_STATUS_OK ||
 *     hotnas_gp_append(&gp, 1, &to_first, (hotnas_real)-0.25) != HOTNAS_STATUS_OK ||
 *     hotnas_gp_posterior(&gp, 1, to_both, &workspace, &mean, &variance) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (!(mean > 0) || !(variance < 1)) return 1; // near the first, which is positive
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Maximum number of parts of a distance. */
#define HOTNAS_MAX_PARTS 8

/** The form of the correlation of two points at distance d with length scale l. */
enum hotnas_kernel
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** exp(-d/l) (HOTNAS poster). */
    HOTNAS_KERNEL_EXPONENTIAL = 0,
    /** exp(-sqrt(d/l)) (not in the paper). */
    HOTNAS_KERNEL_SQUARE_ROOT_EXPONENTIAL = 1,
    /** Matern 3/2: (1 + a) exp(-a), a = sqrt(3) d/l. */
    HOTNAS_KERNEL_MATERN32 = 2,
    /** Matern 5/2: (1 + a + a^2/3) exp(-a), a = sqrt(5) d/l. */
    HOTNAS_KERNEL_MATERN52 = 3,
    /**
     * exp(-d^2 / (2 l^2)). Rarely positive definite for transport distances: expect jitter, a poor fit
     * or NOT_POSITIVE_DEFINITE.
     */
    HOTNAS_KERNEL_SQUARED_EXPONENTIAL = 4,
    /**
     * The mean of two products over the parts of a distance: exp(-d/l) over the first half of the parts,
     * exp(-(d/l)^2) over the second (NASBOT, Kandasamy et al. 2018, for HOTNAS_DISTANCE_OTMANN). A part in
     * the middle belongs to both halves.
     */
    HOTNAS_KERNEL_NASBOT = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_kernel hotnas_kernel;
#else
typedef int32_t hotnas_kernel;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What a fit may choose. */
enum hotnas_fit
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Everything: mean and variance in closed form, noise on a grid, length scale (of each part of a distance)
     * around the median distance under a log-normal prior.
     */
    HOTNAS_FIT_FULL = 0,
    /**
     * The length scale alone, without a prior; the ratios of the parts stay. A search then keeps variance 1, mean 0
     * and the default's least noise, in units of the transformed and standardised values.
     */
    HOTNAS_FIT_LENGTH = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_fit hotnas_fit;
#else
typedef int32_t hotnas_fit;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** Monotone transforms of values of which lower is better. */
enum hotnas_transform
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Standardised only. */
    HOTNAS_TRANSFORM_IDENTITY = 0,
    /**
     * Bad values are pulled together: with t = (y - median) / (median - minimum), t where it is not
     * positive and ln(1 + t) where it is (not in the paper).
     */
    HOTNAS_TRANSFORM_SOFT = 1,
    /** The rank. */
    HOTNAS_TRANSFORM_RANK = 2,
    /** The logarithm. */
    HOTNAS_TRANSFORM_LOG = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_transform hotnas_transform;
#else
typedef int32_t hotnas_transform;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** A Gaussian process: a handle over lent memory. It must not be copied or moved. */
typedef struct hotnas_gp {
    uint64_t _private[32];
} hotnas_gp;

/** Hyperparameters of a Gaussian process, all finite. */
typedef struct hotnas_hyperparameters {
    /** Prior variance of the latent function, > 0 and up to 3e286 (float: 4e25). */
    hotnas_real variance;
    /** Length scale in units of distance, > 0. */
    hotnas_real length_scale;
    /** Variance of the observation noise, absolute, 0 to 1e6 times the variance. */
    hotnas_real noise;
    /** Prior mean. */
    hotnas_real mean;
} hotnas_hyperparameters;

/** What a Gaussian process holds. */
typedef struct hotnas_gp_info {
    /** Number of observations. */
    size_t count;
    /** Maximum number of observations. */
    size_t capacity;
    /** Parts of a distance, each with a length scale of its own. */
    size_t part_count;
    /** Hyperparameters in use. */
    hotnas_hyperparameters hyperparameters;
    /** What the last factorisation added to the diagonal, relative to the variance: usually 0. */
    hotnas_real jitter;
    /** Natural logarithm of the density of the observed values; 0 without observations. */
    hotnas_real log_marginal_likelihood;
    /** The length scale of each part of a distance over that of the hyperparameters; 1 where there is no part. */
    hotnas_real ratios[HOTNAS_MAX_PARTS];
    /** The `hotnas_kernel` in use. */
    int32_t kernel;
} hotnas_gp_info;

/** Settings of `hotnas_gp_fit`. */
typedef struct hotnas_fit_settings {
    /**
     * FULL: standard deviation of the logarithm of the length scale around that of the median
     * distance, > 0.
     */
    hotnas_real prior_deviation;
    /** FULL: lower limit of the noise relative to the variance, > 0. */
    hotnas_real noise_minimum;
    /** FULL: its upper limit, >= the lower one, <= 1e6 and <= 1e32 times the lower one. */
    hotnas_real noise_maximum;
    /** LENGTH: lower limit of the length scale, > 0. */
    hotnas_real length_minimum;
    /** LENGTH: its upper limit, >= the lower one. */
    hotnas_real length_maximum;
    /** A `hotnas_fit`. */
    int32_t fit;
} hotnas_fit_settings;

/** What a fit found. */
typedef struct hotnas_fit_report {
    /** Hyperparameters now in use. */
    hotnas_hyperparameters hyperparameters;
    /** Of the observed values, without the prior. */
    hotnas_real log_marginal_likelihood;
    /** Now in use, relative to the variance. */
    hotnas_real jitter;
    /** Factorisations of a kernel matrix that were asked for. */
    uint32_t evaluations;
} hotnas_fit_report;

/** What was found about the eigenvalues of a correlation matrix. */
typedef struct hotnas_clipping {
    /** The least eigenvalue; infinite without observations. */
    hotnas_real least_eigenvalue;
    /** Eigenvalues that were left out: negative ones and those that rounding does not tell from 0. */
    size_t lost_count;
} hotnas_clipping;

/** How well predicted means and variances fit the values that were found; z = (value - mean) / deviation. */
typedef struct hotnas_calibration {
    /** Share of the values in the central band of the level asked for: about the level if the bands are right. */
    hotnas_real coverage;
    /** Mean of z: 0 where predictions are not biased. */
    hotnas_real bias;
    /** Root mean square of z: about 1; more where deviations are too small. */
    hotnas_real spread;
    /** Mean of the natural logarithm of the predicted density at the values: the greater, the better. */
    hotnas_real log_density;
    /** Root mean square of value - mean. */
    hotnas_real error;
} hotnas_calibration;

/** Default standard deviation of the prior of the length scale's logarithm. */
#define HOTNAS_DEFAULT_PRIOR_DEVIATION ((hotnas_real)1.5)

/**
 * Bytes of memory for `capacity` observations, about capacity^2 reals; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_gp_size(size_t capacity);

/**
 * The same where distances have `part_count` parts.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_gp_size_of_parts(size_t capacity, size_t part_count);

/**
 * Bytes of workspace that is enough for every function of a Gaussian process of up to `count`
 * observations; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_gp_workspace_size(size_t count);

/**
 * Makes an empty process in `size` bytes at `memory`, which must outlive it. `kernel`: a
 * `hotnas_kernel`.
 *
 * Errors: NULL, MISALIGNED, INVALID_ENUM, SIZE_OVERFLOW, MEMORY_TOO_SMALL, NOT_FINITE,
 * INVALID_SETTING.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_init(hotnas_gp *gp,
                             size_t capacity,
                             int32_t kernel,
                             const hotnas_hyperparameters *hyperparameters,
                             void *memory,
                             size_t size);

/**
 * The same over distances of `part_count` parts, 1 to HOTNAS_MAX_PARTS (INVALID_SETTING); `size` as
 * `hotnas_gp_size_of_parts` says. Wherever the process takes distances, all parts of one lie side by side. All
 * length scales are that of `hyperparameters` at first.
 *
 * Errors: as `hotnas_gp_init`.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_init_of_parts(hotnas_gp *gp,
                                      size_t capacity,
                                      size_t part_count,
                                      int32_t kernel,
                                      const hotnas_hyperparameters *hyperparameters,
                                      void *memory,
                                      size_t size);

/**
 * Counts, hyperparameters, jitter and log marginal likelihood.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: reading only; not while another thread changes the process.
 */
hotnas_status hotnas_gp_describe(const hotnas_gp *gp, hotnas_gp_info *info);

/**
 * Adds an observation: its distances to the `count` observations so far, in their order and each with all
 * its parts, and its value. O(count^2); O(count^3) if the jitter must grow. On failure the process is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, CAPACITY_EXCEEDED, DIMENSION_MISMATCH (`count` is not the
 * number of observations), NOT_FINITE, NEGATIVE_COST (a distance), NOT_POSITIVE_DEFINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_append(hotnas_gp *gp,
                               size_t count,
                               const hotnas_real *distances,
                               hotnas_real value);

/**
 * Forgets all but the first `count` observations; nothing happens if there are no more than that.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_truncate(hotnas_gp *gp, size_t count);

/**
 * Replaces the values of all `count` observations; distances and factor stay. O(count^2). On failure
 * the process is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, NOT_FINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_set_values(hotnas_gp *gp,
                                   size_t count,
                                   const hotnas_real *values);

/**
 * Other hyperparameters. O(count^3). On failure the process is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NOT_FINITE, INVALID_SETTING, NOT_POSITIVE_DEFINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_set_hyperparameters(hotnas_gp *gp,
                                            const hotnas_hyperparameters *hyperparameters);

/**
 * Another kernel (a `hotnas_kernel`) with the same hyperparameters. O(count^3). On failure the process
 * is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, NOT_POSITIVE_DEFINITE, NOT_FINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_set_kernel(hotnas_gp *gp,
                                   int32_t kernel);

/**
 * Other ratios of the parts' length scales to that of the hyperparameters, all > 0. O(count^3). On failure the
 * process is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`part_count`), INVALID_SETTING,
 * NOT_POSITIVE_DEFINITE, NOT_FINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_set_ratios(hotnas_gp *gp,
                                   size_t part_count,
                                   const hotnas_real *ratios);

/**
 * Writes the default settings: FULL, prior deviation 1.5, noise from 1e-4 (float: 1e-3) to 1.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_fit_settings_default(hotnas_fit_settings *settings);

/**
 * Chooses hyperparameters by maximum marginal likelihood, deterministically, and puts them to use.
 * O(count^3) for each of a bounded number of evaluations. `report` may be NULL. On failure the process
 * is as before.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING, NO_OBSERVATION,
 * MEMORY_TOO_SMALL, NOT_POSITIVE_DEFINITE, NOT_FINITE.
 * Thread safety: one thread at a time for one process.
 */
hotnas_status hotnas_gp_fit(hotnas_gp *gp,
                            const hotnas_fit_settings *settings,
                            hotnas_workspace *workspace,
                            hotnas_fit_report *report);

/**
 * Mean and variance of the latent function (without noise) at `candidate_count` candidates.
 *
 * `distances`: candidates x observations (x parts). `mean` and `variance`: one per candidate; variances are
 * at least 0.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
 * MEMORY_TOO_SMALL.
 * Thread safety: reading only; not while another thread changes the process; a workspace each.
 */
hotnas_status hotnas_gp_posterior(const hotnas_gp *gp,
                                  size_t candidate_count,
                                  const hotnas_real *distances,
                                  hotnas_workspace *workspace,
                                  hotnas_real *mean,
                                  hotnas_real *variance);

/**
 * Bytes of workspace for `hotnas_gp_joint_posterior` at `candidate_count` candidates with `count`
 * observations; SIZE_MAX if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_gp_joint_workspace_size(size_t count, size_t candidate_count);

/**
 * Mean and covariance of the latent function (without noise) at `candidate_count` candidates.
 *
 * `distances`: candidates x observations (x parts). `between`: distances from each candidate to those before
 * it, row after row, n (n - 1) / 2 (x parts) for n candidates; may be NULL for one. `covariance`: a lower triangle with
 * its diagonal, row after row, n (n + 1) / 2. The diagonal is that of `hotnas_gp_posterior`.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST,
 * MEMORY_TOO_SMALL.
 * Thread safety: reading only; not while another thread changes the process; a workspace each.
 */
hotnas_status hotnas_gp_joint_posterior(const hotnas_gp *gp,
                                        size_t candidate_count,
                                        const hotnas_real *distances,
                                        const hotnas_real *between,
                                        hotnas_workspace *workspace,
                                        hotnas_real *mean,
                                        hotnas_real *covariance);

/**
 * Mean and variance (with noise and jitter) of each of the `count` observed values given all the
 * others; the residual is value - mean.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH, MEMORY_TOO_SMALL.
 * Thread safety: reading only; not while another thread changes the process; a workspace each.
 */
hotnas_status hotnas_gp_leave_one_out(const hotnas_gp *gp,
                                      size_t count,
                                      hotnas_workspace *workspace,
                                      hotnas_real *mean,
                                      hotnas_real *variance);

/**
 * Bytes of workspace for `hotnas_gp_clipped_posterior` with `count` observations, about 2 count^2 reals; SIZE_MAX
 * if that overflows.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_gp_clipped_workspace_size(size_t count);

/**
 * As `hotnas_gp_posterior`, but instead of jitter the negative eigenvalues of the correlation matrix are set to
 * 0, and what candidates have in common with the lost eigenvectors is left out too: for kernels of distances that
 * are not of negative type. O(count^3), about a hundred factorisations, in each call: ask for all candidates at
 * once. `clipping` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, SIZE_OVERFLOW, NOT_FINITE, NEGATIVE_COST, MEMORY_TOO_SMALL,
 * NOT_POSITIVE_DEFINITE (no eigenvalue is left).
 * Thread safety: reading only; not while another thread changes the process; a workspace each.
 */
hotnas_status hotnas_gp_clipped_posterior(const hotnas_gp *gp,
                                          size_t candidate_count,
                                          const hotnas_real *distances,
                                          hotnas_workspace *workspace,
                                          hotnas_real *mean,
                                          hotnas_real *variance,
                                          hotnas_clipping *clipping);

/**
 * Calibration of each observed value given all the others, as `hotnas_gp_leave_one_out` predicts it, with the
 * hyperparameters in use. `level`: probability of the band, in (0, 1).
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION, INVALID_SETTING (`level`), NOT_FINITE (also if a
 * variance is 0), MEMORY_TOO_SMALL.
 * Thread safety: reading only; not while another thread changes the process; a workspace each.
 */
hotnas_status hotnas_gp_calibration(const hotnas_gp *gp,
                                    hotnas_real level,
                                    hotnas_workspace *workspace,
                                    hotnas_calibration *calibration);

/**
 * Calibration of `count` predictions of any kind. `variances`: of what was observed, so with noise, > 0.
 * `level`: probability of the band, in (0, 1).
 *
 * Errors: NULL, MISALIGNED, NO_OBSERVATION, INVALID_SETTING (`level`, a variance), NOT_FINITE.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_predictions_calibration(size_t count,
                                             const hotnas_real *values,
                                             const hotnas_real *means,
                                             const hotnas_real *variances,
                                             hotnas_real level,
                                             hotnas_calibration *calibration);

/**
 * Transforms `count` values of which lower is better (a `hotnas_transform`) and standardises them to
 * mean 0 and standard deviation 1 into `out`; all 0 if they are equal. The order is kept.
 *
 * Errors: NULL, MISALIGNED, INVALID_ENUM, NOT_FINITE.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_values_transform(int32_t transform,
                                      size_t count,
                                      const hotnas_real *values,
                                      hotnas_real *out);

/* ------------------------------------------------------------------------------------------
 * ## Spaces
 *
 * A search space is a struct of numbers and callbacks: a genome is a short list of small numbers, gene
 * g below its cardinality, and `decode` builds the network that it stands for. A space is passed to each
 * call and never stored. Ready-made spaces and joint spaces, below, need no callbacks of yours.
 *
 * Callbacks are called only during a call that you make, on its thread. They must be pure: equal
 * arguments, equal answers, because a search decodes its earlier designs again whenever it needs them.
 * They may call the library, but not with the search, the cache or the workspace of the call that called them.
 *
 * ```c
 * // chains of two operations of the poster's table
 * static const uint8_t cardinalities[2] = {4, 4};
 * hotnas_space space = {0};
 * space.gene_count = 2;
 * space.cardinalities = cardinalities;
 * space.max_nodes = 2;
 * space.max_distinct = 1;
 * space.max_cells = 1;
 * // and space.decode: a function that fills a builder with hotnas_network_builder_add_cell and ..._push
 * if (space.gene_count != 2 || space.cardinalities[1] != 4) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Maximum number of genes of a genome. */
#define HOTNAS_MAX_GENES 64

/** What `decode` fills: valid only during the callback that receives it. */
typedef struct hotnas_network_builder {
    uint64_t _private[4];
} hotnas_network_builder;

/** Random numbers of a trial: valid only during the callback that receives it. */
typedef struct hotnas_random {
    uint64_t _private[4];
} hotnas_random;

/** A search space. Set it to zero, then set what you have. */
typedef struct hotnas_space {
    /** Passed to the callbacks. */
    void *user;
    /** Length of a genome, 1 to HOTNAS_MAX_GENES. */
    size_t gene_count;
    /** The number of values of each gene, `gene_count` numbers, at least 1. */
    const uint8_t *cardinalities;
    /** Maximum number of nodes of a cell, 1 to HOTNAS_MAX_NODES. */
    size_t max_nodes;
    /** Maximum number of different cells of a network, 1 to HOTNAS_MAX_CELLS. */
    size_t max_distinct;
    /** Maximum number of cells of a network with repetition, 1 to HOTNAS_MAX_CELLS. */
    size_t max_cells;
    /**
     * Builds the network of a genome with the functions `hotnas_network_builder_...`. Returns
     * HOTNAS_STATUS_OK, HOTNAS_STATUS_INFEASIBLE if the genome stands for no network (the search skips it),
     * or another status, which ends the call and becomes its status.
     */
    int32_t (*decode)(void *user, const uint8_t *genome, hotnas_network_builder *builder);
    /**
     * How many neighbours a genome has. They may repeat and may be infeasible. NULL (with
     * `neighbour`): the genomes that differ in one gene.
     */
    size_t (*neighbour_count)(void *user, const uint8_t *genome);
    /** Writes neighbour number `index` into `neighbour`. NULL as above. */
    void (*neighbour)(void *user, const uint8_t *genome, size_t index, uint8_t *neighbour);
    /** Writes a random genome with numbers from `hotnas_random_below`. NULL: each gene uniformly. */
    void (*sample)(void *user, hotnas_random *random, uint8_t *genome);
    /**
     * A number that is known before training: a latency, a size, an energy. Designs for which it is greater
     * than `limit` or not a number are infeasible. NULL: there is no limit.
     */
    hotnas_real (*cost)(void *user, const uint8_t *genome);
    /** Passed to `cost`. */
    void *cost_user;
    /** Counts only with `cost`. */
    hotnas_real limit;
} hotnas_space;

/**
 * Lists a cell without placing it. `index`: its number, that of an equal cell if one is listed already.
 *
 * Errors: those of `hotnas_cell_init` for the spec, CAPACITY_EXCEEDED beyond the limits of the space.
 * Thread safety: only inside the callback, on its thread.
 */
hotnas_status hotnas_network_builder_add_cell(hotnas_network_builder *builder,
                                              const hotnas_cell_spec *spec,
                                              uint8_t *index);

/**
 * Appends a listed cell to the sequence.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (no such cell), CAPACITY_EXCEEDED.
 * Thread safety: only inside the callback, on its thread.
 */
hotnas_status hotnas_network_builder_push(hotnas_network_builder *builder, uint8_t index);

/**
 * Relative depths of all `count` cells, in (0, 1], not decreasing, when the sequence is complete;
 * without this call (s+1)/count.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, DIMENSION_MISMATCH (`count` is not the length of the
 * sequence). Values are checked when the callback has returned.
 * Thread safety: only inside the callback, on its thread.
 */
hotnas_status hotnas_network_builder_set_positions(hotnas_network_builder *builder,
                                                   size_t count,
                                                   const hotnas_real *positions);

/**
 * Masses of all `count` cells when the sequence is complete; without this call equal ones.
 *
 * Errors: as for positions.
 * Thread safety: only inside the callback, on its thread.
 */
hotnas_status hotnas_network_builder_set_masses(hotnas_network_builder *builder,
                                                size_t count,
                                                const hotnas_real *masses);

/**
 * A random number below `n`, each equally likely; 0 if `n` is 0 or `random` is not what the running
 * callback received.
 *
 * Thread safety: only inside the callback, on its thread.
 */
uint32_t hotnas_random_below(hotnas_random *random, uint32_t n);

/* ------------------------------------------------------------------------------------------
 * ## Ready-made spaces
 *
 * The spaces of published benchmarks and the digits space of this project: their designs have numbers
 * and texts.
 *
 * ```c
 * hotnas_space space;
 * hotnas_operations operations;
 * uint8_t genome[6];
 * char text[HOTNAS_MAX_TEXT];
 * if (hotnas_space_init(&space, HOTNAS_READY_SPACE_TRANS_NAS_MACRO, &operations) != HOTNAS_STATUS_OK)
 *     return 1;
 * if (hotnas_space_parse(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, "64-1234-basic", 6, genome) !=
 *     HOTNAS_STATUS_OK)
 *     return 1;
 * if (hotnas_space_format(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, sizeof text, text) !=
 *     HOTNAS_STATUS_OK)
 *     return 1;
 * if (strcmp(text, "64-1234-basic") != 0) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Bytes that hold the text of any design of a ready-made or joint space, with the NUL at its end. */
#define HOTNAS_MAX_TEXT 320

/** The ready-made spaces. */
enum hotnas_ready_space
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * NAS-Bench-201: 6 genes below 5, the operations on the edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3
     * (none, skip, conv 1x1, conv 3x3, average pool). 15625 designs; text as in the benchmark,
     * `|nor_conv_3x3~0|+|...`.
     */
    HOTNAS_READY_SPACE_NAS_BENCH201 = 0,
    /**
     * TransNAS-Bench-101, macro level: 6 genes below 5, modules 1 to 4 from the front, 0 for none.
     * 3256 designs; text as in the benchmark, `64-1234-basic`.
     */
    HOTNAS_READY_SPACE_TRANS_NAS_MACRO = 1,
    /**
     * Small networks for 8 x 8 images of digits, the benchmark of this project: 7 genes, modules and
     * the operations of their cell. 2352 designs; text `NRN-312`.
     */
    HOTNAS_READY_SPACE_DIGITS = 2,
    /**
     * TransNAS-Bench-101, micro level: 6 genes below 4, the operations on the edges of NAS-Bench-201
     * (none, skip, conv 1x1, conv 3x3). 4096 designs; text as in the benchmark, `64-41414-3_33_333`.
     */
    HOTNAS_READY_SPACE_TRANS_NAS_MICRO = 3,
    /**
     * NAS-Bench-101: 26 genes, the upper triangle of the adjacency matrix of 7 vertices row by row
     * (0 or 1), then the operations of the 5 vertices between input and output (0 conv1x1-bn-relu,
     * 1 conv3x3-bn-relu, 2 maxpool3x3). Vertices on no path from input to output are taken away; more
     * than 9 edges among the others are infeasible. All 509607936 genomes have numbers, those of
     * infeasible ones stand for no design; there are 423624 different cells. Text
     * `100000_10000_1000_100_10_1+conv3x3-bn-relu+...`.
     */
    HOTNAS_READY_SPACE_NAS_BENCH101 = 4,
    /**
     * DARTS: 32 genes, for the normal, then the reduction cell, for each of 4 nodes, twice a source (0
     * and 1 the outputs of the cell before the last and the last, 2 on the nodes before; the two must
     * differ) and an operation (0 max_pool_3x3, 1 avg_pool_3x3, 2 skip_connect, 3 sep_conv_3x3,
     * 4 sep_conv_5x5, 5 dil_conv_3x3, 6 dil_conv_5x5). Networks of 20 cells, of which 6 and 13
     * (from 0) are reduction cells; other numbers: `hotnas_space_init_darts`. The 1.08e18 designs have
     * no numbers. Text `normal=|sep_conv_3x3~0|sep_conv_3x3~1|+|...|;reduce=|...|`.
     */
    HOTNAS_READY_SPACE_DARTS = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_ready_space hotnas_ready_space;
#else
typedef int32_t hotnas_ready_space;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Fills in a ready-made space (`which`: a `hotnas_ready_space`) and, unless `operations` is NULL, makes
 * the operation table that its cells are meant for: input, output, none, skip, conv 1x1, conv 3x3, pool
 * with 1 between any two (DARTS: its own ten), four operation groups and, for the spaces with modules, width and
 * resolution as attributes of weight 0.5 (choices of this project, not in the paper).
 *
 * Errors: NULL, MISALIGNED, INVALID_ENUM.
 * Thread safety: any thread; space and table may be shared afterwards.
 */
hotnas_status hotnas_space_init(hotnas_space *space,
                                int32_t which,
                                hotnas_operations *operations);

/**
 * Fills in the space HOTNAS_READY_SPACE_DARTS for networks of `cells` cells, 8 to 20, of which numbers
 * cells/3 and 2*cells/3 (from 0, rounded down) are reduction cells. Its operation table:
 * `hotnas_space_init`.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING (another number of cells).
 * Thread safety: any thread; the space may be shared afterwards.
 */
hotnas_status hotnas_space_init_darts(hotnas_space *space,
                                      size_t cells);

/**
 * How many designs a ready-made space numbers; 0 if it does not number them, or `which` is none.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_space_design_count(int32_t which);

/**
 * Writes the genome of design number `index`, below `hotnas_space_design_count`.
 *
 * Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE (index or `gene_count`), INFEASIBLE (a number that
 * stands for no design).
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_space_genome(int32_t which,
                                  size_t index,
                                  size_t gene_count,
                                  uint8_t *genome);

/**
 * Writes the number of the design that a genome stands for.
 *
 * Errors: NULL, MISALIGNED, INVALID_ENUM, INFEASIBLE (no design, or without a number, or a wrong `gene_count`).
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_space_index(int32_t which,
                                 size_t gene_count,
                                 const uint8_t *genome,
                                 size_t *index);

/**
 * Writes a design as text, NUL-terminated, into `size` bytes; HOTNAS_MAX_TEXT are always enough.
 *
 * Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE, INFEASIBLE, MEMORY_TOO_SMALL.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_space_format(int32_t which,
                                  size_t gene_count,
                                  const uint8_t *genome,
                                  size_t size,
                                  char *text);

/**
 * Reads a design from NUL-terminated text.
 *
 * Errors: NULL, INVALID_ENUM, GENOME_OUT_OF_RANGE (not the text of a design, or a wrong `gene_count`),
 * INFEASIBLE.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_space_parse(int32_t which,
                                 const char *text,
                                 size_t gene_count,
                                 uint8_t *genome);

/* ------------------------------------------------------------------------------------------
 * ## Joint spaces
 *
 * Networks that are a string of modules, made of cells with an operation on each edge: macro and cell
 * structure are searched together. You say which modules and which cells there are.
 *
 * ```c
 * // 2 to 4 modules; a cell is an operation on each edge of a triangle
 * static const hotnas_module_kind kinds[2] = {
 *     {1, 0, 0, 2, 0}, // one cell that changes nothing
 *     {1, 1, 1, 4, 0}, // a 1x1 convolution in front: twice the width, half the resolution
 * };
 * static const hotnas_edge edges[3] = {{0, 1}, {0, 2}, {1, 2}};
 * static const uint8_t operations[5] = {2, 3, 4, 5, 6}; // none, skip, conv 1x1, conv 3x3, pool
 * static const hotnas_joint joint = {2, 4, 2, kinds, 3, 3, edges, 5, operations, 1, 3, 3};
 * hotnas_space space;
 * uint8_t cardinalities[7], genome[7];
 * if (hotnas_joint_gene_count(&joint) != 7) return 1;
 * if (hotnas_joint_make_space(&joint, 7, cardinalities, &space) != HOTNAS_STATUS_OK) return 1;
 * if (hotnas_joint_parse(&joint, "121-312", 7, genome) != HOTNAS_STATUS_OK) return 1;
 * ```
 * ---------------------------------------------------------------------------------------- */

/** A kind of module: some equal cells, of which the first changes width and resolution. */
typedef struct hotnas_module_kind {
    /** How many cells it has, at least 1. */
    uint8_t cells;
    /** The width grows by a factor of 2 to this power. */
    uint8_t widen;
    /** The resolution shrinks by a factor of 2 to this power, to 1 at least. */
    uint8_t halve;
    /**
     * The operation of a node behind the input of the first cell, which makes the change; 2 (none):
     * there is none.
     */
    uint8_t step;
    /** The number of the cell design that its cells follow, below `design_count`. */
    uint8_t design;
} hotnas_module_kind;

/**
 * What a joint space consists of. Operations are those of a table with two attributes, log2 of width
 * and resolution, in which 0, 1 and 2 are input, output and none: the table that `hotnas_space_init`
 * makes for HOTNAS_READY_SPACE_DIGITS, or one with more operations.
 */
typedef struct hotnas_joint {
    /** The least number of modules, at least 1. */
    size_t shortest;
    /** The greatest number of modules. */
    size_t longest;
    /** 1 to 35. */
    size_t kind_count;
    /** Kinds of modules: a gene names them 1, 2, ..., and 0 is no module. */
    const hotnas_module_kind *kinds;
    /** Nodes of a cell that sum what enters: 0 is its input, the last its output. */
    size_t node_count;
    /** With input, output and, if a kind has one, the step at most HOTNAS_MAX_NODES. */
    size_t edge_count;
    /** The edges of a cell, from lower to higher nodes, those to lower nodes first. */
    const hotnas_edge *edges;
    /** 1 to 36. */
    size_t operation_count;
    /** The operations that an edge may carry; a gene is an index into them. */
    const uint8_t *operations;
    /** How many cell designs there are, at least 1: one for all kinds, or several. */
    size_t design_count;
    /** Log2 of the width that enters the first module. */
    uint8_t width;
    /** Log2 of the resolution that enters the first module. */
    uint8_t side;
} hotnas_joint;

/**
 * Length of a genome: `longest` modules, then the operation of each edge for each design. 0 if the
 * description is not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_joint_gene_count(const hotnas_joint *joint);

/**
 * Makes the space of a description, and writes the cardinalities of its `gene_count` genes. The space
 * points to both: they must stay and not change while it is used.
 *
 * Neighbours change one operation, or substitute, insert or delete a module. Operations without effect
 * become isolated `none` nodes; a network with a cell whose output is not reached is infeasible.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING (a number outside its range, an edge out of order, more
 * than HOTNAS_MAX_GENES genes or HOTNAS_MAX_CELLS cells), GENOME_OUT_OF_RANGE (another `gene_count`).
 * Thread safety: any thread; the space may be shared afterwards.
 */
hotnas_status hotnas_joint_make_space(const hotnas_joint *joint,
                                      size_t gene_count,
                                      uint8_t *cardinalities,
                                      hotnas_space *space);

/**
 * How many genomes a joint space numbers, feasible or not; 0 if they are too many for a `size_t` or the
 * description is not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_joint_genome_count(const hotnas_joint *joint);

/**
 * Writes genome number `index`: by the number of modules, then lexicographic.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (index or `gene_count`), INFEASIBLE (it
 * stands for no network).
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_joint_genome(const hotnas_joint *joint,
                                  size_t index,
                                  size_t gene_count,
                                  uint8_t *genome);

/**
 * Writes the number of a genome.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (more than HOTNAS_MAX_GENES genes), INFEASIBLE
 * (no network, too large a number, or a wrong `gene_count`).
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_joint_index(const hotnas_joint *joint,
                                 size_t gene_count,
                                 const uint8_t *genome,
                                 size_t *index);

/**
 * Writes a design as text, NUL-terminated, into `size` bytes; HOTNAS_MAX_TEXT are always enough: the
 * modules, then the operations of each design, such as `121-312`. Digits go on with the letters from `a`.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (more than HOTNAS_MAX_GENES genes), INFEASIBLE (no
 * network, or a wrong `gene_count`), MEMORY_TOO_SMALL.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_joint_format(const hotnas_joint *joint,
                                  size_t gene_count,
                                  const uint8_t *genome,
                                  size_t size,
                                  char *text);

/**
 * Reads a design from NUL-terminated text.
 *
 * Errors: NULL, MISALIGNED, INVALID_SETTING, GENOME_OUT_OF_RANGE (not the text of a design, or a wrong
 * `gene_count`), INFEASIBLE.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_joint_parse(const hotnas_joint *joint,
                                 const char *text,
                                 size_t gene_count,
                                 uint8_t *genome);

/* ------------------------------------------------------------------------------------------
 * ## Search
 *
 * What to train next: ask for a genome, train its network, tell the value (lower is better), as often
 * as you like. A search is a state: it grows with trials up to its capacity and belongs to one thread
 * at a time. Its handle must stay where it is: a copy is refused with NOT_INITIALISED.
 *
 * You number the trials, in any order. What `ask` proposes depends on seed, trial number, told trials
 * with their values, pending and failed trials and settings, and on nothing else: not on the order of
 * the calls, not on the cache. So many workers may share a search, and a search that was saved and
 * restored goes on as if it had never stopped. Pass the same space and metric to every call.
 *
 * ```c
 * // Seeks the design with the lowest number among 3256; looks at 20 of them.
 * hotnas_space space;
 * hotnas_operations operations;
 * hotnas_metric_settings metric_settings;
 * hotnas_metric metric;
 * hotnas_search_settings settings;
 * hotnas_search search;
 * hotnas_workspace workspace;
 * uint32_t trial, best_trial;
 * uint8_t genome[6];
 * hotnas_real best;
 * size_t size, scratch_size, design;
 * void *memory, *scratch;
 * if (hotnas_space_init(&space, HOTNAS_READY_SPACE_TRANS_NAS_MACRO, &operations) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_settings_default(&metric_settings) != HOTNAS_STATUS_OK ||
 *     hotnas_metric_init(&metric, &operations, &metric_settings) != HOTNAS_STATUS_OK ||
 *     hotnas_search_settings_compact(&settings) != HOTNAS_STATUS_OK)
 *     return 1;
 * size = hotnas_search_size(&settings, 20, space.gene_count);
 * scratch_size = hotnas_search_workspace_size(&settings, 20, &space, &metric);
 * memory = malloc(size);
 * scratch = malloc(scratch_size);
 * if (memory == NULL || scratch == NULL) return 1;
 * if (hotnas_workspace_init(&workspace, scratch, scratch_size) != HOTNAS_STATUS_OK ||
 *     hotnas_search_init(&search, &settings, 20, space.gene_count, memory, size) != HOTNAS_STATUS_OK)
 *     return 1;
 * for (trial = 0; trial < 20; trial++) {
 *     if (hotnas_search_ask(&search, trial, &space, &metric, NULL, &workspace, NULL, genome) !=
 *         HOTNAS_STATUS_OK)
 *         return 1;
 *     // Train the network of `genome` here; this example takes the number of the design for its loss.
 *     if (hotnas_space_index(HOTNAS_READY_SPACE_TRANS_NAS_MACRO, 6, genome, &design) != HOTNAS_STATUS_OK)
 *         return 1;
 *     if (hotnas_search_tell(&search, trial, (hotnas_real)design) != HOTNAS_STATUS_OK) return 1;
 * }
 * if (hotnas_search_best(&search, &best_trial, &best, genome) != HOTNAS_STATUS_OK) return 1;
 * printf("best: design %.0f in trial %u\n", (double)best, (unsigned)best_trial);
 * free(scratch);
 * free(memory);
 * ```
 * ---------------------------------------------------------------------------------------- */

/** Default number of random designs at the start. */
#define HOTNAS_DEFAULT_INITIAL 10

/** How designs are proposed. */
enum hotnas_method
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** A Gaussian process over network distances and an acquisition function. */
    HOTNAS_METHOD_HOTNAS = 0,
    /** Random designs, no design twice. */
    HOTNAS_METHOD_RANDOM = 1,
    /** Regularised evolution. */
    HOTNAS_METHOD_EVOLUTION = 2,
    /** Local search, best first: an untried neighbour of the best told design that has one. */
    HOTNAS_METHOD_LOCAL_SEARCH = 3,
    /** The pool of HOTNAS and a random pick from it: a control. */
    HOTNAS_METHOD_POOL = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_method hotnas_method;
#else
typedef int32_t hotnas_method;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What makes a candidate worth trying. */
enum hotnas_acquisition
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Upper confidence bound: -mean + kappa * standard deviation. */
    HOTNAS_ACQUISITION_UPPER_CONFIDENCE_BOUND = 0,
    /** Expected improvement on the least posterior mean of a told design. */
    HOTNAS_ACQUISITION_EXPECTED_IMPROVEMENT = 1,
    /** A draw from the joint posterior of the shortlist: Thompson sampling. */
    HOTNAS_ACQUISITION_THOMPSON = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_acquisition hotnas_acquisition;
#else
typedef int32_t hotnas_acquisition;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The value that stands in for a pending trial while others are proposed. */
enum hotnas_pending
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** The posterior mean there (kriging believer). */
    HOTNAS_PENDING_BELIEVER = 0,
    /** The least told value (constant liar): repels from pending designs the least. */
    HOTNAS_PENDING_LEAST = 1,
    /** The mean of the told values (constant liar). */
    HOTNAS_PENDING_MEAN = 2,
    /** The greatest told value (constant liar): repels the most. */
    HOTNAS_PENDING_GREATEST = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_pending hotnas_pending;
#else
typedef int32_t hotnas_pending;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How designs that are evaluated together are chosen. The first is always what `ask` would propose. With THOMPSON
 * all but SEQUENTIAL make independent draws.
 */
enum hotnas_batch_rule
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** One after the other, the earlier ones pending: a model and a pool for each. */
    HOTNAS_BATCH_RULE_SEQUENTIAL = 0,
    /** The greatest acquisitions. */
    HOTNAS_BATCH_RULE_TOP = 1,
    /** Acquisitions are reduced near designs that were chosen. */
    HOTNAS_BATCH_RULE_LOCAL_PENALISATION = 2,
    /**
     * The most probable set of a k-DPP, greedily: each has the greatest squared quality (the exponential
     * of the acquisition) times posterior variance given those chosen before.
     */
    HOTNAS_BATCH_RULE_DETERMINANTAL = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_batch_rule hotnas_batch_rule;
#else
typedef int32_t hotnas_batch_rule;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** How kappa grows with the number n of observations. */
enum hotnas_kappa_schedule
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** It does not. */
    HOTNAS_KAPPA_SCHEDULE_CONSTANT = 0,
    /** kappa * sqrt(ln(2 n + 1)). */
    HOTNAS_KAPPA_SCHEDULE_LOGARITHMIC = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_kappa_schedule hotnas_kappa_schedule;
#else
typedef int32_t hotnas_kappa_schedule;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The meaning of a second number that is told with every trial. A second Gaussian process predicts it. */
enum hotnas_second
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** There is none. */
    HOTNAS_SECOND_NONE = 0,
    /**
     * A measured constraint: designs with more than `second_limit` are infeasible. The expected improvement
     * on the best feasible design times the probability of feasibility, in place of the acquisition. Not
     * with THOMPSON.
     */
    HOTNAS_SECOND_LIMIT = 1,
    /**
     * Another objective, lower is better: random scalarisation, the augmented Chebyshev norm of both
     * confidence bounds with weights drawn for each trial. Only with UPPER_CONFIDENCE_BOUND.
     */
    HOTNAS_SECOND_WEIGHTED = 2,
    /**
     * Another objective, lower is better: the exact expected hypervolume improvement, in place of the
     * acquisition. Not with THOMPSON.
     */
    HOTNAS_SECOND_HYPERVOLUME = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_second hotnas_second;
#else
typedef int32_t hotnas_second;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** Where a proposed design comes from. */
enum hotnas_origin
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** A random design, without a model. */
    HOTNAS_ORIGIN_RANDOM = 0,
    /** The model's choice: a neighbour of one of the best designs. */
    HOTNAS_ORIGIN_NEIGHBOUR = 1,
    /** The model's choice: two edits from one of the best designs. */
    HOTNAS_ORIGIN_MUTANT = 2,
    /** The model's choice: a random candidate. */
    HOTNAS_ORIGIN_SAMPLE = 3,
    /** A neighbour of the winner of a tournament. */
    HOTNAS_ORIGIN_EVOLUTION = 4,
    /** Random draws found nothing new: the first new one in a walk through the genomes. */
    HOTNAS_ORIGIN_SCAN = 5,
    /** A neighbour of the best design that has untried ones. */
    HOTNAS_ORIGIN_LOCAL = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_origin hotnas_origin;
#else
typedef int32_t hotnas_origin;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What is known about a trial. */
enum hotnas_trial_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Proposed, no result yet. */
    HOTNAS_TRIAL_STATE_PENDING = 0,
    /** It has a value. */
    HOTNAS_TRIAL_STATE_TOLD = 1,
    /** It ended without a value. */
    HOTNAS_TRIAL_STATE_FAILED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum hotnas_trial_state hotnas_trial_state;
#else
typedef int32_t hotnas_trial_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** Settings of a search. Start from a preset. */
typedef struct hotnas_search_settings {
    /** Seed of everything random. */
    uint64_t seed;
    /** Factor of the upper confidence bound, 0 to 1e6. */
    hotnas_real kappa;
    /** How hyperparameters are chosen. */
    hotnas_fit_settings fit;
    /** A `hotnas_method`. */
    int32_t method;
    /** A `hotnas_acquisition`. */
    int32_t acquisition;
    /** A `hotnas_kappa_schedule`. */
    int32_t kappa_schedule;
    /** A `hotnas_kernel`. */
    int32_t kernel;
    /** A `hotnas_transform` for the values. */
    int32_t transform;
    /** HOTNAS, LOCAL_SEARCH, POOL: designs are random until this many trials were told. */
    uint32_t initial;
    /** HOTNAS: the number of best designs all of whose neighbours are candidates, at least 1. */
    uint32_t parents;
    /** HOTNAS: the number of candidates two edits away from one of them. */
    uint32_t mutants;
    /** HOTNAS: the number of random candidates. */
    uint32_t random;
    /** HOTNAS: the maximum number of candidates, greater than mutants + random. */
    uint32_t limit;
    /**
     * HOTNAS: for how many trials in a row mutants and random candidates stay, 1 to 1000. With a cache only
     * new ones cost time.
     */
    uint32_t life;
    /** EVOLUTION: the number of latest told trials that are alive, at least 1. */
    uint32_t population;
    /** EVOLUTION: the number of draws from them in a tournament, at least 1. */
    uint32_t tournament;
    /** How many candidates are predicted at a time, 1 to 256: memory against speed, results stay the same. */
    uint32_t block;
    /** How many genomes are tried in order before SPACE_EXHAUSTED if random draws find nothing new. */
    uint32_t scan;
    /** A `hotnas_pending`. */
    int32_t pending;
    /** A `hotnas_batch_rule`. */
    int32_t batch;
    /**
     * How many of the best candidates are considered jointly, 1 to 256: for THOMPSON and for every batch rule
     * but SEQUENTIAL.
     */
    uint32_t shortlist;
    /** Kernels that are tried beside `kernel` in every fit: bit k for the `hotnas_kernel` of value k. */
    uint32_t other_kernels;
    /**
     * Transforms of the values that are tried beside `transform` in every fit: bit k for the `hotnas_transform` of
     * value k, not RANK. The one under which the untransformed values are likeliest is used.
     */
    uint32_t other_transforms;
    /**
     * Parts of the distance that have a length scale each in a product of kernels: 1, the distance as a whole,
     * or all that the metric's distance has (`hotnas_metric_part_count`).
     */
    uint32_t parts;
    /** A `hotnas_second`. */
    int32_t second;
    /** The greatest feasible second number; counts for LIMIT only. */
    hotnas_real second_limit;
} hotnas_search_settings;

/** A search: a handle over lent memory. It must not be copied or moved. */
typedef struct hotnas_search {
    uint64_t _private[128];
} hotnas_search;

/** What a search holds. */
typedef struct hotnas_search_info {
    /** Maximum number of trials. */
    size_t capacity;
    /** Genes of a design. */
    size_t gene_count;
    /** Trials. */
    size_t trial_count;
    /** Trials with a value. */
    size_t told_count;
    /** Trials without a result yet. */
    size_t pending_count;
} hotnas_search_info;

/** What `ask` reports besides the genome. */
typedef struct hotnas_proposal {
    /** Posterior mean, in units of the transformed and standardised values; 0 unless predicted. */
    hotnas_real mean;
    /** Posterior standard deviation without noise; 0 unless predicted. */
    hotnas_real deviation;
    /** What the design won the pool with (THOMPSON: the bound that the shortlist is made by); 0 unless predicted. */
    hotnas_real acquisition;
    /** A `hotnas_origin`. */
    int32_t origin;
    /** 1 if the model chose the design, else 0. */
    uint32_t predicted;
    /** Told trials at that time. */
    uint32_t observations;
    /** Candidates that the model compared. */
    uint32_t candidates;
} hotnas_proposal;

/** One trial. */
typedef struct hotnas_trial {
    /** The value; 0 unless the trial was told. */
    hotnas_real value;
    /** The second number; 0 unless the trial was told with one. */
    hotnas_real second;
    /** Your number of it. */
    uint32_t number;
    /** A `hotnas_trial_state`. */
    int32_t state;
    /** The hash of the design's network. */
    uint32_t fingerprint[4];
} hotnas_trial;

/** Default factor of the upper confidence bound. */
#define HOTNAS_DEFAULT_KAPPA ((hotnas_real)2.0)

/**
 * Writes the settings that serve all spaces alike: ten random designs, kernel exp(-d/l), SOFT values,
 * upper confidence bound with kappa 2, about 1000 candidates.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_search_settings_default(hotnas_search_settings *settings);

/**
 * Writes the settings of the HOTNAS poster: the default with values that are standardised only.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_search_settings_poster(hotnas_search_settings *settings);

/**
 * Writes the default settings with few candidates, one at a time, for small devices.
 *
 * Errors: NULL, MISALIGNED.
 * Thread safety: any thread at any time.
 */
hotnas_status hotnas_search_settings_compact(hotnas_search_settings *settings);

/**
 * Bytes of memory for `capacity` trials of `gene_count` genes; SIZE_MAX if that overflows or the
 * settings are not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_search_size(const hotnas_search_settings *settings,
                          size_t capacity,
                          size_t gene_count);

/**
 * Bytes of workspace for every function of a search of this capacity; SIZE_MAX if that overflows or an
 * argument is not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_search_workspace_size(const hotnas_search_settings *settings,
                                    size_t capacity,
                                    const hotnas_space *space,
                                    const hotnas_metric *metric);

/**
 * Makes a search without trials in `size` bytes at `memory`, which must outlive it.
 *
 * Errors: NULL, MISALIGNED, INVALID_ENUM, INVALID_SETTING (also for no genes or more than
 * HOTNAS_MAX_GENES), SIZE_OVERFLOW, MEMORY_TOO_SMALL.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_init(hotnas_search *search,
                                 const hotnas_search_settings *settings,
                                 size_t capacity,
                                 size_t gene_count,
                                 void *memory,
                                 size_t size);

/**
 * Counts.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_describe(const hotnas_search *search,
                                     hotnas_search_info *info);

/**
 * The Gaussian process of the search as the last `ask` left it: hyperparameters, jitter, likelihood.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (the method has none).
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_describe_gp(const hotnas_search *search,
                                        hotnas_gp_info *info);

/**
 * Forgets all trials.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_clear(hotnas_search *search);

/**
 * Proposes a design for a new trial and keeps the trial as pending. No design is proposed whose
 * network was tried already, whatever came of it.
 *
 * `cache` and `proposal` may be NULL. `genome`: as many bytes as the space has genes.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, TRIAL_EXISTS, CAPACITY_EXCEEDED, GENOME_OUT_OF_RANGE (the
 * space has another number of genes, or an earlier genome is not of it), INVALID_SETTING (the space),
 * DIMENSION_MISMATCH (`parts` of the settings is neither 1 nor the number of parts of the metric's distance),
 * MEMORY_TOO_SMALL, SPACE_EXHAUSTED, SAVED_SETTINGS (the space decodes an earlier genome to another network than
 * before), NOT_FINITE (the difference of two told values overflows), NOT_POSITIVE_DEFINITE, what `decode` returned.
 * Nothing changes then.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_ask(hotnas_search *search,
                                uint32_t trial,
                                const hotnas_space *space,
                                const hotnas_metric *metric,
                                hotnas_cache *cache,
                                hotnas_workspace *workspace,
                                hotnas_proposal *proposal,
                                uint8_t *genome);

/**
 * Proposes designs for `count` new trials `first`, `first + 1`, ... that are evaluated together, as the
 * settings' `batch` says, and keeps the trials as pending.
 *
 * `cache` may be NULL. `genomes`: `count` x as many bytes as the space has genes.
 *
 * Errors: as `hotnas_search_ask`, and SIZE_OVERFLOW. Nothing changes then, not even if there are some new
 * designs (SPACE_EXHAUSTED), but not enough.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_ask_batch(hotnas_search *search,
                                      uint32_t first,
                                      size_t count,
                                      const hotnas_space *space,
                                      const hotnas_metric *metric,
                                      hotnas_cache *cache,
                                      hotnas_workspace *workspace,
                                      uint8_t *genomes);

/**
 * Logarithm of the marginal likelihood of the told values under a metric: the greater, the better the metric
 * explains them. Serves to choose among a few settings, such as epsilon and lambda; then give the chosen one to
 * `ask`. With another metric than before everything that is known about distances is computed anew.
 *
 * `cache` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (also if the method has no process), and those of
 * `hotnas_search_ask`.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_evidence(hotnas_search *search,
                                     const hotnas_space *space,
                                     const hotnas_metric *metric,
                                     hotnas_cache *cache,
                                     hotnas_workspace *workspace,
                                     hotnas_real *evidence);

/**
 * Gives a pending trial its value, lower is better. In the order of the trials it is the cheapest.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED, NOT_FINITE, DIMENSION_MISMATCH
 * (a second number is expected). Nothing changes then.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_tell(hotnas_search *search,
                                 uint32_t trial,
                                 hotnas_real value);

/**
 * Gives a pending trial its value and its second number, as the settings' `second` says.
 *
 * Errors: as `hotnas_search_tell`; DIMENSION_MISMATCH if no second number is expected.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_tell_both(hotnas_search *search,
                                      uint32_t trial,
                                      hotnas_real value,
                                      hotnas_real second);

/**
 * Ends a pending trial without a value. Its design is not proposed again.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL, TRIAL_CLOSED. Nothing changes then.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_fail(hotnas_search *search, uint32_t trial);

/**
 * Adds a trial that was never asked for, in any state (a `hotnas_trial_state`): a design that somebody
 * else evaluates, has evaluated or failed to evaluate. `value` counts for TOLD only, and so does `second`,
 * which is ignored where no second number is expected. `genome`: as many bytes as the space has genes.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_ENUM, INVALID_SETTING (the space), TRIAL_EXISTS,
 * CAPACITY_EXCEEDED, GENOME_OUT_OF_RANGE, INFEASIBLE, NOT_FINITE, MEMORY_TOO_SMALL, what `decode` returned. Nothing changes
 * then.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_tell_design(hotnas_search *search,
                                        uint32_t trial,
                                        int32_t state,
                                        hotnas_real value,
                                        hotnas_real second,
                                        const uint8_t *genome,
                                        const hotnas_space *space,
                                        const hotnas_metric *metric,
                                        hotnas_workspace *workspace);

/**
 * The told trial with the least value; of equal ones the earliest. With a measured limit the best
 * feasible one; NO_OBSERVATION if there is none. `genome` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION.
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_best(const hotnas_search *search,
                                 uint32_t *trial,
                                 hotnas_real *value,
                                 uint8_t *genome);

/**
 * Writes the numbers of the told trials that no other one dominates (not worse in value and second number
 * and better in one), ascending, and how many there are; of equal ones the earliest. `trials`: room for
 * `capacity` numbers.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, CAPACITY_EXCEEDED (there are more). Nothing is written then.
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_front(const hotnas_search *search,
                                  size_t capacity,
                                  uint32_t *trials,
                                  size_t *count);

/**
 * Trial number `index` in ascending order of your numbers. `genome` may be NULL.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, UNKNOWN_TRIAL (`index` is not below the trial count).
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_read_trial(const hotnas_search *search,
                                       size_t index,
                                       hotnas_trial *trial,
                                       uint8_t *genome);

/**
 * Bytes of a saved search of `trial_count` trials of `gene_count` genes, with a second number each if the settings
 * have one; SIZE_MAX if that overflows or the settings are not valid.
 *
 * Thread safety: any thread at any time.
 */
size_t hotnas_search_saved_size(const hotnas_search_settings *settings,
                                size_t trial_count,
                                size_t gene_count);

/**
 * Writes all trials and a fingerprint of settings, space and metric into at most `size` bytes; `written` says
 * how many. The bytes are the same on every machine and carry version, precision and a checksum.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_SETTING (the space), GENOME_OUT_OF_RANGE (the space has
 * another number of genes), SIZE_OVERFLOW, MEMORY_TOO_SMALL.
 * Thread safety: reading only; not while another thread changes the search.
 */
hotnas_status hotnas_search_save(const hotnas_search *search,
                                 const hotnas_space *space,
                                 const hotnas_metric *metric,
                                 size_t size,
                                 uint8_t *bytes,
                                 size_t *written);

/**
 * Replaces all trials by those of a saved search. The next `ask` proposes what the saved search would
 * have proposed. Bytes behind the saved state are ignored.
 *
 * Settings (but `block`), space and metric must be those of the saved search, else SAVED_SETTINGS: everything that
 * proposals depend on, the seed and kappa too; not the capacity. A space is known by its cardinalities and by
 * the networks that it decodes the tried genomes to. To go on with other settings, give the trials of the old search
 * to a new one with `hotnas_search_tell_design`.
 *
 * Errors: NULL, MISALIGNED, NOT_INITIALISED, INVALID_SETTING (the space), NOT_A_SAVED_STATE (also if bytes are
 * missing), SAVED_VERSION, SAVED_PRECISION, SAVED_CHECKSUM, SAVED_SETTINGS, CAPACITY_EXCEEDED, MEMORY_TOO_SMALL,
 * GENOME_OUT_OF_RANGE, what `decode` returned. Nothing changes then.
 * Thread safety: one thread at a time for one search.
 */
hotnas_status hotnas_search_restore(hotnas_search *search,
                                    size_t size,
                                    const uint8_t *bytes,
                                    const hotnas_space *space,
                                    const hotnas_metric *metric,
                                    hotnas_workspace *workspace);
#ifdef __cplusplus
}
#endif

#endif /* HOTNAS_H */
