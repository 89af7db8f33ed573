#ifndef GATEHOUSE_SIGNALS_H
#define GATEHOUSE_SIGNALS_H

// Signals that somebody sends by habit (`pkill -HUP gatehouse` hits workers as well) end nobody, and dump no core.

/// Blocks `count` signals for the calling thread and returns a non-blocking descriptor that reads them, closed on exec;
/// -1 with errno. For a process that starts children by `gatehouse_launch` alone, which unblocks them there.
int gatehouse_signal_descriptor(const int *signals, int count);

/// The next signal's number from such a descriptor, 0 if none is waiting, -1 with errno.
int gatehouse_next_signal(int descriptor);

/// As above for a process in which anybody may start children: nothing is blocked or ignored, which children would
/// inherit, and their own `kill` would have no effect. The descriptor blocks, and has one byte for each signal: its
/// number. Once in a process. -1 with errno.
int gatehouse_catch_signals(const int *signals, int count);

/// Lets the calling thread, and those that it starts, have every signal.
void gatehouse_unblock_signals(void);

/// Has signals do nothing that would end or stop the process, and that mean nothing to it: SIGHUP, SIGUSR1 and SIGUSR2
/// too with `all`. Those of a crash, and those that nobody can mistake (SIGTERM, SIGINT, SIGQUIT, SIGTSTP), are left
/// as they are. Children get back the default action when they execute a program.
void gatehouse_disregard_signals(int all);

#endif
