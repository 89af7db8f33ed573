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

/// Whether the other end of a connection that was made here, to a Unix or TCP socket of this machine, has been
/// accepted: 1 or 0, or -1 with errno. `*inode` is the socket of whoever has accepted it, 0 where it is closed again. Never
/// blocks.
int gatehouse_accepted(int descriptor, uint32_t *inode);
/// The part for TCP; 0, or -1 with errno.
int gatehouse_tcp_accepted(int descriptor, uint32_t *inode);

/// Has one question of sock_diag(7) answered. The answer's length, or -1 with errno.
long gatehouse_ask_kernel(const void *question, size_t size, void *answer, size_t capacity);

/// Connects to where a listening socket is bound, or for a Unix socket to `path` unless that is NULL. A non-blocking
/// descriptor, closed on exec, whose connection may still be under way; -1 with errno.
int gatehouse_connect_to(int listener, const char *path);

/// The file that a Unix socket was bound to: its path as given then, and the low bits of its inode. Whether the
/// path still leads to it is another question. 0, or -1 with errno, where the socket has none.
int gatehouse_socket_file(int descriptor, uint32_t *inode, char *path, size_t capacity);

#endif
