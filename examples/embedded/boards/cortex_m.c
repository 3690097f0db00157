/* Arm Cortex-M: vector table, floating-point unit, semihosting, and the system timer as a counter of
 * instructions. */
#include "bare.h"
#include "board.h"

extern uint32_t stack_top[];

static volatile uint32_t *const syst_csr = (volatile uint32_t *)0xe000e010;
static volatile uint32_t *const syst_rvr = (volatile uint32_t *)0xe000e014;
static volatile uint32_t *const syst_cvr = (volatile uint32_t *)0xe000e018;

/* The timer counts down from here, and interrupts at 0. */
#define TURN 0xffffffu

static volatile uint32_t turns;

static void on_timer(void)
{
    turns++;
}

void start(void)
{
#ifdef __ARM_FP
    /* Access to the coprocessors 10 and 11, which are the floating-point unit. */
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb");
#endif
    bare_begin();
}

__attribute__((section(".start"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top,   (uintptr_t)start,     (uintptr_t)bare_fail, (uintptr_t)bare_fail,
    (uintptr_t)bare_fail,   (uintptr_t)bare_fail, (uintptr_t)bare_fail, (uintptr_t)bare_fail,
    0,                      0,                    0,                    (uintptr_t)bare_fail,
    (uintptr_t)bare_fail,   0,                    (uintptr_t)bare_fail, (uintptr_t)on_timer};

long bare_semihost(long operation, const void *argument)
{
    register long r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_start_counting(void)
{
    *syst_csr = 0;
    turns = 0;
    *syst_rvr = TURN;
    *syst_cvr = 0;
    *syst_csr = 7;
}

/* An instruction takes NANOSECONDS of the emulator's time, and the timer ticks MEGAHERTZ times in 1000 of them. */
uint32_t board_count(void)
{
    uint32_t left = *syst_cvr;
    *syst_csr = 0;
    return (uint32_t)(((uint64_t)turns * (TURN + 1u) + (TURN - left)) * 1000 / (MEGAHERTZ * NANOSECONDS));
}
