#define _GNU_SOURCE
#include "gatehouse_library.h"

#include <dlfcn.h>
#include <stdio.h>

int gatehouse_library_open(const char *soname, const struct gatehouse_function *functions, size_t count, char *reason,
    size_t capacity) {
    // Not RTLD_GLOBAL: libmariadb and libpq have helpers of the same names.
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *why = dlerror();
        snprintf(reason, capacity, "%s", why ? why : soname);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        *functions[i].place = dlsym(library, functions[i].name);
        if (!*functions[i].place && !functions[i].is_optional) {
            snprintf(reason, capacity, "%s has no function %s", soname, functions[i].name);
            return -1;
        }
    }
    return 0;
}
