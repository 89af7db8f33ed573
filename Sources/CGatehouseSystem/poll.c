#define _GNU_SOURCE
#include "gatehouse_poll.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static uint32_t to_epoll(uint32_t interest) {
    return (interest & GATEHOUSE_READABLE ? EPOLLIN : 0) | (interest & GATEHOUSE_WRITABLE ? EPOLLOUT : 0)
        | (interest & GATEHOUSE_EDGE ? EPOLLET : 0);
}

int gatehouse_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int gatehouse_poll_add(int poll, int fd, uint32_t interest, int shared, uint64_t token) {
    struct epoll_event event = {.events = to_epoll(interest) | (shared ? EPOLLEXCLUSIVE : 0), .data.u64 = token};
    return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

int gatehouse_poll_change(int poll, int fd, uint32_t interest, uint64_t token) {
    struct epoll_event event = {.events = to_epoll(interest), .data.u64 = token};
    return epoll_ctl(poll, EPOLL_CTL_MOD, fd, &event);
}

int gatehouse_poll_remove(int poll, int fd) { return epoll_ctl(poll, EPOLL_CTL_DEL, fd, NULL); }

int gatehouse_poll_wait(int poll, struct gatehouse_event *events, int capacity, int milliseconds) {
    struct epoll_event ready[GATEHOUSE_POLL_EVENTS];
    int most = capacity < GATEHOUSE_POLL_EVENTS ? capacity : GATEHOUSE_POLL_EVENTS;
    int count = epoll_wait(poll, ready, most, milliseconds);
    for (int i = 0; i < count; i++) {
        uint32_t bits = ready[i].events;
        events[i].token = ready[i].data.u64;
        events[i].ready = (bits & EPOLLIN ? GATEHOUSE_READABLE : 0) | (bits & EPOLLOUT ? GATEHOUSE_WRITABLE : 0)
            | (bits & (EPOLLHUP | EPOLLERR) ? GATEHOUSE_GONE : 0);
    }
    return count;
}

int32_t gatehouse_thread(void) {
    static _Thread_local int32_t thread __attribute__((tls_model("initial-exec")));
    if (!thread) thread = (int32_t)gettid();
    return thread;
}

void gatehouse_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static _Thread_local void *current_loop __attribute__((tls_model("initial-exec")));

void *gatehouse_current_loop(void) { return current_loop; }

void gatehouse_set_current_loop(void *loop) { current_loop = loop; }

int gatehouse_wakeup_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void gatehouse_wakeup_signal(int fd) {
    uint64_t one = 1;
    // The write fails only if the counter is full, and then the poller is awake anyway.
    if (write(fd, &one, sizeof one) < 0) return;
}

void gatehouse_wakeup_clear(int fd) {
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) return;
}

int gatehouse_timer_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

void gatehouse_timer_start(int fd, long nanoseconds) {
    const struct itimerspec time = {.it_value = {.tv_nsec = nanoseconds}};
    timerfd_settime(fd, 0, &time, NULL);
}

int gatehouse_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

// These use syscall(2), because recv, send and sendmsg are cancellation points: before 2.41, glibc surrounds them with
// locked instructions in any process that has threads. Nobody cancels a loop's thread. (Sanitizers do not see these
// calls.)

ssize_t gatehouse_receive(int fd, void *bytes, size_t capacity) {
    return syscall(SYS_recvfrom, fd, bytes, capacity, 0, NULL, NULL);
}

ssize_t gatehouse_peek(int fd, void *bytes, size_t capacity) {
    return syscall(SYS_recvfrom, fd, bytes, capacity, MSG_PEEK, NULL, NULL);
}

ssize_t gatehouse_send_bytes(int fd, const void *bytes, size_t count) {
    return syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL, NULL, 0);
}

ssize_t gatehouse_send(int fd, const struct iovec *pieces, int count) {
    if (count == 1) return gatehouse_send_bytes(fd, pieces[0].iov_base, pieces[0].iov_len);
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
    return syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
}
