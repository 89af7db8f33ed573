#define _GNU_SOURCE
#include "gatehouse_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *gatehouse_compiler(void) { return __VERSION__; }

int gatehouse_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

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

/// Copies of the descriptors that lie above every number that the child uses, so that placing one never hits another.
static int lift(const int *descriptors, int count, int *lifted) {
    for (int i = 0; i < count; i++) {
        lifted[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 3 + count);
        if (lifted[i] < 0) {
            int error = errno;
            while (i-- > 0) close(lifted[i]);
            return error;
        }
    }
    return 0;
}

static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const int *lifted, int count) {
    int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    for (int i = 0; i < count && error == 0; i++) error = posix_spawn_file_actions_adddup2(actions, lifted[i], 3 + i);
    // Whatever this process was started with goes too: descriptors of a shell or a service manager that nobody closed.
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3 + count);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return error;
}

int gatehouse_spawn(const char *path, char *const arguments[], char *const environment[], const int *descriptors,
                    int count, pid_t *pid) {
    int *lifted = calloc((size_t)count + 1, sizeof *lifted);
    if (!lifted) return ENOMEM;
    int error = lift(descriptors, count, lifted);
    if (error == 0) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        error = prepare(&actions, &attributes, lifted, count);
        if (!environment) environment = environ;
        if (error == 0) error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        for (int i = 0; i < count; i++) close(lifted[i]);
    }
    free(lifted);
    return error;
}

char *const *gatehouse_environment(void) { return environ; }

int gatehouse_did_exit(int wait_status, int *code) {
    int exited = WIFEXITED(wait_status);
    *code = exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status);
    return exited;
}
