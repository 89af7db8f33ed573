#define _GNU_SOURCE
#include "gatehouse_modules.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

enum { MODULES = 256 };

/// The start addresses of the modules; filled from the front, never emptied.
static const void *modules[MODULES];
static int module_count;

void *gatehouse_load(const char *path, const char *name, const char **message) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    *message = handle ? NULL : dlerror();
    struct link_map *map = NULL;
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return handle;
    // The path that it was opened by (/proc/self/fd/N) means nothing to a debugger, to dladdr() or to a person. The
    // copy is never freed, because the library is never unloaded.
    char *known = strdup(name);
    if (known) map->l_name = known;
    int count = __atomic_load_n(&module_count, __ATOMIC_RELAXED);
    if (count < MODULES) {
        modules[count] = (const void *)map->l_addr;
        __atomic_store_n(&module_count, count + 1, __ATOMIC_RELEASE);
    }
    return handle;
}

int gatehouse_is_module(const void *base) {
    int count = __atomic_load_n(&module_count, __ATOMIC_ACQUIRE);
    for (int i = 0; i < count; i++)
        if (modules[i] == base) return 1;
    return 0;
}

void *gatehouse_symbol_in(void *handle, const char *name) {
    void *address = dlsym(handle, name);
    struct link_map *map = NULL;
    Dl_info info;
    if (!address || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || dladdr(address, &info) == 0) return NULL;
    return info.dli_fbase == (void *)map->l_addr ? address : NULL;
}

const char *gatehouse_file_of(const void *address) {
    Dl_info info;
    return dladdr(address, &info) ? info.dli_fname : NULL;
}
