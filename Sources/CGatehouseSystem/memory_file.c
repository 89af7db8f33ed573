#define _GNU_SOURCE
#include "gatehouse_memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { ATTEMPTS = 3, PIECE = 1 << 16 };

// Linux has the flag since 6.3. If the sysctl vm.memfd_noexec is 2, memfd_create fails without it.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int gatehouse_memory_file(const char *name) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    return file < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : file;
}

int gatehouse_sealed_memory(const char *name, size_t size) {
    int file = gatehouse_memory_file(name);
    if (file < 0) return -1;
    if (ftruncate(file, (off_t)size) == 0 && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return file;
    int error = errno;
    close(file);
    errno = error;
    return -1;
}

void *gatehouse_map_shared(int descriptor, size_t size, int writable) {
    void *memory = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/// 0, or -1 with errno; ETXTBSY if the file has become shorter.
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
