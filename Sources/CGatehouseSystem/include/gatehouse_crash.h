#ifndef GATEHOUSE_CRASH_H
#define GATEHOUSE_CRASH_H

#include "gatehouse_culprits.h"
#include "gatehouse_scoreboard.h"

#include <stdint.h>

/// Installs a handler for the signals that end the process (SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS).
/// It writes the signal, the thread and the slot whose code ran to `board`, and a backtrace to the file `descriptor`
/// (standard error if negative). The process then ends by the same signal, within two seconds in every case. 0, or -1
/// with errno.
int gatehouse_crash_install(struct gatehouse_scoreboard *board, int descriptor);

/// Makes the handler first write the request that crashes this process, or ends it by exit(3), to `culprits`.
void gatehouse_crash_blame(struct gatehouse_culprits *culprits);

/// Gives the calling thread a separate stack for the handler, which runs even if the thread's own stack is used up. For
/// threads that live as long as the process.
void gatehouse_crash_stack(void);

/// Sets the slot that the calling thread works for, -1 for none; for threads that are not a loop's. Returns the
/// previous slot.
int32_t gatehouse_work_for(int32_t slot);

/// The slot that the calling thread works for; -1 for none.
int32_t gatehouse_worked_for(void);

#endif
