#define _GNU_SOURCE
#include "gatehouse_crash.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// SIGURG: nobody uses it, and one that comes too late is ignored by default.

enum { FRAMES = 128 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static sem_t answered;
// The handler writes here and nowhere else, so that a thread that answers late does no harm.
static void *frames[FRAMES];
static int frame_count;
static int32_t wanted;

static void answer(int number) {
    (void)number;
    int error = errno;
    int32_t thread = (int32_t)gettid();
    // Only for the question that is still open.
    if (__atomic_compare_exchange_n(&wanted, &thread, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        frame_count = backtrace(frames, FRAMES);
        sem_post(&answered);
    }
    errno = error;
}

int gatehouse_trace_install(void) {
    if (sem_init(&answered, 0, 0) != 0) return -1;
    // The first call loads the unwinder, which allocates.
    void *frame;
    backtrace(&frame, 1);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = answer;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGURG, &action, NULL);
}

void gatehouse_trace_allow(void) {
    sigset_t questions;
    sigemptyset(&questions);
    sigaddset(&questions, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &questions, NULL);
}

/// Whether the answer came within a second. One that has begun is waited for a second more, as it writes.
static int wait_for_answer(void) {
    for (int attempt = 0; attempt < 2; attempt++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        int result;
        do result = sem_timedwait(&answered, &until);
        while (result != 0 && errno == EINTR);
        if (result == 0) return 1;
        if (__atomic_exchange_n(&wanted, 0, __ATOMIC_ACQ_REL) != 0) return 0;
    }
    return 0;
}

int gatehouse_trace_thread(int32_t thread, void **addresses, int capacity) {
    pthread_mutex_lock(&one_at_a_time);
    // The answer of somebody who was given up.
    while (sem_trywait(&answered) == 0) {}
    int count = -1;
    __atomic_store_n(&wanted, thread, __ATOMIC_RELEASE);
    if (tgkill(getpid(), thread, SIGURG) == 0 && wait_for_answer()) {
        count = frame_count < capacity ? frame_count : capacity;
        memcpy(addresses, frames, (size_t)count * sizeof *frames);
    }
    __atomic_store_n(&wanted, 0, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&one_at_a_time);
    return count;
}
