/* Numbers as text. */
#include "board.h"

void board_print_number(uint32_t number)
{
    char text[11];
    int at = 10;
    text[at] = '\0';
    do text[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    board_print(&text[at]);
}

void board_print_hash(uint64_t hash)
{
    char text[17];
    int at;
    text[16] = '\0';
    for (at = 16; at-- > 0; hash >>= 4) text[at] = "0123456789abcdef"[hash & 15];
    board_print(text);
}
