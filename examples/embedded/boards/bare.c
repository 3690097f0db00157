/* Start of a program without an operating system, and the four routines that a compiler calls on its own.
 * Printing and the end of the program go through semihosting. */
#include "bare.h"
#include "board.h"

#include <stddef.h>

/* Defined by bare.ld. */
extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[];

enum { SYS_WRITE0 = 0x04, SYS_EXIT = 0x18 };
enum { APPLICATION_EXIT = 0x20026, RUN_TIME_ERROR = 0x20023 };

#define PAINT 0xa5a5a5a5u

int main(void);

void board_print(const char *text)
{
    bare_semihost(SYS_WRITE0, text);
}

static void leave(uintptr_t reason)
{
    for (;;) bare_semihost(SYS_EXIT, (const void *)reason);
}

void bare_fail(void)
{
    leave(RUN_TIME_ERROR);
}

/* The stack grows down from the end of RAM towards the variables. These words are the last before them. */
#define GUARD 4

void bare_begin(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    int result;
    for (to = data_start; to < data_end; to++) *to = *from++;
    for (to = bss_start; to < bss_end + GUARD; to++) *to = to < bss_end ? 0 : PAINT;
    result = main();
    for (to = bss_end; to < bss_end + GUARD && *to == PAINT; to++) {}
    if (to < bss_end + GUARD) {
        board_print("the stack was too small\n");
        result = 1;
    }
    leave(result == 0 ? APPLICATION_EXIT : RUN_TIME_ERROR);
}

/* Words of the stack that a function here may use for itself. */
#define MARGIN 16

static uint32_t *painted_until;

__attribute__((noinline)) void board_paint_stack(void)
{
    /* What lies below this frame is free, but for what this function itself may still store. */
    uint32_t *to = (uint32_t *)__builtin_frame_address(0) - MARGIN;
    painted_until = to;
    for (; to > bss_end; to--) to[-1] = PAINT;
}

uint32_t board_stack_used(void)
{
    const uint32_t *at = bss_end;
    while (at < painted_until && *at == PAINT) at++;
    return (uint32_t)(painted_until + MARGIN - at) * 4;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    while (size-- > 0) *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (out <= in) return memcpy(to, from, size);
    while (size-- > 0) out[size] = in[size];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *out = to;
    while (size-- > 0) *out++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (; size > 0; size--, x++, y++)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}
