#ifndef GATEHOUSE_LOGS_H
#define GATEHOUSE_LOGS_H

#include <sys/types.h>

// Logs are written without waiting for whoever reads them: a reader that has stopped must not stop a service.

/// How a descriptor is written to so that nobody waits.
enum {
    /// A file on a disk: it takes everything or fails.
    GATEHOUSE_LOG_FILE = 0,
    GATEHOUSE_LOG_SOCKET = 1,
    /// A pipe, a terminal, or another device: asked each time whether it has room.
    GATEHOUSE_LOG_STREAM = 2,
};

/// Which of them `fd` is; -1 with errno.
int gatehouse_log_kind(int fd);

/// A descriptor of our own for what standard output (1) or standard error (2) leads to, closed on exec. If it can be,
/// it is opened anew, with O_NONBLOCK: that flag belongs to the open file, which is shared with the shell that started
/// us. -1 with errno.
int gatehouse_log_standard(int fd);

/// Writes as much as goes without waiting. To anything but a file it writes pieces that end with a line and are no
/// longer than PIPE_BUF, so that lines of several processes do not mix; a longer line is several pieces. The count of
/// bytes, 0 for want of room, or -1 with errno if nothing could be written.
ssize_t gatehouse_log_write(int fd, int kind, const void *bytes, size_t count);

#endif
