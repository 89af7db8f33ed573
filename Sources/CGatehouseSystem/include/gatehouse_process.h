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

/// A descriptor for a child process that has not been waited for: readable when it has ended. -1 with errno.
int gatehouse_process_descriptor(pid_t pid);

/// Sends a signal to exactly that process, never to another one that got its number. 0, or -1 with errno.
int gatehouse_signal_process(int process_descriptor, int signal);

/// A child that has ended and has not been waited for, whoever has started it; 0 if there is none.
pid_t gatehouse_ended_child(void);

/// Has every descriptor but the first three close when this process, or a child of its own, executes a program.
void gatehouse_close_on_exec(void);

/// This process's environment, for handing on to a child.
char *const *gatehouse_environment(void);

/// Has what is printed leave with the end of each line, though standard output is no terminal.
void gatehouse_print_lines(void);

/// Whether a child that was waited for exited by itself; then `*code` is its status, otherwise the signal that killed
/// it.
int gatehouse_did_exit(int wait_status, int *code);

#endif
