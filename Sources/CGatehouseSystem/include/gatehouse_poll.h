#ifndef GATEHOUSE_POLL_H
#define GATEHOUSE_POLL_H

#include <stdint.h>
#include <sys/uio.h>

// epoll(7), whose structures and constants Swift imports only in part.

/// Readiness of a descriptor, or interest in it.
enum {
    GATEHOUSE_READABLE = 1,
    GATEHOUSE_WRITABLE = 2,
    /// Only reported: the peer is gone altogether, or the descriptor failed.
    GATEHOUSE_GONE = 4,
    /// Only asked for: report each arrival once instead of for as long as something is there.
    GATEHOUSE_EDGE = 8,
};

/// The most events that one call of `gatehouse_poll_wait` returns.
enum { GATEHOUSE_POLL_EVENTS = 256 };

struct gatehouse_event {
    uint64_t token;
    uint32_t ready;
};

/// A new epoll descriptor, or -1 with errno.
int gatehouse_poll_create(void);
/// Adds a descriptor. `shared`: several pollers wait for it, and an event wakes one of them (EPOLLEXCLUSIVE).
int gatehouse_poll_add(int poll, int fd, uint32_t interest, int shared, uint64_t token);
int gatehouse_poll_change(int poll, int fd, uint32_t interest, uint64_t token);
int gatehouse_poll_remove(int poll, int fd);
/// Waits for up to `capacity` events (and no more than GATEHOUSE_POLL_EVENTS); `milliseconds` -1 waits for ever.
/// Returns their count, or -1 with errno.
int gatehouse_poll_wait(int poll, struct gatehouse_event *events, int capacity, int milliseconds);

/// The calling thread's number, as the kernel knows it. It is cached per thread and costs next to nothing.
int32_t gatehouse_thread(void);
/// Names the calling thread, for top and for core files; the kernel keeps 15 bytes.
void gatehouse_name_thread(const char *name);

/// The calling thread's event loop; NULL if it is none's.
void *gatehouse_current_loop(void);
/// Makes `loop` the calling thread's, or no loop.
void gatehouse_set_current_loop(void *loop);

/// A descriptor for waking a poller from other threads.
int gatehouse_wakeup_create(void);
void gatehouse_wakeup_signal(int fd);
void gatehouse_wakeup_clear(int fd);

/// A descriptor that is readable when its time has come, for times below a millisecond; -1 with errno.
int gatehouse_timer_create(void);
/// Starts the timer, again if it runs or has ended: it then ends once. Less than a second.
void gatehouse_timer_start(int fd, long nanoseconds);

/// The next connection, non-blocking and closed on exec; -1 with errno.
int gatehouse_accept(int fd);
/// Receives from a connected socket, with read(2)'s results.
ssize_t gatehouse_receive(int fd, void *bytes, size_t capacity);
/// Receives without taking the bytes out of the socket (MSG_PEEK).
ssize_t gatehouse_peek(int fd, void *bytes, size_t capacity);
/// Sends without SIGPIPE.
ssize_t gatehouse_send_bytes(int fd, const void *bytes, size_t count);
ssize_t gatehouse_send(int fd, const struct iovec *pieces, int count);

#endif
