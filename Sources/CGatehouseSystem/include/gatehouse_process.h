#ifndef GATEHOUSE_PROCESS_H
#define GATEHOUSE_PROCESS_H

#include <sys/types.h>

/// The C compiler that compiled this, as it names itself: with a Swift toolchain's, version and commit.
const char *gatehouse_compiler(void);

/// An anonymous file in memory, closed on exec, that can be sealed and not be run as a program. Returns the descriptor,
/// or -1 with errno.
int gatehouse_memory_file(const char *name);

/// A pipe that holds `capacity` bytes if the system lets it, closed on exec. 0, or -1 with errno.
int gatehouse_pipe(int *ends, int capacity);

/// Blocks `count` signals for the calling thread and returns a non-blocking descriptor that reads them, closed on exec;
/// -1 with errno.
int gatehouse_signal_descriptor(const int *signals, int count);

/// The next signal's number from such a descriptor, 0 where none is waiting, -1 with errno.
int gatehouse_next_signal(int descriptor);

/// A descriptor for a child process that has not been waited for: readable when it has ended. -1 with errno.
int gatehouse_process_descriptor(pid_t pid);

/// Sends a signal to exactly that process, never to another one that got its number. 0, or -1 with errno.
int gatehouse_signal_process(int process_descriptor, int signal);

/// This process's environment, for handing on to a child.
char *const *gatehouse_environment(void);

/// Has what is printed leave with the end of each line, though standard output is no terminal.
void gatehouse_print_lines(void);

/// Whether a child that was waited for exited by itself; then `*code` is its status, otherwise the signal that killed
/// it.
int gatehouse_did_exit(int wait_status, int *code);

#endif
