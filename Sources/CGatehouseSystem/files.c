#define _GNU_SOURCE
#include "gatehouse_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

int gatehouse_open_directory(int directory, const char *name) {
    return openat(directory < 0 ? AT_FDCWD : directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int gatehouse_open_entry(const char *path) { return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }

// These are the system calls themselves, because the C library's functions change every thread. Our supplementary
// groups go too, or they would open files that the other user must not read.

int gatehouse_look_as(
    uint32_t user, uint32_t group, const uint32_t *groups, int count, struct gatehouse_own_look *own) {
    own->dumpable = prctl(PR_GET_DUMPABLE);
    own->count = getgroups(GATEHOUSE_GROUPS, own->groups);
    if (own->count < 0 || own->dumpable < 0 || syscall(SYS_setgroups, count, groups) != 0) return -1;
    setfsgid(group);
    setfsuid(user);
    // Both calls report no failure; called with -1 they return the present value.
    if ((uint32_t)setfsgid((gid_t)-1) == group && (uint32_t)setfsuid((uid_t)-1) == user) return 0;
    gatehouse_look_as_self(own);
    errno = EPERM;
    return -1;
}

int gatehouse_look_as_self(const struct gatehouse_own_look *own) {
    setfsuid(geteuid());
    setfsgid(getegid());
    // Changing the identity has made the process undumpable, and changing back does not undo that.
    prctl(PR_SET_DUMPABLE, own->dumpable);
    return (int)syscall(SYS_setgroups, own->count, own->groups);
}

int gatehouse_has_access_list(const char *path) {
    ssize_t length = getxattr(path, "system.posix_acl_access", NULL, 0);
    if (length >= 0) return 1;
    return errno == ENODATA || errno == ENOTSUP ? 0 : -1;
}

int gatehouse_unnamed_file(const char *folder, int *is_linkable) {
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    *is_linkable = file >= 0;
    // A kernel or a file system without such files says EISDIR or EOPNOTSUPP.
    if (file >= 0 || (errno != EISDIR && errno != EOPNOTSUPP)) return file;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/.gatehouse-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0) unlink(path);
    return file;
}
