#ifndef GATEHOUSE_STOP_H
#define GATEHOUSE_STOP_H

#include "registers.h"

#include <stdint.h>
#include <sys/types.h>

/// A thread of this process that stands still, and the process that holds it.
struct gatehouse_stop {
    gatehouse_registers registers;
    int32_t thread;
    /// What has been reached, for both to wait on; see stop.c.
    uint32_t stage;
    pid_t helper;
    void *stack;
};

/// Stops a thread of this process without a signal: what it sleeps or waits for goes on, and keeps its time. It goes
/// on by itself after two seconds. Whether it stands; where it does not, nothing is to be undone.
int gatehouse_stop_thread(struct gatehouse_stop *stop, int32_t thread);
void gatehouse_let_go(struct gatehouse_stop *stop);

#endif
