#ifndef GATEHOUSE_COMPILER_H
#define GATEHOUSE_COMPILER_H

/// The C compiler that compiled this library, by its own name; that of a Swift toolchain gives version and commit.
const char *gatehouse_compiler(void);

#endif
