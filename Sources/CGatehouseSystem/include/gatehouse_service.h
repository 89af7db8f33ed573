#ifndef GATEHOUSE_SERVICE_H
#define GATEHOUSE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

// The service's side of systemd, as far as it needs structures that Swift cannot lay out.

/// Sends `text` as one datagram to the Unix socket `address` (a path, or '@' and a name of the abstract namespace),
/// with `descriptor` attached unless it is -1. Never blocks. 0, or -1 with errno; EAFNOSUPPORT if the address is
/// neither.
int gatehouse_notify(const char *address, const char *text, size_t length, int descriptor);

/// The number that systemd calls PIDFDID: the inode of this process's pidfd, which no two processes of one boot share.
/// 0 before Linux 6.9, which has no such inode.
uint64_t gatehouse_own_process_id(void);

#endif
