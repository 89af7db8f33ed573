#ifndef GATEHOUSE_PROCESS_H
#define GATEHOUSE_PROCESS_H

#include <sys/types.h>

// Processes, and what they hand on to their children.

/// Makes a pipe that holds `capacity` bytes if the system allows that, closed on exec. 0, or -1 with errno.
int gatehouse_pipe(int *ends, int capacity);

/// A descriptor (pidfd) for a child process that has not been waited for: readable when it has ended. -1 with errno.
int gatehouse_process_descriptor(pid_t pid);

/// Sends a signal to exactly that process, never to another one that has been given its number since. 0, or -1 with
/// errno.
int gatehouse_signal_process(int process_descriptor, int signal);

/// The number of any child that has ended and has not been waited for, ours or a library's; 0 if there is none.
pid_t gatehouse_ended_child(void);

/// Marks every descriptor but the first three to be closed on exec.
void gatehouse_close_on_exec(void);

/// This process's environment.
char *const *gatehouse_environment(void);

/// Makes standard output line-buffered even if it is no terminal.
void gatehouse_print_lines(void);

/// Whether a child that was waited for exited by itself. `*code` is then its status, otherwise the signal that killed
/// it.
int gatehouse_did_exit(int wait_status, int *code);

#endif
