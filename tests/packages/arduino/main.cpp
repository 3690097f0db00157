// What Arduino adds to a sketch.
#include "Arduino.h"

SerialPort Serial;

int main() {
    setup();
    loop();
    return 0;
}
