#ifndef GATEHOUSE_MEMORY_FILE_H
#define GATEHOUSE_MEMORY_FILE_H

#include <stddef.h>
#include <stdint.h>

// Anonymous files in memory (memfd_create(2)), closed on exec.

/// An empty file that can be sealed, and cannot be executed as a program. -1 with errno.
int gatehouse_memory_file(const char *name);

/// A file of that size, sealed against growing and shrinking. -1 with errno.
int gatehouse_sealed_memory(const char *name, size_t size);

/// Maps such a file into memory that all its users share. NULL with errno.
void *gatehouse_map_shared(int descriptor, size_t size, int writable);

/// A copy of a regular file of at most `most` bytes, sealed so that nobody can change it any more. -1 with errno:
/// ETXTBSY for a file that is being written meanwhile, EFBIG for a larger one.
int gatehouse_memory_copy(int file, const char *name, int64_t most);

#endif
