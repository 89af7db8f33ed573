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
#include <fastcgi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 16384
#define MAX_PENDING 16384

/* Per descriptor: where in the record the last read ended, and what the request asked for. */
struct connection {
    unsigned char header[FCGI_HEADER_LEN];
    unsigned int header_bytes; /* of the header at hand */
    uint32_t skip;             /* content and padding still to come */
    unsigned char begin[3];    /* role and flags of BEGIN_REQUEST */
    unsigned int begin_bytes;
    int keep;
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

static void put_header(unsigned char *at, unsigned char type, size_t content, unsigned char padding)
{
    memset(at, 0, FCGI_HEADER_LEN);
    at[0] = FCGI_VERSION_1;
    at[1] = type;
    at[3] = 1; /* nginx, the only front server here, always asks with id 1 */
    at[4] = (unsigned char)(content >> 8);
    at[5] = (unsigned char)content;
    at[6] = padding;
}

static void make_answer(void)
{
    static const char text[] =
        "Status: 200\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n\r\nHello from the peer.\n";
    size_t length = sizeof text - 1, padding = (8 - length % 8) % 8;
    put_header(answer, FCGI_STDOUT, length, (unsigned char)padding);
    memcpy(answer + FCGI_HEADER_LEN, text, length);
    answer_length = FCGI_HEADER_LEN + length + padding;
    put_header(answer + answer_length, FCGI_END_REQUEST, sizeof(FCGI_EndRequestBody), 0);
    answer_length += FCGI_HEADER_LEN + sizeof(FCGI_EndRequestBody);
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
    if (whole && connections[fd].keep)
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

static int received(int fd, const unsigned char *bytes, size_t count)
{
    struct connection *c = &connections[fd];
    while (count > 0) {
        if (c->header_bytes < FCGI_HEADER_LEN) {
            c->header[c->header_bytes++] = *bytes++;
            count--;
            if (c->header_bytes < FCGI_HEADER_LEN)
                continue;
            uint32_t content = (uint32_t)c->header[4] << 8 | c->header[5];
            c->skip = content + c->header[6];
            c->begin_bytes = 0;
            if (c->skip == 0) {
                c->header_bytes = 0;
                if (c->header[1] == FCGI_STDIN && !request_ended(fd))
                    return 0;
            }
            continue;
        }
        size_t part = count < c->skip ? count : c->skip;
        if (c->header[1] == FCGI_BEGIN_REQUEST) {
            for (size_t i = 0; i < part && c->begin_bytes < sizeof c->begin; i++)
                c->begin[c->begin_bytes++] = bytes[i];
            c->keep = c->begin[2] & FCGI_KEEP_CONN;
        }
        bytes += part;
        count -= part;
        c->skip -= (uint32_t)part;
        if (c->skip == 0)
            c->header_bytes = 0;
    }
    return 1;
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
    make_answer();
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
