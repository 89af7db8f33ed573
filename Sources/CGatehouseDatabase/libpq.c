#define _GNU_SOURCE
#include "gatehouse_libpq.h"
#include "gatehouse_library.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct gatehouse_pq gatehouse_pq;

#define GATEHOUSE_PQ_PLACE(name) {#name, (void **)&gatehouse_pq.name, 0},
static const struct gatehouse_function functions[] = {
    GATEHOUSE_PQ_FUNCTIONS(GATEHOUSE_PQ_PLACE)
    {"PQsetChunkedRowsMode", (void **)&gatehouse_pq.PQsetChunkedRowsMode, 1},
    // dlsym looks in what a library depends on, too.
    {"SSL_pending", (void **)&gatehouse_pq.SSL_pending, 1},
};

int gatehouse_libpq_open(char *reason, size_t capacity) {
    return gatehouse_library_open(
        "libpq.so.5", functions, sizeof functions / sizeof functions[0], reason, capacity);
}

int gatehouse_pq_wait(int descriptor, int writes, int milliseconds) {
    struct pollfd wanted = {.fd = descriptor, .events = writes ? POLLOUT : POLLIN};
    int ready = poll(&wanted, 1, milliseconds);
    // A signal is no reason to end: the caller looks at its own clock.
    return ready < 0 && errno == EINTR ? 1 : ready;
}

int gatehouse_pq_hold(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

void gatehouse_pq_shut_down(int descriptor) { shutdown(descriptor, SHUT_RDWR); }

void gatehouse_pq_let_go(int descriptor) {
    if (descriptor >= 0) close(descriptor);
}

void gatehouse_pq_end_user_timeout(int descriptor) {
    unsigned int none = 0;
    // A Unix socket has no such option, and needs none.
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &none, sizeof none);
}

int gatehouse_pq_peer_is_gone(int descriptor) {
    char byte;
    ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

// libpq itself empties these buffers since its minor releases of 2026; older ones leave the end of a large record in
// them.
int gatehouse_pq_has_hidden_input(PGconn *connection) {
    if (gatehouse_pq.PQsslInUse(connection)) {
        void *session = gatehouse_pq.PQsslStruct(connection, "OpenSSL");
        if (!session || !gatehouse_pq.SSL_pending) return -1;
        return gatehouse_pq.SSL_pending(session) > 0;
    }
    return gatehouse_pq.PQgssEncInUse(connection) ? -1 : 0;
}

int gatehouse_pq_cancel_and_free(PGcancel *cancel) {
    // libpq asks for a buffer of 256 bytes.
    char reason[256];
    int sent = gatehouse_pq.PQcancel(cancel, reason, sizeof reason);
    gatehouse_pq.PQfreeCancel(cancel);
    return sent;
}
