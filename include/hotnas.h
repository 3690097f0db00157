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
 * Conventions, each of which a test holds:
 *
 *  - Names are hotnas_<thing>_<verb>. The object comes first, outputs come last.
 *  - Every function that can fail returns hotnas_status; 0 is success. On failure no output is
 *    written, not even partly. Statuses are values, not bits; compare with HOTNAS_STATUS_OK.
 *  - The library allocates nothing, stores nothing globally, takes no locks and prints nothing. What
 *    it needs, the caller lends (section "Lent memory and the workspace").
 *  - const means read-only. Pointers are checked for NULL and alignment. Where NULL has a meaning
 *    ("not given", "not wanted") the function says so; for zero elements NULL is always allowed.
 *  - Counts and sizes are size_t and are checked for overflow.
 *  - Enumerations are passed as int32_t and checked.
 *  - Matrices are row-major and dense: element (i, j) of an n x m matrix is at [i * m + j].
 *  - Strings are static, UTF-8, NUL-terminated, never to be freed.
 *  - Results have the same bits on every machine, in either precision: no value depends on the
 *    instruction set, the compiler of the program or the number of threads.
 *  - hotnas_real is double. Define HOTNAS_F32 before including this header to use the library of the
 *    other precision (libhotnas_f32), where it is float. Exported symbols end in _f64 or _f32, so a
 *    program compiled for the wrong one does not link, and both libraries can serve one program.
 *  - Handles (hotnas_cell, hotnas_network ...) are small structs of fixed size with private words. A
 *    handle that was never initialised is recognised as long as its first word does not happen to
 *    hold the mark of an initialised one: set handles to zero.
 *
 * Undefined behaviour, the complete list: a pointer that is not valid for as many elements as the
 * function says; outputs or lent memory that overlap other arguments; changing or freeing memory
 * while a handle over it is in use; one workspace, or one object that is not const, used by two
 * threads at the same time; writing into the private words of a handle; a callback that does not
 * return (longjmp, exceptions).
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
#define hotnas_workspace_init HOTNAS_SYMBOL(hotnas_workspace_init)

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
    /** An integer that stands for an enumeration is none of its values. */
    HOTNAS_STATUS_INVALID_ENUM = 9,
    /**
     * The handle was not initialised, was initialised as something else, or is a copy of a handle
     * that must not be copied.
     */
    HOTNAS_STATUS_NOT_INITIALISED = 10,
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
    /** The saved state belongs to other settings or another space. */
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
hotnas_status hotnas_workspace_init(struct hotnas_workspace *workspace, void *memory, size_t size);
#ifdef __cplusplus
}
#endif

#endif /* HOTNAS_H */
