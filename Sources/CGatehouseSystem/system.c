#define _GNU_SOURCE
#include "gatehouse_system.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <sys/socket.h>

int gatehouse_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

void *gatehouse_load(const char *path, int global, const char **message) {
    void *handle = dlopen(path, RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
    *message = handle ? NULL : dlerror();
    return handle;
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
