#ifndef GATEHOUSE_SOCKET_BACKLOG_H
#define GATEHOUSE_SOCKET_BACKLOG_H

#include <stdint.h>

// Connections that wait on a listening Unix or TCP socket until they are accepted. Nothing here blocks.

/// Counts the connections that wait on a listening socket, and how many the kernel lets wait: for a Unix socket by
/// sock_diag(7), for a TCP socket by TCP_INFO. 0, or -1 with errno.
int gatehouse_listening_queue(int descriptor, uint32_t *waiting, uint32_t *limit);

/// Connects to the address of a listening socket; for a Unix socket to `path` unless that is NULL. Returns a
/// non-blocking descriptor, closed on exec, whose connection may still be being made; -1 with errno.
int gatehouse_connect_to(int listener, const char *path);

/// Whether a connection that was made from here to a socket of this machine has been accepted: 1, 0, or -1 with errno.
/// `*inode` identifies the accepted socket, and is 0 if that has been closed again.
int gatehouse_accepted(int descriptor, uint32_t *inode);

#endif
