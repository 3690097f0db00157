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
void board_print_number(uint32_t number);
void board_print_hash(uint64_t hash);

/* FNV-1a with 64 bits. */
#define BOARD_HASH_START 0xcbf29ce484222325u
static inline uint64_t board_hash(uint64_t hash, const void *bytes, uint32_t count)
{
    const uint8_t *byte = bytes;
    for (; count > 0; count--) hash = (hash ^ *byte++) * 0x100000001b3u;
    return hash;
}

/* Without an operating system only. */

/* Counts instructions until the next board_count. */
void board_start_counting(void);
uint32_t board_count(void);

/* Fills the free stack with a pattern; bytes of stack that were in use below the caller's frame since then. */
void board_paint_stack(void);
uint32_t board_stack_used(void);

#endif
