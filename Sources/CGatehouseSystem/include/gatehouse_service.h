#ifndef GATEHOUSE_SERVICE_H
#define GATEHOUSE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

// What a service needs of systemd and of the kernel's diagnostics, in structures that Swift cannot lay out.

/// Sends `text` as one datagram to the Unix socket `address` (a path, or '@' and a name of the abstract namespace),
/// with `descriptor` attached unless it is -1. Never blocks. 0, or -1 with errno; EAFNOSUPPORT where the address is
/// neither.
int gatehouse_notify(const char *address, const char *text, size_t length, int descriptor);

/// The number that systemd calls PIDFDID, which no two processes of one boot share: the inode of this process's pidfd.
/// 0 where the kernel has none (before Linux 6.9).
uint64_t gatehouse_own_process_id(void);

/// How many connections wait to be accepted on a listening socket, and how many may: of a Unix socket by sock_diag(7),
/// of a TCP socket by TCP_INFO. Never blocks. 0, or -1 with errno.
int gatehouse_listening_queue(int descriptor, uint32_t *waiting, uint32_t *limit);

/// The file that a Unix socket was bound to: its path as given then, and the low bits of its inode. Whether the
/// path still leads to it is another question. 0, or -1 with errno, where the socket has none.
int gatehouse_socket_file(int descriptor, uint32_t *inode, char *path, size_t capacity);

#endif
