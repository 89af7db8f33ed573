#ifndef GATEHOUSE_RUN_H
#define GATEHOUSE_RUN_H

#include <sys/types.h>

// Programs that a module runs, from any thread of a process with many.

/// A program to run. None of the pointers is kept.
struct gatehouse_run {
    /// A path, because no search path is used.
    const char *program;
    char *const *arguments;
    char *const *environment;
    /// Becomes standard input; -1 for /dev/null.
    int input;
    int output;
    int error;
    /// NULL keeps this process's.
    const char *directory;
};

/// Starts a program in a process group of its own, with the three descriptors and no other, with every signal at its
/// default action and none blocked. posix_spawn does it: a fork copies the tables of a large process's memory. 0, or
/// an errno value.
int gatehouse_run_program(const struct gatehouse_run *run, pid_t *pid);

#endif
