#define _GNU_SOURCE
#include "gatehouse_answers.h"
#include "gatehouse_crash.h"
#include "gatehouse_describe.h"
#include "gatehouse_recording.h"
#include "registers.h"

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// The handler takes no lock of ours and allocates nothing. Steps that can still hang or fail (unwinding a broken stack,
// the dynamic linker's lock) end by a second signal's default action or by the alarm.

enum { FRAMES = 128, LINE = 1024, STACK = 1 << 16, SECONDS = 2 };

static const int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS};
static struct gatehouse_scoreboard *board;
static struct gatehouse_culprits *culprits;
static int output = -1;
static int32_t crashing;

// The initial-exec model keeps these in static thread storage: other models may allocate on first access, which a
// handler must not.
static _Thread_local int32_t worked_for __attribute__((tls_model("initial-exec"))) = -1;
static _Thread_local int has_stack __attribute__((tls_model("initial-exec")));

int32_t gatehouse_work_for(int32_t slot) {
    if (!has_stack) gatehouse_crash_stack();
    int32_t before = worked_for;
    __atomic_store_n(&worked_for, slot, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return before;
}

int32_t gatehouse_worked_for(void) { return __atomic_load_n(&worked_for, __ATOMIC_RELAXED); }

void gatehouse_crash_stack(void) {
    has_stack = 1;
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE)) return;
    void *memory = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack = {.ss_sp = memory, .ss_size = STACK};
    if (sigaltstack(&stack, NULL) != 0) munmap(memory, STACK);
}

/// The slot whose code the thread ran, -1 if unknown.
static int32_t slot_of(int32_t thread) {
    if (worked_for >= 0 || !board) return worked_for;
    for (int i = 0; i < GATEHOUSE_SCOREBOARD_LOOPS; i++)
        if (gatehouse_cell_thread(&board->loops[i]) == thread) return gatehouse_cell_slot(&board->loops[i]);
    return -1;
}

/// The slot of the only request in flight, -1 if there is none or more than one.
static int32_t only_slot(void) {
    uint32_t count = 0;
    for (int i = 0; i < GATEHOUSE_SCOREBOARD_LOOPS; i++) count += board->loops[i].in_flight;
    for (int32_t i = 0; count == 1 && i < GATEHOUSE_SCOREBOARD_SLOTS; i++)
        if (board->slots[i].state != GATEHOUSE_SLOT_FREE) return i;
    return -1;
}

/// Records the culprit before the process ends and its connections close: at that moment a front server sends the
/// request to another worker, which must already see it.
static void blame(int32_t slot) {
    struct timespec now;
    if (!culprits || !board || slot < 0 || slot >= GATEHOUSE_SCOREBOARD_SLOTS) return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    gatehouse_culprit_add(culprits, &board->slots[slot], now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
}

/// Runs at exit(3): a request handler that calls it takes its worker down as a crash does. The worker's own exit comes
/// from a thread that runs no request, so that nobody is blamed for it.
static void left(void) { blame(slot_of((int32_t)gettid())); }

void gatehouse_crash_blame(struct gatehouse_culprits *shared) {
    culprits = shared;
    atexit(left);
}

static void say(const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t count = write(output, bytes, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        bytes += count;
        length -= (size_t)count;
    }
}

static void write_frame(const void *address) {
    char line[LINE];
    size_t length = gatehouse_describe(address, line, sizeof line - 1);
    line[length++] = '\n';
    say(line, length);
}

/// Writes the instruction that crashed, then the calls that led to it, without this handler's own.
static void write_frames(const void *instruction) {
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES), first = 0;
    while (first < count && frames[first] != instruction) first++;
    write_frame(instruction);
    // If the instruction was not found, the stack is broken, and all of it is shown.
    for (int i = first < count ? first + 1 : 0; i < count; i++) write_frame(frames[i]);
}

static void set_default(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, NULL);
}

/// Bounds the time of unwinding. (If a broken stack makes it fault, that signal is blocked, so the kernel ends the
/// process.)
static void limit_time(void) {
    set_default(SIGALRM);
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(SECONDS);
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)info;
    int32_t thread = (int32_t)gettid(), nobody = 0;
    if (!__atomic_compare_exchange_n(&crashing, &nobody, thread, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        // Another thread was first and ends the process. All signals are blocked here, so this waits for that.
        for (;;) pause();
    limit_time();
    if (board) {
        board->crash_thread = thread;
        board->crash_slot = slot_of(thread);
        blame(board->crash_slot >= 0 ? board->crash_slot : only_slot());
        __atomic_store_n(&board->crash_signal, number, __ATOMIC_RELEASE);
    }
    gatehouse_break_answers();
    write_frames(gatehouse_instruction(context));
    set_default(number);
    // The signal stays blocked until this handler returns and then ends the process, even if the instruction would not
    // fault a second time.
    tgkill(getpid(), thread, number);
}

int gatehouse_crash_install(struct gatehouse_scoreboard *shared, int descriptor) {
    board = shared;
    output = descriptor < 0 ? STDERR_FILENO : descriptor;
    // The first call loads the unwinder, which allocates memory.
    void *frame;
    backtrace(&frame, 1);
    gatehouse_crash_stack();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL) != 0) return -1;
    // A module that calls exit(3) cuts off the answers of other requests too.
    if (atexit(gatehouse_break_answers) != 0) return -1;
    return 0;
}
