/* Start of a Cortex-M4F, and output through the debugger. Replace both by your board's own. */
#include <stdint.h>

#include "board.h"

int main(void);
extern uint32_t stack_top, data_start, data_end, data_image, bss_start, bss_end;

static int debugger(int operation, const void *argument) {
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char *text) { debugger(0x04, text); }

void board_exit(int status) {
    /* The reason "the application has exited", and any other for a failure. */
    debugger(0x18, (const void *)(status == 0 ? 0x20026u : 0x20023u));
    for (;;) {}
}

static void fault(void) { board_exit(1); }

static void reset(void) {
    uint32_t *to, *from = &data_image;
    *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* the floating-point unit */
    __asm__ volatile("dsb\n\tisb");
    for (to = &data_start; to < &data_end; to++) *to = *from++;
    for (to = &bss_start; to < &bss_end; to++) *to = 0;
    board_exit(main());
}

struct vectors {
    uint32_t *stack;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    &stack_top, {reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault}};
