#ifndef GATEHOUSE_UNIX_SOCKET_H
#define GATEHOUSE_UNIX_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The kernel's knowledge about a Unix socket: its peer, and its file.

/// The process, user and group that connected to (or listens at) the other end (SO_PEERCRED). 0, or -1 with errno.
int gatehouse_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid);

/// The file that a Unix socket was bound to: the path as it was given to bind(2), and the low bits of the inode. The
/// path may lead to another file by now. 0, or -1 with errno if the socket has no file.
int gatehouse_socket_file(int descriptor, uint32_t *inode, char *path, size_t capacity);

#endif
