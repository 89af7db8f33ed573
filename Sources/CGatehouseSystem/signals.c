#define _GNU_SOURCE
#include "gatehouse_signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

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

static int install(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    // The mask makes handlers run one after another: many nested ones would overflow a small stack.
    sigfillset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}

static int caught = -1;

static void pass_on(int number) {
    int error = errno;
    unsigned char byte = (unsigned char)number;
    // If there is no room, enough signals wait to be read already.
    send(caught, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    errno = error;
}

int gatehouse_catch_signals(const int *signals, int count) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    caught = ends[1];
    for (int i = 0; i < count; i++)
        if (install(signals[i], pass_on) != 0) return -1;
    return ends[0];
}

void gatehouse_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

// This is an empty handler instead of SIG_IGN, because exec keeps SIG_IGN.
static void disregard(int number) { (void)number; }

void gatehouse_disregard_signals(int all) {
    static const int habits[] = {
        SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGWINCH, SIGTTIN, SIGTTOU, SIGXFSZ,
    };
    static const int orders[] = {SIGHUP, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) install(habits[i], disregard);
    for (size_t i = 0; all && i < sizeof orders / sizeof *orders; i++) install(orders[i], disregard);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) install(number, disregard);
}
