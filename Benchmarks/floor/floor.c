/*
 * The floor: what a FastCGI backend costs when it does nothing at all.
 *
 * One thread, epoll, level-triggered. It reads record headers, skips every content, and answers the empty STDIN record
 * with bytes that were made beforehand. It decodes no parameter, so no application could be built on it: nothing that
 * answers over FastCGI can be much cheaper, and that is what it is for.
 *
 *   cc -O2 -o floor floor.c
 *   floor SOCKET [DELAY]     DELAY: hold each answer back so many milliseconds, to see what the front server passes
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "records.h"

#define MAX_DESCRIPTORS 16384
#define MAX_PENDING 16384

/* Per descriptor. */
struct connection {
    struct reader reader;
    uint32_t life; /* counts the connections that this descriptor was, so that a late answer finds the right one */
};

struct pending {
    int fd;
    uint32_t life;
    int64_t due;
};

static struct connection connections[MAX_DESCRIPTORS];
static struct pending queue[MAX_PENDING]; /* one delay for all: first in, first out */
static unsigned int queue_head, queue_length;
static unsigned char answer[512];
static size_t answer_length;
static int64_t delay; /* microseconds */

/* Microseconds. */
static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void hang_up(int fd)
{
    connections[fd].life++;
    close(fd);
}

/* 0 where the connection is gone. */
static int send_answer(int fd)
{
    int whole = send(fd, answer, answer_length, MSG_NOSIGNAL) == (ssize_t)answer_length;
    if (whole && connections[fd].reader.keep)
        return 1;
    hang_up(fd);
    return 0;
}

static int request_ended(int fd)
{
    if (delay == 0)
        return send_answer(fd);
    if (queue_length == MAX_PENDING) {
        hang_up(fd);
        return 0;
    }
    queue[(queue_head + queue_length++) % MAX_PENDING] = (struct pending){fd, connections[fd].life, now() + delay};
    return 1;
}

static void received(int fd, const unsigned char *bytes, size_t count)
{
    int ended = requests_ended(&connections[fd].reader, bytes, count);
    while (ended-- > 0 && request_ended(fd))
        ;
}

static void readable(int fd)
{
    static unsigned char buffer[65536];
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count > 0)
        received(fd, buffer, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        hang_up(fd);
}

static void accept_all(int epoll, int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (fd >= MAX_DESCRIPTORS) {
            close(fd);
            continue;
        }
        uint32_t life = connections[fd].life;
        connections[fd] = (struct connection){.life = life};
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

/* Sends what is due; returns how long epoll may wait. */
static int send_due(void)
{
    while (queue_length > 0) {
        struct pending *first = &queue[queue_head];
        int64_t left = first->due - now();
        if (left > 0)
            return (int)((left + 999) / 1000);
        if (connections[first->fd].life == first->life)
            send_answer(first->fd);
        queue_head = (queue_head + 1) % MAX_PENDING;
        queue_length--;
    }
    return -1;
}

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "floor: the socket's path is too long: %s\n", path);
        exit(64);
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) {
        perror("floor: listen");
        exit(74);
    }
    return fd;
}

int main(int count, char **arguments)
{
    if (count != 2 && count != 3) {
        fprintf(stderr, "usage: floor SOCKET [DELAY]\n");
        return 64;
    }
    if (count == 3)
        delay = (int64_t)atoi(arguments[2]) * 1000;
    answer_length = make_answer(answer);
    int listener = listen_on(arguments[1]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
        perror("floor: epoll");
        return 71;
    }
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, send_due());
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else
                readable(events[i].data.fd);
        }
    }
}
