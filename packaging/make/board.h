/* What the program wants from the board. */
#ifndef BOARD_H
#define BOARD_H

/* Shows a text. */
void board_print(const char *text);

/* Ends the program: 0 is good. */
void board_exit(int status);

#endif
