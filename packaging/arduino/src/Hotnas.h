/* hotnas for sketches: the single-precision library. */
#ifndef HOTNAS_ARDUINO_H
#define HOTNAS_ARDUINO_H

#ifndef HOTNAS_F32
#define HOTNAS_F32
#endif
#include "hotnas.h"

#endif
