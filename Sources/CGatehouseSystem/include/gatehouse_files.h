#ifndef GATEHOUSE_FILES_H
#define GATEHOUSE_FILES_H

/// The directory `name` in `directory` (or an absolute path with -1), never through a link, closed on exec. It needs no
/// permission to read the directory, and serves only to look at it and to open what lies in it. -1 with errno.
int gatehouse_open_directory(int directory, const char *name);

/// The file at `path` itself, of whatever type, only to look at it and to change its owner and mode. -1 with errno.
int gatehouse_open_entry(const char *path);

/// Whether the file or folder at `path` has an access list beside its mode (acl(5)): 1, 0, or -1 with errno.
int gatehouse_has_access_list(const char *path);

#endif
