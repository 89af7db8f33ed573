/*
 * Two ways to wait for connections, with the same work behind them: epoll as Gatehouse uses it, and io_uring.
 *
 * epoll: read at once after accept; a connection that is answered and not kept is closed and never polled.
 * io_uring: multishot accept into direct descriptors, receives into provided buffers, and an answer whose send and
 * close are one submission.
 *
 *   cc -O2 -o transports transports.c -luring
 *   transports SOCKET epoll|io_uring NANOSECONDS     NANOSECONDS: of work for each request, as an application has some
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "records.h"

#define MAX_DESCRIPTORS 16384
#define BUFFERS 1024
#define BUFFER_SIZE 4096

static struct reader readers[MAX_DESCRIPTORS];
static unsigned char answer[512];
static size_t answer_length;
static int64_t work;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void do_work(void)
{
    int64_t end = now() + work;
    while (now() < end)
        ;
}

/* epoll */

/* 0 if the connection is gone. */
static int readable(int fd)
{
    static unsigned char buffer[65536];
    ssize_t count = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN)
        return 1;
    int ended = count > 0 ? requests_ended(&readers[fd], buffer, (size_t)count) : 0;
    int keep = count > 0;
    while (ended-- > 0 && keep) {
        do_work();
        keep = send(fd, answer, answer_length, MSG_NOSIGNAL) == (ssize_t)answer_length && readers[fd].keep;
    }
    if (!keep)
        close(fd);
    return keep;
}

static void accept_some(int epoll, int listener)
{
    for (int i = 0; i < 16; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (fd >= MAX_DESCRIPTORS) {
            close(fd);
            continue;
        }
        readers[fd] = (struct reader){0};
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (readable(fd))
            epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static int by_epoll(int listener)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
        perror("transports: epoll");
        return 71;
    }
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener)
                accept_some(epoll, listener);
            else
                readable(events[i].data.fd);
        }
    }
}

/* io_uring */

enum kind { ACCEPT, RECEIVE, OTHER };

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static unsigned char buffers[BUFFERS][BUFFER_SIZE];
static int given_back;

/* A place in the queue; `flags` as in the kernel's structure. */
static struct io_uring_sqe *next_entry(void)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (!entry) {
        io_uring_submit(&ring);
        entry = io_uring_get_sqe(&ring);
    }
    return entry;
}

static void mark(struct io_uring_sqe *entry, enum kind kind, int fd, unsigned int flags)
{
    entry->flags |= flags;
    entry->user_data = (uint64_t)kind << 32 | (uint32_t)fd;
}

static void ask_accept(int listener)
{
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_multishot_accept_direct(entry, listener, NULL, NULL, 0);
    mark(entry, ACCEPT, 0, 0);
}

static void ask_receive(int fd, int first)
{
    struct io_uring_sqe *entry = next_entry();
    /* The first of a connection is single: one that goes on would have to be cancelled before the close. */
    if (first)
        io_uring_prep_recv(entry, fd, NULL, BUFFER_SIZE, 0);
    else
        io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
    if (!first)
        entry->ioprio |= IORING_RECVSEND_POLL_FIRST;
    mark(entry, RECEIVE, fd, IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE);
}

static void ask_close(int fd)
{
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_close_direct(entry, (unsigned int)fd);
    mark(entry, OTHER, fd, IOSQE_CQE_SKIP_SUCCESS);
}

static void ask_send(int fd, unsigned int flags)
{
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, fd, answer, answer_length, MSG_NOSIGNAL | MSG_WAITALL);
    mark(entry, OTHER, fd, IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS | flags);
}

static void give_back(int buffer)
{
    io_uring_buf_ring_add(
        buffer_ring, buffers[buffer], BUFFER_SIZE, (unsigned short)buffer, io_uring_buf_ring_mask(BUFFERS),
        given_back++);
}

static void received(int fd, const struct io_uring_cqe *event)
{
    int goes_on = event->flags & IORING_CQE_F_MORE;
    if (event->res <= 0) {
        if (event->res == -ENOBUFS)
            ask_receive(fd, 0);
        else if (!goes_on)
            ask_close(fd);
        return;
    }
    int buffer = (int)(event->flags >> IORING_CQE_BUFFER_SHIFT);
    int ended = requests_ended(&readers[fd], buffers[buffer], (size_t)event->res);
    give_back(buffer);
    if (io_uring_sq_space_left(&ring) < 4)
        io_uring_submit(&ring); /* the two of an answer must be in one submission */
    for (; ended > 0; ended--) {
        do_work();
        ask_send(fd, readers[fd].keep ? 0 : IOSQE_IO_HARDLINK);
        if (!readers[fd].keep) {
            ask_close(fd);
            return;
        }
    }
    if (!goes_on)
        ask_receive(fd, 0);
}

static int set_up(void)
{
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN
            | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL,
        .cq_entries = 8192,
    };
    int result = io_uring_queue_init_params(1024, &ring, &parameters);
    if (result == 0)
        result = io_uring_register_files_sparse(&ring, MAX_DESCRIPTORS / 4);
    if (result < 0)
        return result;
    io_uring_register_ring_fd(&ring);
    size_t size = BUFFERS * sizeof(struct io_uring_buf);
    buffer_ring = aligned_alloc(4096, size);
    if (!buffer_ring)
        return -ENOMEM;
    memset(buffer_ring, 0, size);
    struct io_uring_buf_reg registration = {.ring_addr = (uint64_t)(uintptr_t)buffer_ring, .ring_entries = BUFFERS};
    result = io_uring_register_buf_ring(&ring, &registration, 0);
    if (result < 0)
        return result;
    io_uring_buf_ring_init(buffer_ring);
    for (int i = 0; i < BUFFERS; i++)
        give_back(i);
    return 0;
}

static int by_io_uring(int listener)
{
    int result = set_up();
    if (result < 0) {
        fprintf(stderr, "transports: io_uring: %s\n", strerror(-result));
        return 71;
    }
    ask_accept(listener);
    for (;;) {
        if (given_back > 0) {
            io_uring_buf_ring_advance(buffer_ring, given_back);
            given_back = 0;
        }
        io_uring_submit_and_wait(&ring, 1);
        struct io_uring_cqe *event;
        unsigned int head, count = 0;
        io_uring_for_each_cqe(&ring, head, event) {
            count++;
            enum kind kind = (enum kind)(event->user_data >> 32);
            if (kind == RECEIVE)
                received((int)(uint32_t)event->user_data, event);
            if (kind != ACCEPT)
                continue;
            if (event->res >= 0) {
                readers[event->res] = (struct reader){0};
                ask_receive(event->res, 1);
            }
            if (!(event->flags & IORING_CQE_F_MORE))
                ask_accept(listener);
        }
        io_uring_cq_advance(&ring, count);
    }
}

int main(int count, char **arguments)
{
    int is_ring = count == 4 && strcmp(arguments[2], "io_uring") == 0;
    if (count != 4 || (!is_ring && strcmp(arguments[2], "epoll") != 0)) {
        fprintf(stderr, "usage: transports SOCKET epoll|io_uring NANOSECONDS\n");
        return 64;
    }
    work = atoll(arguments[3]);
    answer_length = make_answer(answer);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(arguments[1]) >= sizeof address.sun_path) {
        fprintf(stderr, "transports: the socket's path is too long: %s\n", arguments[1]);
        return 64;
    }
    strcpy(address.sun_path, arguments[1]);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (is_ring ? 0 : SOCK_NONBLOCK), 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) {
        perror("transports: listen");
        return 74;
    }
    return is_ring ? by_io_uring(fd) : by_epoll(fd);
}
