#ifndef GATEHOUSE_DESCRIPTORS_H
#define GATEHOUSE_DESCRIPTORS_H

#include <stddef.h>
#include <sys/types.h>

// Descriptors that are sent over Unix sockets (SCM_RIGHTS, unix(7)). Swift cannot lay out the control messages.

/// Sends `length` bytes and one descriptor as one message. Never blocks. 0, or -1 with errno.
int gatehouse_send_descriptor(int socket, int descriptor, const void *bytes, size_t length);

/// Receives one message and the descriptor that came with it, closed on exec; `*descriptor` is -1 if none did. Further
/// descriptors of the same message are closed. Returns the count of bytes, 0 at the end, or -1 with errno. Never
/// blocks.
ssize_t gatehouse_receive_descriptor(int socket, int *descriptor, void *bytes, size_t capacity);

#endif
