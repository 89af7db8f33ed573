#define _GNU_SOURCE
#include "gatehouse_system.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int gatehouse_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

enum { MODULES = 256 };

/// Where modules begin in memory; filled from the front, never emptied.
static const void *modules[MODULES];
static int module_count;

void *gatehouse_load(const char *path, const char *name, const char **message) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    *message = handle ? NULL : dlerror();
    struct link_map *map = NULL;
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return handle;
    // The name under which it was opened means nothing to a debugger, to dladdr() or to a person. Never given back, as
    // the library is not.
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

static int give_back(struct dl_phdr_info *image, size_t size, void *data) {
    (void)size;
    (void)data;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < image->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        const uintptr_t start = (image->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        const uintptr_t end = image->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        // What has been written to all the same (relocations of text) would be lost: the kernel knows no way to say so,
        // and no image of today has any (DT_TEXTREL; the linkers refuse).
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void gatehouse_give_back_code(void) {
    dl_iterate_phdr(give_back, NULL);
}
