/* RISC-V with 32 bits: start, semihosting, and the counter of instructions that the architecture has. */
#include "bare.h"
#include "board.h"

/* .option norelax: a linker must not shorten the address by a global pointer that nobody sets. */
__asm__(".section .start, \"ax\"\n"
        ".global start\n"
        "start:\n"
        ".option push\n.option norelax\n"
        "la sp, stack_top\n"
        ".option pop\n"
        "call bare_begin\n"
        ".text\n");

/* Three instructions that a debugger recognises; they must not be compressed or torn apart. */
__asm__(".global bare_semihost\n"
        ".balign 16\n"
        "bare_semihost:\n"
        ".option push\n.option norvc\n"
        "slli x0, x0, 0x1f\n"
        "ebreak\n"
        "srai x0, x0, 7\n"
        ".option pop\n"
        "ret\n");

static uint32_t before;

static uint32_t retired(void)
{
    uint32_t count;
    /* csrr count, minstret */
    __asm__ volatile(".insn i 0x73, 2, %0, x0, -1278" : "=r"(count));
    return count;
}

void board_start_counting(void)
{
    before = retired();
}

uint32_t board_count(void)
{
    /* The emulator's counter is its time: NANOSECONDS for each instruction. */
    return (retired() - before) / NANOSECONDS;
}
