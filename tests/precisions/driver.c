/* Both libraries in one program: a handle that one of them made is refused by the other. */

#include <stddef.h>

void *const *make_f64(void);
void *const *make_f32(void);
int own_f64(void *const *handles);
int own_f32(void *const *handles);

int main(void) {
    void *const *with_double = make_f64(), *const *with_single = make_f32();
    if (with_double == NULL || with_single == NULL) return 1;
    if (own_f64(with_double) != 7 || own_f32(with_single) != 7) return 2;
    if (own_f64(with_single) != 0 || own_f32(with_double) != 0) return 3;
    return 0;
}
