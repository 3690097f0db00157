/* Versions, statuses and the sizes of structs: header against library. */
#include "check.h"

int main(void) {
    static const int32_t known[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 21, 22, 23, 24, 25,
                                    26, 27, 28, 29, 30, 31, 40, 41, 42, 50, 51, 52, 53, 54, 55, 56, 60,
                                    61, 70, 71, 72, 73, 74, 75, 76, 80, 81, 82, 83, 84, 99};
    char text[32];
    size_t i, j;
    CHECK(hotnas_version_number() == HOTNAS_VERSION_NUMBER);
    CHECK(HOTNAS_VERSION_NUMBER ==
          HOTNAS_VERSION_MAJOR * 10000 + HOTNAS_VERSION_MINOR * 100 + HOTNAS_VERSION_PATCH);
    sprintf(text, "%d.%d.%d", (int)HOTNAS_VERSION_MAJOR, (int)HOTNAS_VERSION_MINOR,
            (int)HOTNAS_VERSION_PATCH);
    CHECK(strcmp(text, hotnas_version_string()) == 0);
    CHECK(hotnas_abi_version() == HOTNAS_ABI_VERSION);
    CHECK(hotnas_capabilities() == (sizeof(hotnas_real) == 4 ? HOTNAS_CAPABILITY_FLOAT
                                                             : HOTNAS_CAPABILITY_DOUBLE));

    for (i = 0; i < COUNT(known); i++) {
        CHECK(strcmp(hotnas_status_message(known[i]), "unknown status") != 0);
        for (j = 0; j < i; j++)
            CHECK(strcmp(hotnas_status_message(known[i]), hotnas_status_message(known[j])) != 0);
    }
    CHECK(strcmp(hotnas_status_message(-1), "unknown status") == 0);
    CHECK(strcmp(hotnas_status_message(INT32_MAX), "unknown status") == 0);

#define X(name) CHECK(hotnas_struct_size(#name) == sizeof(name));
    HOTNAS_STRUCTS(X)
#undef X
    CHECK(hotnas_struct_size("hotnas_nothing") == 0);
    CHECK(hotnas_struct_size("hotnas_cel") == 0);
    CHECK(hotnas_struct_size("hotnas_cell_") == 0);
    CHECK(hotnas_struct_size("") == 0);
    CHECK(hotnas_struct_size(NULL) == 0);
    return finish();
}
