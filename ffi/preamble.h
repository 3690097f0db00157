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
 *    written, not even partly. Statuses are values, not bits; compare with HOTNAS_STATUS_OK.
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
/* @symbols@ */

#ifdef __cplusplus
extern "C" {
#endif
