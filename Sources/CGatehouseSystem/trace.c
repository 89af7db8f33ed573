#define _GNU_SOURCE
#include "gatehouse_trace.h"
#include "registers.h"
#include "stop.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The signal is SIGURG: nothing else uses it, and its default action is to be ignored if it arrives too late.

enum { FRAMES = 128, RUNNING = -1, UNKNOWN = -2 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static sem_t answered;
// The handler writes only here, so a thread that answers late does no harm.
static void *frames[FRAMES];
static int frame_count;
static int32_t wanted;
/// The thread that unwinds a stopped thread's stack in its own handler, and the stopped thread's registers.
static int32_t substitute;
static const gatehouse_registers *registers;

/// Drops the handler's own calls from the front of the backtrace.
static void keep_from(const void *instruction) {
    int first = 0;
    while (first < frame_count && frames[first] != instruction) first++;
    if (first == frame_count) return;
    frame_count -= first;
    memmove(frames, frames + first, (size_t)frame_count * sizeof *frames);
}

static void answer(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    int error = errno;
    int32_t thread = (int32_t)gettid();
    if (thread == __atomic_load_n(&substitute, __ATOMIC_ACQUIRE)) {
        // The unwinder continues from this handler by the registers in `context`, so putting the stopped thread's there
        // makes it unwind that thread. The kernel reads them again only when this handler returns.
        ucontext_t own = *(ucontext_t *)context;
        if (gatehouse_put_registers(registers, context)) {
            frame_count = backtrace(frames, FRAMES);
            keep_from(gatehouse_stopped_at(registers));
        }
        ((ucontext_t *)context)->uc_mcontext = own.uc_mcontext;
    } else if (__atomic_compare_exchange_n(&wanted, &thread, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        // Answers only the question that is still open.
        frame_count = backtrace(frames, FRAMES);
        keep_from(gatehouse_instruction(context));
        sem_post(&answered);
    }
    errno = error;
}

int gatehouse_trace_install(void) {
    if (sem_init(&answered, 0, 0) != 0) return -1;
    // The first call loads the unwinder, which allocates memory.
    void *frame;
    backtrace(&frame, 1);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGURG, &action, NULL);
}

static void set_questions(int how, sigset_t *before) {
    sigset_t questions;
    sigemptyset(&questions);
    sigaddset(&questions, SIGURG);
    pthread_sigmask(how, &questions, before);
}

void gatehouse_trace_allow(void) { set_questions(SIG_UNBLOCK, NULL); }

/// Whether the answer came within a second. An answer that has begun gets a second more, because it is writing.
static int wait_for_answer(void) {
    for (int attempt = 0; attempt < 2; attempt++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        int result;
        do result = sem_timedwait(&answered, &until);
        while (result != 0 && errno == EINTR);
        if (result == 0) return 1;
        if (__atomic_exchange_n(&wanted, 0, __ATOMIC_ACQ_REL) != 0) return 0;
    }
    return 0;
}

/// Asks the thread to unwind itself in the handler of SIGURG. Whether it answered.
static int ask(int32_t thread) {
    // Discards the late answer of a thread that was given up.
    while (sem_trywait(&answered) == 0) {}
    __atomic_store_n(&wanted, thread, __ATOMIC_RELEASE);
    int is_answered = tgkill(getpid(), thread, SIGURG) == 0 && wait_for_answer();
    __atomic_store_n(&wanted, 0, __ATOMIC_RELEASE);
    return is_answered;
}

/// Stops the thread and unwinds its stack from here. Whether that found anything.
static int look(int32_t thread) {
    struct gatehouse_stop stop;
    if (!gatehouse_stop_thread(&stop, thread)) return 0;
    frame_count = 0;
    registers = &stop.registers;
    sigset_t before;
    set_questions(SIG_UNBLOCK, &before);
    int32_t self = (int32_t)gettid();
    __atomic_store_n(&substitute, self, __ATOMIC_RELEASE);
    // A signal that a thread sends to itself is delivered before the call returns.
    tgkill(getpid(), self, SIGURG);
    __atomic_store_n(&substitute, 0, __ATOMIC_RELEASE);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    gatehouse_let_go(&stop);
    return frame_count > 0;
}

/// The system call that a thread waits in, and its arguments; `RUNNING`, or `UNKNOWN` without /proc.
static long system_call(int32_t thread, unsigned long *arguments) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return UNKNOWN;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return UNKNOWN;
    text[length] = 0;
    long number;
    if (strncmp(text, "running", 7) == 0) return RUNNING;
    if (sscanf(text, "%ld %lx %lx %lx %lx", &number, arguments, arguments + 1, arguments + 2, arguments + 3) < 1)
        return UNKNOWN;
    return number < 0 ? RUNNING : number;
}

/// Whether the kernel ends the system call when its thread is merely stopped (signal(7)).
static int ends_when_stopped(long number) {
    switch (number) {
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
    case SYS_io_getevents:
    case SYS_semop:
    case SYS_semtimedop:
    case SYS_msgrcv:
    case SYS_msgsnd:
    case SYS_rt_sigtimedwait: return 1;
    default: return 0;
    }
}

/// Whether the system call resumes by itself after a handler with SA_RESTART, with the time that it had left.
static int goes_on(long number, const unsigned long *arguments) {
    struct stat status;
    switch (number) {
    case RUNNING:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_flock:
    case SYS_fcntl:
    case SYS_openat: return 1;
    case SYS_futex: return arguments[3] == 0;
    case SYS_read:
    case SYS_write:
        return fstat((int)arguments[0], &status) == 0 && (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode));
    default: return 0;
    }
}

int gatehouse_trace_thread(int32_t thread, int may_interrupt, void **addresses, int capacity, long *waits_in) {
    pthread_mutex_lock(&one_at_a_time);
    unsigned long arguments[4] = {0};
    long number = system_call(thread, arguments);
    *waits_in = number;
    int count = -1;
    int is_known = (!ends_when_stopped(number) && number != UNKNOWN && look(thread)) ||
                   ((may_interrupt || goes_on(number, arguments)) && ask(thread));
    if (is_known) {
        count = frame_count < capacity ? frame_count : capacity;
        memcpy(addresses, frames, (size_t)count * sizeof *frames);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return count;
}

const char *gatehouse_system_call_words(long number) {
    switch (number) {
    case SYS_nanosleep: return "nanosleep(2): it sleeps";
    case SYS_clock_nanosleep: return "clock_nanosleep(2): it sleeps";
#ifdef SYS_poll
    case SYS_poll: return "poll(2): it waits for descriptors, or sleeps";
    case SYS_select: return "select(2): it waits for descriptors, or sleeps";
    case SYS_epoll_wait: return "epoll_wait(2): it waits for descriptors";
#endif
    case SYS_ppoll: return "ppoll(2): it waits for descriptors, or sleeps";
    case SYS_pselect6: return "pselect(2): it waits for descriptors, or sleeps";
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2: return "epoll_pwait(2): it waits for descriptors";
    case SYS_futex: return "futex(2): it waits for a lock or for another thread";
    case SYS_semop:
    case SYS_semtimedop: return "semop(2): it waits for a semaphore";
    case SYS_msgrcv: return "msgrcv(2): it waits for a message";
    case SYS_msgsnd: return "msgsnd(2): it waits for room in a message queue";
    case SYS_rt_sigtimedwait: return "sigtimedwait(2): it waits for a signal";
    case SYS_io_getevents: return "io_getevents(2): it waits for input or output";
    case SYS_read:
    case SYS_recvfrom:
    case SYS_recvmsg: return "read(2) or recv(2): it waits for what somebody is to send";
    case SYS_write:
    case SYS_sendto:
    case SYS_sendmsg: return "write(2) or send(2): it waits for somebody to read";
    case SYS_connect: return "connect(2): it waits for a peer";
    case SYS_accept:
    case SYS_accept4: return "accept(2): it waits for a peer";
    default: return NULL;
    }
}
