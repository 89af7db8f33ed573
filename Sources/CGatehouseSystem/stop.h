#ifndef GATEHOUSE_STOP_H
#define GATEHOUSE_STOP_H

#include "registers.h"

#include <stdint.h>
#include <sys/types.h>

/// A stopped thread of this process, and the helper process that holds it.
struct gatehouse_stop {
    gatehouse_registers registers;
    int32_t thread;
    /// The progress, on which both sides wait; see stop.c.
    uint32_t stage;
    pid_t helper;
    void *stack;
};

/// Stops a thread of this process without a signal, so that its sleep or wait is not cut short. It resumes by itself
/// after two seconds. Returns whether it has stopped; if not, there is nothing to undo.
int gatehouse_stop_thread(struct gatehouse_stop *stop, int32_t thread);

/// Lets the thread go on.
void gatehouse_let_go(struct gatehouse_stop *stop);

#endif
