#ifndef GATEHOUSE_DESCRIBE_H
#define GATEHOUSE_DESCRIBE_H

#include <stddef.h>

/// The first word of a line about an address that belongs to a module.
#define GATEHOUSE_MODULE_MARK "module "

/// Writes one line about an address of code: file and offset, then the dynamic linker's symbol and offset. Safe in a
/// signal handler. Returns the length; no newline is written.
size_t gatehouse_describe(const void *address, char *line, size_t capacity);

/// A Swift symbol in readable form, to be freed; NULL if it is no Swift symbol.
char *gatehouse_demangle(const char *symbol, size_t length);

#endif
