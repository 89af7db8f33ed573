#ifndef GATEHOUSE_FILES_H
#define GATEHOUSE_FILES_H

#include <stdint.h>

/// The directory `name` in `directory` (or an absolute path with -1), never through a link, closed on exec. It needs no
/// permission to read the directory, and serves only to look at it and to open what lies in it. -1 with errno.
int gatehouse_open_directory(int directory, const char *name);

/// The file at `path` itself, of whatever type, only to look at it and to change its owner and mode. -1 with errno.
int gatehouse_open_entry(const char *path);

/// A copy in memory of a regular file of at most `most` bytes, sealed: nobody can change it any more. A file that is
/// being written meanwhile is not copied (ETXTBSY), a larger one neither (EFBIG). Closed on exec. -1 with errno.
int gatehouse_memory_copy(int file, const char *name, int64_t most);

enum { GATEHOUSE_GROUPS = 256 };

/// What the calling thread had before it looked at files as another user.
struct gatehouse_own_look {
    int dumpable;
    int count;
    uint32_t groups[GATEHOUSE_GROUPS];
};

/// From now on the kernel treats the calling thread, where it opens files, as it would treat that user: root does not
/// open for somebody what they could not. 0, or -1 with errno, and then nothing has changed.
int gatehouse_look_as(
    uint32_t user, uint32_t group, const uint32_t *groups, int count, struct gatehouse_own_look *own);
/// And from now on as itself. 0, or -1 with errno.
int gatehouse_look_as_self(const struct gatehouse_own_look *own);

/// Whether the file or folder at `path` has an access list beside its mode (acl(5)): 1, 0, or -1 with errno.
int gatehouse_has_access_list(const char *path);

#endif
