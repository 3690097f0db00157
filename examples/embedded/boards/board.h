/*
 * What the programs of this folder ask of a machine.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Prints NUL-terminated text. */
void board_print(const char *text);

/* Without an operating system only. */

/* Counts instructions until the next board_count. */
void board_start_counting(void);
uint32_t board_count(void);

/* Fills the free stack with a pattern; bytes of stack that were in use below the caller's frame since then. */
void board_paint_stack(void);
uint32_t board_stack_used(void);

#endif
