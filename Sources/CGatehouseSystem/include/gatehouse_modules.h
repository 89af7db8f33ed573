#ifndef GATEHOUSE_MODULES_H
#define GATEHOUSE_MODULES_H

// Loading modules, and telling which code belongs to one.

/// Loads a library with dlopen(3). `path` must contain a slash, so that no search path is used. NULL on failure, with
/// the reason in `*message`. Debuggers and backtraces then show the library as `name`, and it counts as a module. From
/// one thread at a time.
void *gatehouse_load(const char *path, const char *name, const char **message);

/// Whether the library that begins at this address in memory was loaded by `gatehouse_load`. Safe in a signal handler.
int gatehouse_is_module(const void *base);

/// The address of `name` as the library behind `handle` itself defines it; NULL if only a dependency does, or none.
void *gatehouse_symbol_in(void *handle, const char *name);

/// The file from which the function that contains `address` was loaded; NULL if unknown.
const char *gatehouse_file_of(const void *address);

#endif
