#define _GNU_SOURCE
#include "gatehouse_unix_socket.h"
#include "sock_diag.h"

#include <errno.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int gatehouse_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
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
    if (gatehouse_ask_unix_diag(descriptor, UDIAG_SHOW_VFS, UNIX_DIAG_VFS, &file, sizeof file) != 0) return -1;
    memcpy(path, address.sun_path, bytes);
    path[bytes] = 0;
    *inode = file.udiag_vfs_ino;
    return 0;
}
