#ifndef GATEHOUSE_LOGS_H
#define GATEHOUSE_LOGS_H

#include <sys/types.h>

// Writing to a log without waiting for its reader: a reader that has stopped must not stop a service.

/// The way to write to a descriptor without waiting.
enum {
    /// A regular file or a disk, which takes everything or fails.
    GATEHOUSE_LOG_FILE = 0,
    GATEHOUSE_LOG_SOCKET = 1,
    /// A pipe, a terminal or another device, which is asked each time whether it has room.
    GATEHOUSE_LOG_STREAM = 2,
};

/// The kind of `fd`; -1 with errno.
int gatehouse_log_kind(int fd);

/// Another descriptor for standard output (1) or standard error (2), closed on exec. If possible, the file is opened
/// anew with O_NONBLOCK: that flag belongs to the open file description, which we share with the shell that started us.
/// -1 with errno.
int gatehouse_log_standard(int fd);

/// Writes as much as is possible without waiting. Except to a file, it writes pieces of at most PIPE_BUF bytes that end
/// with a line, so that lines of several processes do not mix; only a longer line is split. Returns the count of bytes,
/// 0 if there is no room, or -1 with errno if nothing could be written.
ssize_t gatehouse_log_write(int fd, int kind, const void *bytes, size_t count);

#endif
