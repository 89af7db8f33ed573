#define _GNU_SOURCE
#include "gatehouse_crash.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

// Written without stdio: a crash may have happened inside of it.
struct writer {
    char *bytes;
    size_t length, capacity;
};

static void add(struct writer *writer, const char *text) {
    while (*text && writer->length < writer->capacity) writer->bytes[writer->length++] = *text++;
}

static void add_hex(struct writer *writer, uintptr_t number) {
    char digits[2 * sizeof number + 1];
    size_t place = sizeof digits;
    digits[--place] = 0;
    do digits[--place] = "0123456789abcdef"[number % 16];
    while (number /= 16);
    add(writer, "0x");
    add(writer, digits + place);
}

/// A module was opened by its descriptor's name, which says nothing once the process is gone.
static const char *real_name(const char *name, char *space, size_t capacity) {
    if (strncmp(name, "/proc/self/fd/", 14) != 0) return name;
    ssize_t length = readlink(name, space, capacity - 1);
    if (length <= 0) return name;
    space[length] = 0;
    return space;
}

size_t gatehouse_describe(const void *address, char *line, size_t capacity) {
    struct writer writer = {line, 0, capacity};
    Dl_info info;
    char space[PATH_MAX];
    if (!dladdr(address, &info) || !info.dli_fname) {
        add_hex(&writer, (uintptr_t)address);
        return writer.length;
    }
    const char *name = real_name(info.dli_fname, space, sizeof space);
    const char *slash = strrchr(name, '/');
    add(&writer, slash ? slash + 1 : name);
    add(&writer, "+");
    add_hex(&writer, (uintptr_t)address - (uintptr_t)info.dli_fbase);
    if (info.dli_sname) {
        add(&writer, " ");
        add(&writer, info.dli_sname);
        add(&writer, "+");
        add_hex(&writer, (uintptr_t)address - (uintptr_t)info.dli_saddr);
    }
    return writer.length;
}

// Part of the Swift runtime; weak, because programs in C use this library too.
extern char *swift_demangle(const char *name, size_t length, char *output, size_t *output_size, uint32_t flags)
    __attribute__((weak));

char *gatehouse_demangle(const char *symbol, size_t length) {
    return swift_demangle ? swift_demangle(symbol, length, NULL, NULL, 0) : NULL;
}
