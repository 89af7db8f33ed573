#define _GNU_SOURCE
#include "sock_diag.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/// The answer's length, or -1 with errno.
static ssize_t exchange(const void *question, size_t size, void *answer, size_t capacity) {
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

/// 0, or an error number.
static int check(const struct nlmsghdr *header, size_t length, size_t least_payload) {
    if (length < sizeof *header || !NLMSG_OK(header, length)) return EBADMSG;
    if (header->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(header);
        return header->nlmsg_len >= NLMSG_LENGTH(sizeof *error) && error->error < 0 ? -error->error : EBADMSG;
    }
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(least_payload)) return EBADMSG;
    return 0;
}

const void *gatehouse_ask_sock_diag(struct nlmsghdr *question, size_t size, union gatehouse_diag_answer *answer,
                                    size_t least_payload) {
    question->nlmsg_len = (uint32_t)size;
    question->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question->nlmsg_flags = NLM_F_REQUEST;
    ssize_t length = exchange(question, size, answer, sizeof *answer);
    if (length < 0) return NULL;
    int error = check(&answer->header, (size_t)length, least_payload);
    if (error == 0) return NLMSG_DATA(&answer->header);
    errno = error;
    return NULL;
}

int gatehouse_ask_unix_diag(int descriptor, uint32_t show, int type, void *value, size_t size) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } question;
    memset(&question, 0, sizeof question);
    question.request.sdiag_family = AF_UNIX;
    question.request.udiag_states = ~0u;
    question.request.udiag_ino = (uint32_t)status.st_ino;
    question.request.udiag_show = show;
    // No cookie is needed: the inode belongs to a socket that we hold open, so no other socket has it.
    question.request.udiag_cookie[0] = question.request.udiag_cookie[1] = ~0u;

    union gatehouse_diag_answer answer;
    const struct unix_diag_msg *found =
        gatehouse_ask_sock_diag(&question.header, sizeof question, &answer, sizeof *found);
    if (!found) return -1;
    int rest = (int)(answer.header.nlmsg_len - NLMSG_LENGTH(sizeof *found));
    const struct rtattr *attribute = (const void *)(found + 1);
    for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
        if (attribute->rta_type != type || RTA_PAYLOAD(attribute) < size) continue;
        memcpy(value, RTA_DATA(attribute), size);
        return 0;
    }
    errno = ENODATA;
    return -1;
}
