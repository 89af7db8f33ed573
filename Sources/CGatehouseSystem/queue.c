#define _GNU_SOURCE
#include "gatehouse_service.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Of a listening socket tcp_get_info() puts the two counts where others have theirs of segments.
static int tcp_queue(int descriptor, uint32_t *waiting, uint32_t *limit) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
    *waiting = info.tcpi_unacked;
    *limit = info.tcpi_sacked;
    return 0;
}

/// Copies the attribute `type` out of an answer. 0 or an error number.
static int read_answer(const void *bytes, size_t length, int type, void *value, size_t size) {
    const struct nlmsghdr *header = bytes;
    if (length < sizeof *header || !NLMSG_OK(header, length)) return EBADMSG;
    if (header->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(header);
        return header->nlmsg_len >= NLMSG_LENGTH(sizeof *error) && error->error < 0 ? -error->error : EBADMSG;
    }
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
        return EBADMSG;
    const struct unix_diag_msg *found = NLMSG_DATA(header);
    int rest = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *found));
    const struct rtattr *attribute = (const void *)(found + 1);
    for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
        if (attribute->rta_type != type || RTA_PAYLOAD(attribute) < size) continue;
        memcpy(value, RTA_DATA(attribute), size);
        return 0;
    }
    return ENODATA;
}

long gatehouse_ask_kernel(const void *question, size_t size, void *answer, size_t capacity) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return -1;
    // The kernel answers within send(), so there is nothing to wait for.
    ssize_t length = send(netlink, question, size, MSG_DONTWAIT);
    if (length >= 0) length = recv(netlink, answer, capacity, MSG_DONTWAIT);
    int error = errno;
    close(netlink);
    errno = error;
    return length;
}

/// Asks the kernel for one attribute of a Unix socket.
static int ask(int descriptor, uint32_t show, int type, void *value, size_t size) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } question;
    memset(&question, 0, sizeof question);
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.request.sdiag_family = AF_UNIX;
    question.request.udiag_states = ~0u;
    question.request.udiag_ino = (uint32_t)status.st_ino;
    question.request.udiag_show = show;
    // No cookie: the inode is that of a socket which we hold, so nobody else has it.
    question.request.udiag_cookie[0] = question.request.udiag_cookie[1] = ~0u;

    union {
        struct nlmsghdr header;
        char space[1024];
    } answer;
    ssize_t length = gatehouse_ask_kernel(&question, sizeof question, &answer, sizeof answer);
    if (length < 0) return -1;
    int error = read_answer(&answer, (size_t)length, type, value, size);
    errno = error;
    return error == 0 ? 0 : -1;
}

/// The other end's inode, 0 until it is accepted.
static int unix_accepted(int descriptor, uint32_t *inode) {
    return ask(descriptor, UDIAG_SHOW_PEER, UNIX_DIAG_PEER, inode, sizeof *inode);
}

int gatehouse_accepted(int descriptor, uint32_t *inode) {
    int domain = 0;
    socklen_t length = sizeof domain;
    char byte;
    *inode = 0;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return -1;
    if ((domain == AF_UNIX ? unix_accepted(descriptor, inode) : gatehouse_tcp_accepted(descriptor, inode)) != 0)
        return -1;
    if (*inode != 0) return 1;
    // What has been accepted and closed meanwhile has no inode any more. As long as it waits nobody closes it: whoever
    // asks holds the listening socket.
    ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || errno == ECONNRESET;
}

static int unix_queue(int descriptor, uint32_t *waiting, uint32_t *limit) {
    struct unix_diag_rqlen queue;
    if (ask(descriptor, UDIAG_SHOW_RQLEN, UNIX_DIAG_RQLEN, &queue, sizeof queue) != 0) return -1;
    // sock_diag(7): of a listening socket the pending connections, and the backlog.
    *waiting = queue.udiag_rqueue;
    *limit = queue.udiag_wqueue;
    return 0;
}

int gatehouse_socket_file(int descriptor, uint32_t *inode, char *path, size_t capacity) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) return -1;
    size_t bytes = length - offsetof(struct sockaddr_un, sun_path);
    if (address.sun_family != AF_UNIX || length <= offsetof(struct sockaddr_un, sun_path) || address.sun_path[0] == 0
        || bytes >= capacity) {
        errno = EINVAL;
        return -1;
    }
    struct unix_diag_vfs file;
    if (ask(descriptor, UDIAG_SHOW_VFS, UNIX_DIAG_VFS, &file, sizeof file) != 0) return -1;
    memcpy(path, address.sun_path, bytes);
    path[bytes] = 0;
    *inode = file.udiag_vfs_ino;
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
