#define _GNU_SOURCE
#include "gatehouse_socket_backlog.h"
#include "sock_diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// For a listening socket, the kernel puts the two counts into fields that count segments otherwise.
static int tcp_queue(int descriptor, uint32_t *waiting, uint32_t *limit) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
    *waiting = info.tcpi_unacked;
    *limit = info.tcpi_sacked;
    return 0;
}

static int unix_queue(int descriptor, uint32_t *waiting, uint32_t *limit) {
    struct unix_diag_rqlen queue;
    if (gatehouse_ask_unix_diag(descriptor, UDIAG_SHOW_RQLEN, UNIX_DIAG_RQLEN, &queue, sizeof queue) != 0) return -1;
    // sock_diag(7): for a listening socket these are the pending connections, and the backlog.
    *waiting = queue.udiag_rqueue;
    *limit = queue.udiag_wqueue;
    return 0;
}

int gatehouse_listening_queue(int descriptor, uint32_t *waiting, uint32_t *limit) {
    int listens = 0, domain = 0;
    socklen_t length = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0) return -1;
    length = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return -1;
    if (!listens) {
        errno = EINVAL;
        return -1;
    }
    switch (domain) {
    case AF_UNIX: return unix_queue(descriptor, waiting, limit);
    case AF_INET:
    case AF_INET6: return tcp_queue(descriptor, waiting, limit);
    default: errno = EAFNOSUPPORT; return -1;
    }
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static void put(const union address *address, __be16 *port, __be32 *bytes) {
    if (address->any.sa_family == AF_INET) {
        *port = address->v4.sin_port;
        memcpy(bytes, &address->v4.sin_addr, 4);
    } else {
        *port = address->v6.sin6_port;
        memcpy(bytes, &address->v6.sin6_addr, 16);
    }
}

/// The peer's inode in `*inode`, 0 until the connection is accepted. 0, or -1 with errno.
static int tcp_accepted(int descriptor, uint32_t *inode) {
    union address ours, theirs;
    socklen_t length = sizeof ours;
    if (getsockname(descriptor, &ours.any, &length) != 0) return -1;
    length = sizeof theirs;
    // ENOTCONN: the connection is still being made.
    if (getpeername(descriptor, &theirs.any, &length) != 0) return errno == ENOTCONN ? 0 : -1;
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } question;
    memset(&question, 0, sizeof question);
    question.request.sdiag_family = (uint8_t)ours.any.sa_family;
    question.request.sdiag_protocol = IPPROTO_TCP;
    question.request.idiag_states = ~0u;
    // The question is about the peer's socket, whose own address is the one that we have connected to.
    put(&theirs, &question.request.id.idiag_sport, question.request.id.idiag_src);
    put(&ours, &question.request.id.idiag_dport, question.request.id.idiag_dst);
    question.request.id.idiag_cookie[0] = question.request.id.idiag_cookie[1] = ~0u;
    union gatehouse_diag_answer answer;
    const struct inet_diag_msg *found =
        gatehouse_ask_sock_diag(&question.header, sizeof question, &answer, sizeof *found);
    // ENOENT: the peer's socket is not there yet, or not any more.
    if (!found) return errno == ENOENT ? 0 : -1;
    *inode = found->idiag_inode;
    return 0;
}

/// The peer's inode, which is 0 until the connection is accepted.
static int unix_accepted(int descriptor, uint32_t *inode) {
    return gatehouse_ask_unix_diag(descriptor, UDIAG_SHOW_PEER, UNIX_DIAG_PEER, inode, sizeof *inode);
}

int gatehouse_accepted(int descriptor, uint32_t *inode) {
    int domain = 0;
    socklen_t length = sizeof domain;
    char byte;
    *inode = 0;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return -1;
    if ((domain == AF_UNIX ? unix_accepted(descriptor, inode) : tcp_accepted(descriptor, inode)) != 0)
        return -1;
    if (*inode != 0) return 1;
    // A connection that was accepted and then closed has no inode any more, but its end can be read. A connection that
    // waits is open: the caller holds the listening socket.
    ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || errno == ECONNRESET;
}

int gatehouse_connect_to(int listener, const char *path) {
    union address address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(listener, &address.any, &length) != 0) return -1;
    if (path && address.any.sa_family == AF_UNIX) {
        if (strlen(path) >= sizeof address.local.sun_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memset(address.local.sun_path, 0, sizeof address.local.sun_path);
        strcpy(address.local.sun_path, path);
        length = sizeof address.local;
    }
    int connection = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection < 0) return -1;
    if (connect(connection, &address.any, length) == 0 || errno == EINPROGRESS) return connection;
    int error = errno;
    close(connection);
    errno = error;
    return -1;
}
