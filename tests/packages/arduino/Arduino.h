/* Stands in for Arduino's core: what the example sketch calls. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stdio.h>

struct SerialPort {
    void begin(long) {}
    void println(double value, int digits) { printf("%.*f\n", digits, value); }
    void println(const char *text) { puts(text); }
};
extern SerialPort Serial;

void setup();
void loop();

#endif
