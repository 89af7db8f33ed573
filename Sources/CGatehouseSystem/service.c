#define _GNU_SOURCE
#include "gatehouse_service.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/// The length of the address; 0 if it has neither of the two forms that sd_notify(3) knows for a local manager.
static socklen_t fill(struct sockaddr_un *target, const char *address) {
    size_t length = strlen(address);
    if (length < 2 || length >= sizeof target->sun_path || (address[0] != '/' && address[0] != '@')) return 0;
    memset(target, 0, sizeof *target);
    target->sun_family = AF_UNIX;
    memcpy(target->sun_path, address, length);
    if (address[0] == '/') return sizeof *target;
    // An abstract name starts with a NUL, and its length is that of the address: a NUL at its end would be part of it.
    target->sun_path[0] = 0;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int gatehouse_notify(const char *address, const char *text, size_t length, int descriptor) {
    struct sockaddr_un target;
    socklen_t target_length = fill(&target, address);
    if (target_length == 0) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    struct iovec piece = {.iov_base = (void *)text, .iov_len = length};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_name = &target, .msg_namelen = target_length, .msg_iov = &piece, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    // Each message has a socket of its own: a socket that stayed open could be connected to a manager that has been
    // replaced.
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sender < 0) return -1;
    ssize_t sent;
    do sent = sendmsg(sender, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    int error = errno;
    close(sender);
    errno = error;
    return sent < 0 ? -1 : 0;
}

// <linux/magic.h> defines it only since Linux 6.9.
enum { PID_FILE_SYSTEM = 0x50494446 };

uint64_t gatehouse_own_process_id(void) {
    int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (process < 0) return 0;
    struct stat status;
    struct statfs system;
    // Older kernels give all pidfds the same inode, that of the anonymous file system.
    int known = fstatfs(process, &system) == 0 && system.f_type == PID_FILE_SYSTEM && fstat(process, &status) == 0;
    close(process);
    return known ? (uint64_t)status.st_ino : 0;
}
