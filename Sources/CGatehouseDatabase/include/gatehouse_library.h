#ifndef GATEHOUSE_LIBRARY_H
#define GATEHOUSE_LIBRARY_H

#include <stddef.h>

// The clients' libraries are opened when the first database of their kind is: a worker that uses none loads none.

/// One function of a library: its name, and the place of the pointer to it.
struct gatehouse_function {
    const char *_Nonnull name;
    void *_Nullable *_Nonnull place;
    /// 0: its absence is an error.
    int is_optional;
};

/// Opens a library by its soname and fills the places. Returns 0, or -1 with the reason in `reason`. The library is
/// never closed.
int gatehouse_library_open(const char *_Nonnull soname, const struct gatehouse_function *_Nonnull functions,
    size_t count, char *_Nonnull reason, size_t capacity);

#endif
