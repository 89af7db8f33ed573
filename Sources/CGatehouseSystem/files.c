#define _GNU_SOURCE
#include "gatehouse_files.h"

#include <fcntl.h>

int gatehouse_open_directory(int directory, const char *name) {
    return openat(directory < 0 ? AT_FDCWD : directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int gatehouse_open_entry(const char *path) { return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }
