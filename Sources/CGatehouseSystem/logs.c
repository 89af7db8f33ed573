#define _GNU_SOURCE
#include "gatehouse_logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int gatehouse_log_kind(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) return -1;
    if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) return GATEHOUSE_LOG_FILE;
    return S_ISSOCK(status.st_mode) ? GATEHOUSE_LOG_SOCKET : GATEHOUSE_LOG_STREAM;
}

int gatehouse_log_standard(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) return -1;
    if (S_ISFIFO(status.st_mode) || isatty(fd)) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int own = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        // Opening fails for another user's pipe or terminal, and without /proc.
        if (own >= 0) return own;
    }
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/// The length up to the last newline within PIPE_BUF bytes.
static size_t piece(const char *bytes, size_t count) {
    if (count <= PIPE_BUF) return count;
    const char *end = memrchr(bytes, '\n', PIPE_BUF);
    return end ? (size_t)(end - bytes) + 1 : PIPE_BUF;
}

/// Writes one piece. The count of bytes, or -1 with errno, which is EAGAIN if there is no room.
static ssize_t write_piece(int fd, int kind, const char *bytes, size_t count) {
    if (kind == GATEHOUSE_LOG_SOCKET) return send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    // pipe(7): if there is room at all, there is room for PIPE_BUF bytes. So this does not wait even without
    // O_NONBLOCK, unless another writer is faster; RWF_NOWAIT (for pipes since Linux 6.4) covers that case too.
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    int ready = poll(&room, 1, 0);
    if (ready == 0) errno = EAGAIN;
    if (ready <= 0) return -1;
    struct iovec whole = {.iov_base = (void *)bytes, .iov_len = count};
    ssize_t done = pwritev2(fd, &whole, 1, -1, RWF_NOWAIT);
    return done < 0 && (errno == EOPNOTSUPP || errno == ENOSYS) ? write(fd, bytes, count) : done;
}

ssize_t gatehouse_log_write(int fd, int kind, const void *bytes, size_t count) {
    const char *start = bytes, *next = bytes, *end = start + count;
    while (next < end) {
        size_t rest = (size_t)(end - next);
        ssize_t done = kind == GATEHOUSE_LOG_FILE ? write(fd, next, rest)
                                                  : write_piece(fd, kind, next, piece(next, rest));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno != EAGAIN && next == start) return -1;
        if (done <= 0) break;
        next += done;
    }
    return next - start;
}
