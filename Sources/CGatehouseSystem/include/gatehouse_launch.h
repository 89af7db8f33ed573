#ifndef GATEHOUSE_LAUNCH_H
#define GATEHOUSE_LAUNCH_H

#include <stdint.h>
#include <sys/types.h>

/// A resource limit; UINT64_MAX is none.
struct gatehouse_resource_limit {
    int resource;
    uint64_t value;
};

/// A program to be started, and what its process is to be.
struct gatehouse_launch {
    /// A path, which must contain a slash.
    const char *program;
    char *const *arguments;
    char **environment;
    /// They become 3, 4, 5, ... and nothing else stays open but the first three.
    const int *descriptors;
    int descriptor_count;
    /// Becomes standard input; -1 for /dev/null, or what is as empty.
    int input;
    /// Becomes standard output and error; -1 leaves those of this process.
    int output;
    /// NULL leaves this process's.
    const char *directory;
    /// Whether `user`, `group` and `groups` are to be taken on.
    int changes_identity;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    int group_count;
    int changes_nice;
    int nice;
    /// NULL: any.
    const int *processors;
    int processor_count;
    const struct gatehouse_resource_limit *limits;
    int limit_count;
    /// The place in `environment` that is to become LISTEN_PID=... with the child's own number; NULL for none.
    char **listen_pid;
};

/// Starts a program by fork and exec, never anything between the two that is not safe in a process that had threads.
/// Every signal has its default action in the child, and none is blocked. The child has a process group of its own, so
/// that a terminal's Ctrl-C reaches only this process. 0, or an errno value; `*stage` then says in one word what
/// failed.
int gatehouse_launch(const struct gatehouse_launch *launch, pid_t *pid, const char **stage);

#endif
