#define _GNU_SOURCE
#include "gatehouse_files.h"
#include "gatehouse_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { ATTEMPTS = 3, PIECE = 1 << 16 };

int gatehouse_open_directory(int directory, const char *name) {
    return openat(directory < 0 ? AT_FDCWD : directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int gatehouse_open_entry(const char *path) { return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }

/// -1 with errno; ETXTBSY for a file that has become shorter.
static int copy(int from, int to, off_t size) {
    char piece[PIECE];
    off_t done = 0;
    while (done < size) {
        size_t wanted = size - done < PIECE ? (size_t)(size - done) : PIECE;
        ssize_t got = pread(from, piece, wanted, done);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = ETXTBSY;
        if (got <= 0) return -1;
        for (ssize_t written = 0; written < got;) {
            ssize_t count = pwrite(to, piece + written, (size_t)(got - written), done + written);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return -1;
            written += count;
        }
        done += got;
    }
    return 0;
}

static int is_same(const struct stat *one, const struct stat *other) {
    return one->st_size == other->st_size && !memcmp(&one->st_mtim, &other->st_mtim, sizeof one->st_mtim) &&
           !memcmp(&one->st_ctim, &other->st_ctim, sizeof one->st_ctim);
}

static int copied(int file, int memory, off_t most) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct stat before, after;
        if (fstat(file, &before) != 0) return -1;
        if (before.st_size > most) {
            errno = EFBIG;
            return -1;
        }
        if (ftruncate(memory, 0) != 0) return -1;
        int result = copy(file, memory, before.st_size);
        if (result != 0 && errno != ETXTBSY) return -1;
        if (fstat(file, &after) != 0) return -1;
        if (result == 0 && is_same(&before, &after))
            return fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    }
    errno = ETXTBSY;
    return -1;
}

int gatehouse_memory_copy(int file, const char *name, int64_t most) {
    int memory = gatehouse_memory_file(name);
    if (memory < 0 || copied(file, memory, most) == 0) return memory;
    int error = errno;
    close(memory);
    errno = error;
    return -1;
}

// The system calls themselves, and not the C library's functions: those change every thread. What a file's user must
// not read, the supplementary groups of ours must not open to them.

int gatehouse_look_as(
    uint32_t user, uint32_t group, const uint32_t *groups, int count, struct gatehouse_own_look *own) {
    own->dumpable = prctl(PR_GET_DUMPABLE);
    own->count = getgroups(GATEHOUSE_GROUPS, own->groups);
    if (own->count < 0 || own->dumpable < 0 || syscall(SYS_setgroups, count, groups) != 0) return -1;
    setfsgid(group);
    setfsuid(user);
    // They fail without a word, and say what is there now.
    if ((uint32_t)setfsgid((gid_t)-1) == group && (uint32_t)setfsuid((uid_t)-1) == user) return 0;
    gatehouse_look_as_self(own);
    errno = EPERM;
    return -1;
}

int gatehouse_look_as_self(const struct gatehouse_own_look *own) {
    setfsuid(geteuid());
    setfsgid(getegid());
    // Who looks as another is made one whose memory is not for everybody's eyes, and stays so.
    prctl(PR_SET_DUMPABLE, own->dumpable);
    return (int)syscall(SYS_setgroups, own->count, own->groups);
}

int gatehouse_has_access_list(const char *path) {
    ssize_t length = getxattr(path, "system.posix_acl_access", NULL, 0);
    if (length >= 0) return 1;
    return errno == ENODATA || errno == ENOTSUP ? 0 : -1;
}
