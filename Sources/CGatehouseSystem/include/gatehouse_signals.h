#ifndef GATEHOUSE_SIGNALS_H
#define GATEHOUSE_SIGNALS_H

// Receiving signals. Signals that an operator sends by habit (`pkill -HUP gatehouse` hits workers too) must not end a
// process or dump its core.

/// Blocks `count` signals for the calling thread and returns a non-blocking descriptor that reads them, closed on exec;
/// -1 with errno. For a process that starts children only by `gatehouse_launch`, which unblocks the signals in the
/// child.
int gatehouse_signal_descriptor(const int *signals, int count);

/// The next signal's number from such a descriptor; 0 if none is waiting, -1 with errno.
int gatehouse_next_signal(int descriptor);

/// The same for a process in which any code may start children: it installs handlers, because children inherit blocked
/// and ignored signals and could then not be killed. Returns a blocking descriptor with one byte for each signal, its
/// number; -1 with errno. Once in a process.
int gatehouse_catch_signals(const int *signals, int count);

/// Unblocks every signal for the calling thread, and so for the threads that it starts.
void gatehouse_unblock_signals(void);

/// Makes signals harmless that would end or stop the process and mean nothing to it; with `all`, SIGHUP, SIGUSR1 and
/// SIGUSR2 too. The signals of a crash, and those with a clear meaning (SIGTERM, SIGINT, SIGQUIT, SIGTSTP), keep their
/// action. Children have the default action again when they execute a program.
void gatehouse_disregard_signals(int all);

#endif
