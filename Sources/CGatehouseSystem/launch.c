#define _GNU_SOURCE
#include "gatehouse_launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The steps. The child reports the index of the one that failed through a pipe.
static const char *const stages[] = {
    "start", "descriptors", "directory", "rlimits", "nice", "cpus", "group", "user", "program",
};
enum stage { START, DESCRIPTORS, DIRECTORY, LIMITS, NICE, PROCESSORS, GROUP, USER, PROGRAM };

struct failure {
    int stage;
    int error;
};

// This is more than the endpoints that a pool can have.
enum { MOST_DESCRIPTORS = 1024 };

static int place_descriptors(const struct gatehouse_launch *launch, int *report) {
    // All are first duplicated above the numbers that the child uses, so that placing one never overwrites another.
    int lifted[MOST_DESCRIPTORS];
    int first_free = 3 + launch->descriptor_count + 1;
    int lifted_report = fcntl(*report, F_DUPFD_CLOEXEC, first_free);
    if (lifted_report < 0) return -1;
    *report = lifted_report;
    for (int i = 0; i < launch->descriptor_count; i++)
        if ((lifted[i] = fcntl(launch->descriptors[i], F_DUPFD_CLOEXEC, first_free)) < 0) return -1;
    int input = launch->input >= 0 ? fcntl(launch->input, F_DUPFD_CLOEXEC, first_free)
                                   : open("/dev/null", O_RDONLY | O_CLOEXEC);
    // Without /dev (a bare chroot), an empty file in memory serves as well.
    if (input < 0 && launch->input < 0) input = (int)syscall(SYS_memfd_create, "gatehouse-no-input", MFD_CLOEXEC);
    int output = launch->output >= 0 ? fcntl(launch->output, F_DUPFD_CLOEXEC, first_free) : -1;
    if (input < 0 || (launch->output >= 0 && output < 0)) return -1;
    if (dup2(input, 0) < 0) return -1;
    if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) return -1;
    for (int i = 0; i < launch->descriptor_count; i++)
        if (dup2(lifted[i], 3 + i) < 0) return -1;
    // The report's pipe comes right after them, closed on exec. All further descriptors are closed, including those
    // that this process was started with.
    int last = 3 + launch->descriptor_count;
    if (dup3(*report, last, O_CLOEXEC) < 0) return -1;
    *report = last;
    return (int)syscall(SYS_close_range, last + 1, ~0U, 0);
}

static int reset_signals(void) {
    // This is the system call itself, because the C library's function refuses the two signals that it reserves for its
    // threads, and our parent may have ignored those. All zeros means the default action in every layout.
    unsigned long standard[8] = {0};
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, standard, NULL, 8);
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_limits(const struct gatehouse_launch *launch) {
    for (int i = 0; i < launch->limit_count; i++) {
        rlim_t value = launch->limits[i].value == UINT64_MAX ? RLIM_INFINITY : (rlim_t)launch->limits[i].value;
        struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
        if (setrlimit((__rlimit_resource_t)launch->limits[i].resource, &limit) != 0) return -1;
    }
    return 0;
}

static int set_processors(const struct gatehouse_launch *launch) {
    if (!launch->processors) return 0;
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < launch->processor_count; i++)
        if (launch->processors[i] >= 0 && launch->processors[i] < CPU_SETSIZE) CPU_SET(launch->processors[i], &set);
    return sched_setaffinity(0, sizeof set, &set);
}

// These are the system calls themselves: the C library's functions take locks, in order to change all threads.
static int take_groups(const struct gatehouse_launch *launch) {
    if (!launch->changes_identity) return 0;
    if (syscall(SYS_setgroups, (size_t)launch->group_count, launch->groups) != 0) return -1;
    return (int)syscall(SYS_setresgid, launch->group, launch->group, launch->group);
}

static int take_user(const struct gatehouse_launch *launch) {
    if (!launch->changes_identity) return 0;
    return (int)syscall(SYS_setresuid, launch->user, launch->user, launch->user);
}

static void write_listen_pid(const struct gatehouse_launch *launch) {
    if (!launch->listen_pid) return;
    static char text[32] = "LISTEN_PID=";
    char digits[12];
    int count = 0;
    for (pid_t rest = getpid(); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    char *end = text + sizeof "LISTEN_PID=" - 1;
    while (count > 0) *end++ = digits[--count];
    *end = 0;
    *launch->listen_pid = text;
}

static void become(const struct gatehouse_launch *launch, int report) {
    struct failure failure = {START, 0};
    // A process group of its own keeps a terminal's Ctrl-C away from the child.
    setpgid(0, 0);
    reset_signals();
    if (place_descriptors(launch, &report) != 0) failure = (struct failure){DESCRIPTORS, errno};
    else if (set_limits(launch) != 0) failure = (struct failure){LIMITS, errno};
    else if (launch->changes_nice && setpriority(PRIO_PROCESS, 0, launch->nice) != 0)
        failure = (struct failure){NICE, errno};
    else if (set_processors(launch) != 0) failure = (struct failure){PROCESSORS, errno};
    else if (take_groups(launch) != 0) failure = (struct failure){GROUP, errno};
    else if (take_user(launch) != 0) failure = (struct failure){USER, errno};
    // This comes after the change of user, so that a directory which only root may enter is refused.
    else if (launch->directory && chdir(launch->directory) != 0) failure = (struct failure){DIRECTORY, errno};
    else {
        write_listen_pid(launch);
        execve(launch->program, launch->arguments, launch->environment);
        failure = (struct failure){PROGRAM, errno};
    }
    if (write(report, &failure, sizeof failure) < 0) _exit(126);
    _exit(127);
}

int gatehouse_launch(const struct gatehouse_launch *launch, pid_t *pid, const char **stage) {
    *stage = stages[START];
    if (launch->descriptor_count > MOST_DESCRIPTORS) return E2BIG;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    // A signal that arrives between fork and exec would run this process's handlers in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t child = fork();
    int error = errno;
    if (child == 0) {
        become(launch, ends[1]);
        _exit(127);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return error;
    }
    struct failure failure;
    ssize_t count;
    do count = read(ends[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
    close(ends[0]);
    if (count != (ssize_t)sizeof failure) {
        *pid = child;
        return 0;
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    *stage = stages[failure.stage >= START && failure.stage <= PROGRAM ? failure.stage : START];
    return failure.error;
}
