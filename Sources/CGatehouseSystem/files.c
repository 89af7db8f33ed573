#define _GNU_SOURCE
#include "gatehouse_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/xattr.h>

int gatehouse_open_directory(int directory, const char *name) {
    return openat(directory < 0 ? AT_FDCWD : directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int gatehouse_open_entry(const char *path) { return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }

int gatehouse_has_access_list(const char *path) {
    ssize_t length = getxattr(path, "system.posix_acl_access", NULL, 0);
    if (length >= 0) return 1;
    return errno == ENODATA || errno == ENOTSUP ? 0 : -1;
}
