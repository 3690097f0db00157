/* WebAssembly in a program that offers `print` and `memory`; wasm.mjs is one. */
#include "board.h"

#include <stddef.h>

__attribute__((import_module("board"), import_name("print"))) void print(const char *text);

void board_print(const char *text)
{
    print(text);
}
