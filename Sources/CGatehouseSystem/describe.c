#define _GNU_SOURCE
#include "gatehouse_describe.h"
#include "gatehouse_modules.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

// Writes without stdio: the crash may have happened inside it.
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

size_t gatehouse_describe(const void *address, char *line, size_t capacity) {
    struct writer writer = {line, 0, capacity};
    Dl_info info;
    if (!dladdr(address, &info) || !info.dli_fname) {
        add_hex(&writer, (uintptr_t)address);
        return writer.length;
    }
    if (gatehouse_is_module(info.dli_fbase)) add(&writer, GATEHOUSE_MODULE_MARK);
    const char *name = info.dli_fname;
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

// A function of the Swift runtime; weak, because C programs link this library too.
extern char *swift_demangle(const char *name, size_t length, char *output, size_t *output_size, uint32_t flags)
    __attribute__((weak));

char *gatehouse_demangle(const char *symbol, size_t length) {
    return swift_demangle ? swift_demangle(symbol, length, NULL, NULL, 0) : NULL;
}
