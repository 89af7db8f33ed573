#ifndef GATEHOUSE_TRACE_H
#define GATEHOUSE_TRACE_H

#include <stdint.h>

// The backtrace of another thread of this process, for a report of a stall.

/// Prepares the process for `gatehouse_trace_thread`. 0, or -1 with errno.
int gatehouse_trace_install(void);

/// Lets the calling thread be asked by SIGURG. A thread inherits the signal mask of its creator, and libdispatch's
/// threads, which run Swift's tasks, block every signal that can be blocked.
void gatehouse_trace_allow(void);

/// Finds out where a thread is, innermost call first. Returns the count of addresses, or -1 if that is unknown.
///
/// The thread is stopped for a moment by ptrace(2). If that is forbidden, it is asked by SIGURG instead, but only if it
/// runs, or waits in a system call that continues by itself afterwards: a sleep is never cut short.
/// - `may_interrupt`: whether a system call of the thread may be cut short after all.
/// - `waits_in`: receives the number of the system call that the thread waited in; negative if none or unknown.
int gatehouse_trace_thread(int32_t thread, int may_interrupt, void **addresses, int capacity, long *waits_in);

/// A system call's name, and why a thread spends time in it; NULL for one that seldom takes long.
const char *gatehouse_system_call_words(long number);

#endif
