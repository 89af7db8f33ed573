#ifndef GATEHOUSE_SOCK_DIAG_H
#define GATEHOUSE_SOCK_DIAG_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

// Questions to sock_diag(7) about one socket.

/// Room for an answer to a question about one socket.
union gatehouse_diag_answer {
    struct nlmsghdr header;
    char space[1024];
};

/// Fills in the header of one question, sends it, and checks the answer, whose payload has at least `least_payload`
/// bytes. Never blocks. Returns the payload; NULL with errno, which is the kernel's own error or EBADMSG.
const void *gatehouse_ask_sock_diag(struct nlmsghdr *question, size_t size, union gatehouse_diag_answer *answer,
                                    size_t least_payload);

/// Copies one attribute (UNIX_DIAG_...) of a Unix socket, asked for by the flag `show`. 0, or -1 with errno.
int gatehouse_ask_unix_diag(int descriptor, uint32_t show, int type, void *value, size_t size);

#endif
