#ifndef GATEHOUSE_LAUNCH_H
#define GATEHOUSE_LAUNCH_H

#include <stdint.h>
#include <sys/types.h>

/// A resource limit; UINT64_MAX means unlimited.
struct gatehouse_resource_limit {
    int resource;
    uint64_t value;
};

/// A program to start, and the properties of its process.
struct gatehouse_launch {
    /// A path, which must contain a slash, because no search path is used.
    const char *program;
    char *const *arguments;
    char **environment;
    /// Descriptors that become 3, 4, 5, ...; apart from the first three, no other stays open.
    const int *descriptors;
    int descriptor_count;
    /// Becomes standard input; -1 for /dev/null (or an empty file without /dev).
    int input;
    /// Becomes standard output and error; -1 keeps those of this process.
    int output;
    /// NULL keeps this process's.
    const char *directory;
    /// Whether the child takes on `user`, `group` and `groups`.
    int changes_identity;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    int group_count;
    int changes_nice;
    int nice;
    /// The processors that the child may run on; NULL for all.
    const int *processors;
    int processor_count;
    const struct gatehouse_resource_limit *limits;
    int limit_count;
    /// The entry of `environment` that becomes LISTEN_PID=... with the child's own number; NULL for none.
    char **listen_pid;
};

/// Starts a program by fork and exec; between the two, only calls are made that are safe after a fork of a process with
/// threads. In the child, every signal has its default action and none is blocked. The child has its own process group,
/// so that a terminal's Ctrl-C reaches only this process. 0, or an errno value; `*stage` then names the failed step in
/// one word.
int gatehouse_launch(const struct gatehouse_launch *launch, pid_t *pid, const char **stage);

#endif
