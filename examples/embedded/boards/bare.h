/* What is the same on all machines without an operating system, and what is not. */
#ifndef BARE_H
#define BARE_H

/* Called with a stack and nothing else; never returns. */
void bare_begin(void);

/* Asks the debugger, or the emulator in its place. */
long bare_semihost(long operation, const void *argument);

/* Ends the program without success. */
void bare_fail(void);

#endif
