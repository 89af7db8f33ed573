#ifndef GATEHOUSE_SYSTEM_H
#define GATEHOUSE_SYSTEM_H

#include <stdint.h>
#include <sys/types.h>

/// Who is at the other end of a connected Unix socket (SO_PEERCRED). Returns 0, or -1 with errno.
int gatehouse_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid);

/// dlopen without a prompt to search anywhere: `path` must contain a slash. NULL on failure, `*message` says why. From
/// then on the library is called `name` wherever it is named, and is one of the modules. From one thread at a time.
void *gatehouse_load(const char *path, const char *name, const char **message);

/// Whether what begins at this address in memory was loaded by `gatehouse_load`. Safe in a signal handler.
int gatehouse_is_module(const void *base);

/// The address of `name` as defined by the library behind `handle` itself, not by one of its dependencies; NULL where
/// there is none.
void *gatehouse_symbol_in(void *handle, const char *name);

/// Which file the function that contains `address` was loaded from; NULL where unknown.
const char *gatehouse_file_of(const void *address);

/// Gives back the pages of program code and constants that the process has read in so far: what is needed again comes
/// back from the page cache by itself. For a process that has done much once and does little from now on.
void gatehouse_give_back_code(void);

/// Gives every free page of the heap back, those of all threads.
void gatehouse_give_back_heap(void);

/// The process's resident bytes; 0 where the kernel does not say.
long gatehouse_resident_bytes(void);

#endif
