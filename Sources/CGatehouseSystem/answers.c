#include "gatehouse_answers.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

// One byte for each descriptor. Pages for descriptors that the process never has are never touched.
enum { DESCRIPTORS = 1 << 20 };

static uint8_t under_way[DESCRIPTORS];
static int highest = -1;

void gatehouse_answer_mark(int fd, int is_under_way) {
    if (fd < 0 || fd >= DESCRIPTORS) return;
    __atomic_store_n(&under_way[fd], is_under_way ? 1 : 0, __ATOMIC_RELEASE);
    int before = __atomic_load_n(&highest, __ATOMIC_RELAXED);
    while (is_under_way && before < fd
           && !__atomic_compare_exchange_n(&highest, &before, fd, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {}
}

void gatehouse_break_answers(void) {
    // A FastCGI record header of version 0; see FastCGIConnection.appendCut.
    static const uint8_t cut[8];
    int error = errno;
    for (int fd = 0, last = __atomic_load_n(&highest, __ATOMIC_ACQUIRE); fd <= last; fd++)
        if (__atomic_exchange_n(&under_way[fd], 0, __ATOMIC_ACQ_REL))
            // A full socket does not take the record; that response then ends without it.
            if (send(fd, cut, sizeof cut, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) continue;
    errno = error;
}
