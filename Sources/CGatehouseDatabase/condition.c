#define _GNU_SOURCE
#include "gatehouse_condition.h"

#include <errno.h>
#include <time.h>

void gatehouse_condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int gatehouse_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline) {
    if (deadline == INT64_MAX) {
        pthread_cond_wait(condition, mutex);
        return 0;
    }
    struct timespec time = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    return pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT;
}
