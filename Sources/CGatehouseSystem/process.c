#define _GNU_SOURCE
#include "gatehouse_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int gatehouse_pipe(int *ends, int capacity) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    // The result does not matter: a pipe of the default size also works.
    fcntl(ends[0], F_SETPIPE_SZ, capacity);
    return 0;
}

int gatehouse_process_descriptor(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int gatehouse_signal_process(int process_descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, process_descriptor, signal, NULL, 0);
}

pid_t gatehouse_ended_child(void) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}

void gatehouse_close_on_exec(void) {
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // Linux before 5.11 has no CLOSE_RANGE_CLOEXEC.
    int most = (int)sysconf(_SC_OPEN_MAX);
    for (int fd = 3; fd < most; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
}

char *const *gatehouse_environment(void) { return environ; }

int gatehouse_did_exit(int wait_status, int *code) {
    int exited = WIFEXITED(wait_status);
    *code = exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status);
    return exited;
}

void gatehouse_print_lines(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
