#ifndef GATEHOUSE_POLL_H
#define GATEHOUSE_POLL_H

#include <stdint.h>
#include <sys/uio.h>

// epoll(7), whose structures and constants Swift sees only in part.

/// What a descriptor is ready for, or what is to be waited for.
enum {
    GATEHOUSE_READABLE = 1,
    GATEHOUSE_WRITABLE = 2,
    /// Always reported, never asked for: the peer is gone altogether, or the descriptor failed.
    GATEHOUSE_GONE = 4,
    /// Never reported: tell of each arrival once, not for as long as something is there.
    GATEHOUSE_EDGE = 8,
};

struct gatehouse_event {
    uint64_t token;
    uint32_t ready;
};

/// A new epoll descriptor, or -1 with errno.
int gatehouse_poll_create(void);
/// Waits for `interest` on `fd`. `shared`: other pollers wait for the same descriptor, and one of them is to be woken.
int gatehouse_poll_add(int poll, int fd, uint32_t interest, int shared, uint64_t token);
int gatehouse_poll_change(int poll, int fd, uint32_t interest, uint64_t token);
int gatehouse_poll_remove(int poll, int fd);
/// Up to `capacity` events; `milliseconds` -1 waits for ever. Returns how many, or -1 with errno.
int gatehouse_poll_wait(int poll, struct gatehouse_event *events, int capacity, int milliseconds);

/// The calling thread, as a number that no other thread of the process has. Remembered, so it costs next to nothing.
int32_t gatehouse_thread(void);
/// Names the calling thread, for top and for core files; at most 15 bytes count.
void gatehouse_name_thread(const char *name);

/// A descriptor for waking a poller from other threads.
int gatehouse_wakeup_create(void);
void gatehouse_wakeup_signal(int fd);
void gatehouse_wakeup_clear(int fd);

/// The next connection, non-blocking and closed on exec; -1 with errno.
int gatehouse_accept(int fd);
/// What a connected socket has, as read(2) gives it.
ssize_t gatehouse_receive(int fd, void *bytes, size_t capacity);
/// The same, and leaves it there.
ssize_t gatehouse_peek(int fd, void *bytes, size_t capacity);
/// Sends without SIGPIPE.
ssize_t gatehouse_send_bytes(int fd, const void *bytes, size_t count);
ssize_t gatehouse_send(int fd, const struct iovec *pieces, int count);

#endif
