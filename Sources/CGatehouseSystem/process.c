#define _GNU_SOURCE
#include "gatehouse_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *gatehouse_compiler(void) { return __VERSION__; }

// Linux 6.3 has it; where vm.memfd_noexec is 2, no file in memory is made without it.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int gatehouse_memory_file(const char *name) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    return file < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : file;
}

int gatehouse_pipe(int *ends, int capacity) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    // A pipe of the usual size does too.
    fcntl(ends[0], F_SETPIPE_SZ, capacity);
    return 0;
}

int gatehouse_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int gatehouse_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t got;
    do got = read(descriptor, &info, sizeof info);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return got < 0 && errno != EAGAIN ? -1 : 0;
}

int gatehouse_process_descriptor(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int gatehouse_signal_process(int process_descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, process_descriptor, signal, NULL, 0);
}

char *const *gatehouse_environment(void) { return environ; }

int gatehouse_did_exit(int wait_status, int *code) {
    int exited = WIFEXITED(wait_status);
    *code = exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status);
    return exited;
}

void gatehouse_print_lines(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
}
