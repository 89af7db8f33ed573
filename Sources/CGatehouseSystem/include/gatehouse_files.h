#ifndef GATEHOUSE_FILES_H
#define GATEHOUSE_FILES_H

#include <stdint.h>

/// Opens the directory `name` in `directory` (or an absolute path, with -1), never through a link, closed on exec. The
/// descriptor (O_PATH) needs no permission to read the directory; it serves to inspect it and to open its entries. -1
/// with errno.
int gatehouse_open_directory(int directory, const char *name);

/// Opens the file at `path` itself, of any type, only to inspect it and to change its owner and mode (O_PATH). -1 with
/// errno.
int gatehouse_open_entry(const char *path);

enum { GATEHOUSE_GROUPS = 256 };

/// The calling thread's own identity while it opens files as another user.
struct gatehouse_own_look {
    int dumpable;
    int count;
    uint32_t groups[GATEHOUSE_GROUPS];
};

/// Makes the calling thread open files with the rights of that user, so that root opens nothing for them that is closed
/// to them. 0, or -1 with errno, and then nothing has changed.
int gatehouse_look_as(
    uint32_t user, uint32_t group, const uint32_t *groups, int count, struct gatehouse_own_look *own);
/// Undoes `gatehouse_look_as`. 0, or -1 with errno.
int gatehouse_look_as_self(const struct gatehouse_own_look *own);

/// Whether the file or folder at `path` has an access list beside its mode (acl(5)): 1, 0, or -1 with errno.
int gatehouse_has_access_list(const char *path);

/// A new file on the file system of `folder`, for reading and writing, of mode 0600, closed on exec, without a name: it
/// goes with its last descriptor. `*is_linkable` says whether it can be given a name (O_TMPFILE); on file systems
/// without that it had a name for a moment. -1 with errno.
int gatehouse_unnamed_file(const char *folder, int *is_linkable);

#endif
