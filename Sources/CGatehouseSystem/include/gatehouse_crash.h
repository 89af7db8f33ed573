#ifndef GATEHOUSE_CRASH_H
#define GATEHOUSE_CRASH_H

#include "gatehouse_culprits.h"
#include "gatehouse_scoreboard.h"

#include <stddef.h>

/// From now on a signal that ends the process (SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS) first leaves
/// its number, its thread and the slot whose code ran on `board`, and where it happened in the file `descriptor`, or on
/// standard error where that is negative. The process ends by the same signal then, within two seconds whatever
/// happens. 0, or -1 with errno.
int gatehouse_crash_install(struct gatehouse_scoreboard *board, int descriptor);

/// Has the request that crashes this process, or ends it by exit(3), written to `culprits` before anything else.
void gatehouse_crash_blame(struct gatehouse_culprits *culprits);

/// Gives the calling thread a stack for the handler, which a thread that has used up its own stack needs. For threads
/// that live as long as the process.
void gatehouse_crash_stack(void);

/// Says for which slot the calling thread works, -1 for none; for threads that are no loop's. Returns the one before.
int32_t gatehouse_work_for(int32_t slot);

/// Sets up what `gatehouse_trace_thread` needs. 0, or -1 with errno.
int gatehouse_trace_install(void);
/// Lets the calling thread answer. A thread starts with the signal mask of whoever makes it, and libdispatch's threads,
/// which run Swift's tasks, block everything that can be blocked.
void gatehouse_trace_allow(void);
/// Where a thread of this process is, innermost call first: how many addresses, or -1 where that cannot be found out.
/// The thread is stopped for a moment. Where that is not allowed, it answers from a handler of SIGURG, but only if it
/// runs or waits in a system call that goes on by itself afterwards: a sleep is never cut short.
/// - `may_interrupt`: whether a system call of it may be cut short after all.
/// - `waits_in`: the number of the system call that it waited in; negative where it was in none, or nobody knows.
int gatehouse_trace_thread(int32_t thread, int may_interrupt, void **addresses, int capacity, long *waits_in);
/// A system call's name and what it means for a thread to be in it; NULL for one that seldom takes long.
const char *gatehouse_system_call_words(long number);

/// What stands before a line about an address of a module.
#define GATEHOUSE_MODULE_MARK "module "

/// One line about an address of code: file, offset in it, and the symbol with its offset as the dynamic linker knows
/// it. Safe in a signal handler. The length, without an end.
size_t gatehouse_describe(const void *address, char *line, size_t capacity);

/// A Swift symbol as a person would write it, to be freed; NULL where it is none.
char *gatehouse_demangle(const char *symbol, size_t length);

#endif
