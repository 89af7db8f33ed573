#define _GNU_SOURCE
#include "gatehouse_service.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

int gatehouse_tcp_accepted(int descriptor, uint32_t *inode) {
    union address ours, theirs;
    socklen_t length = sizeof ours;
    *inode = 0;
    if (getsockname(descriptor, &ours.any, &length) != 0) return -1;
    length = sizeof theirs;
    // Under way still.
    if (getpeername(descriptor, &theirs.any, &length) != 0) return errno == ENOTCONN ? 0 : -1;
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } question;
    memset(&question, 0, sizeof question);
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.request.sdiag_family = (uint8_t)ours.any.sa_family;
    question.request.sdiag_protocol = IPPROTO_TCP;
    question.request.idiag_states = ~0u;
    // The other end's view: its own address is the one that we have connected to.
    put(&theirs, &question.request.id.idiag_sport, question.request.id.idiag_src);
    put(&ours, &question.request.id.idiag_dport, question.request.id.idiag_dst);
    question.request.id.idiag_cookie[0] = question.request.id.idiag_cookie[1] = ~0u;
    union {
        struct nlmsghdr header;
        char space[1024];
    } answer;
    ssize_t count = gatehouse_ask_kernel(&question, sizeof question, &answer, sizeof answer);
    if (count < 0) return -1;
    if (!NLMSG_OK(&answer.header, (size_t)count)) {
        errno = EBADMSG;
        return -1;
    }
    if (answer.header.nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(&answer.header);
        errno = -error->error;
        // Not there yet, or not any more.
        return errno == ENOENT ? 0 : -1;
    }
    const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
    if (answer.header.nlmsg_len < NLMSG_LENGTH(sizeof *found)) {
        errno = EBADMSG;
        return -1;
    }
    *inode = found->idiag_inode;
    return 0;
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
