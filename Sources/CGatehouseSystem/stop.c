#define _GNU_SOURCE
#include "stop.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A thread cannot trace another thread of its own process. A helper that shares our memory, like the child of vfork(2),
// is a process of its own and can. PTRACE_INTERRUPT is not a signal: the kernel afterwards resumes a sleep or a poll
// where it was. (epoll_wait(2) and a few others end; trace.c does not use this for them.)

enum { STACK = 1 << 16, ELF_REGISTERS = 1 };
enum { STARTED, ALLOWED, STANDS, FAILED, OVER };

static const struct timespec time_limit = {.tv_sec = 2}, moment = {.tv_nsec = 1000000};

static void reach(struct gatehouse_stop *stop, uint32_t stage) {
    __atomic_store_n(&stop->stage, stage, __ATOMIC_RELEASE);
    syscall(SYS_futex, &stop->stage, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/// Waits for up to two seconds until the stage is no longer `stage`. Returns the present stage.
static uint32_t leave(struct gatehouse_stop *stop, uint32_t stage) {
    uint32_t now;
    while ((now = __atomic_load_n(&stop->stage, __ATOMIC_ACQUIRE)) == stage)
        if (syscall(SYS_futex, &stop->stage, FUTEX_WAIT, stage, &time_limit, NULL, 0) != 0 && errno == ETIMEDOUT) break;
    return now;
}

/// Waits until the thread has stopped. Returns the signal that stopped it, which PTRACE_DETACH must deliver; 0 for
/// none, -1 if it has not stopped.
static int wait_for_stop(pid_t thread) {
    for (int attempt = 0; attempt < 1000; attempt++) {
        int status;
        pid_t result = waitpid(thread, &status, __WALL | WNOHANG);
        if (result < 0) return -1;
        if (result == 0) {
            nanosleep(&moment, NULL);
            continue;
        }
        if (!WIFSTOPPED(status)) return -1;
        return status >> 16 ? 0 : WSTOPSIG(status);
    }
    return -1;
}

// The helper process. Every signal is blocked in it, and it is killed if the thread that started it ends.
static int hold(void *data) {
    struct gatehouse_stop *stop = data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (leave(stop, STARTED) != ALLOWED) return 0;
    if (ptrace(PTRACE_SEIZE, stop->thread, NULL, NULL) != 0) {
        reach(stop, FAILED);
        return 0;
    }
    struct iovec place = {.iov_base = &stop->registers, .iov_len = sizeof stop->registers};
    int signal = ptrace(PTRACE_INTERRUPT, stop->thread, NULL, NULL) == 0 ? wait_for_stop(stop->thread) : -1;
    if (signal >= 0 && ptrace(PTRACE_GETREGSET, stop->thread, (void *)ELF_REGISTERS, &place) == 0) {
        reach(stop, STANDS);
        leave(stop, STANDS);
    } else {
        reach(stop, FAILED);
    }
    // A thread that has not stopped is released by the end of this process.
    if (signal >= 0) ptrace(PTRACE_DETACH, stop->thread, NULL, (void *)(intptr_t)signal);
    return 0;
}

static void end(struct gatehouse_stop *stop) {
    pid_t result;
    do result = waitpid(stop->helper, NULL, __WALL);
    while (result < 0 && errno == EINTR);
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    munmap(stop->stack, STACK);
}

int gatehouse_stop_thread(struct gatehouse_stop *stop, int32_t thread) {
    stop->thread = thread;
    stop->stage = STARTED;
    stop->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stop->stack == MAP_FAILED) return 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    // No SIGCHLD is set for its end, so that a module that waits for its own children does not see the helper.
    stop->helper = clone(hold, (char *)stop->stack + STACK, CLONE_VM | CLONE_FILES | CLONE_UNTRACED, stop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (stop->helper < 0) {
        munmap(stop->stack, STACK);
        return 0;
    }
    // The Yama security module lets only a named process trace us.
    prctl(PR_SET_PTRACER, stop->helper, 0, 0, 0);
    reach(stop, ALLOWED);
    if (leave(stop, ALLOWED) == STANDS) return 1;
    reach(stop, OVER);
    end(stop);
    return 0;
}

void gatehouse_let_go(struct gatehouse_stop *stop) {
    reach(stop, OVER);
    end(stop);
}
