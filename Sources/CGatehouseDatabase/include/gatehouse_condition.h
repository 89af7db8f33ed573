#ifndef GATEHOUSE_CONDITION_H
#define GATEHOUSE_CONDITION_H

#include <pthread.h>
#include <stdint.h>

/// Makes a condition whose deadlines are moments of the monotonic clock.
void gatehouse_condition_init(pthread_cond_t *_Nonnull condition);

/// Waits for the condition, or for the moment `deadline` in nanoseconds of the monotonic clock; INT64_MAX waits for
/// ever. Returns 1 if the moment came first. It may also return for no reason.
int gatehouse_condition_wait(
    pthread_cond_t *_Nonnull condition, pthread_mutex_t *_Nonnull mutex, int64_t deadline);

#endif
