#ifndef GATEHOUSE_REGISTERS_H
#define GATEHOUSE_REGISTERS_H

#include <string.h>
#include <sys/user.h>
#include <ucontext.h>

/// A thread's registers in the layout of ptrace(2).
typedef struct user_regs_struct gatehouse_registers;

/// The instruction at which a signal interrupted a thread, from its handler's context; NULL on an unknown machine.
static inline const void *gatehouse_instruction(const void *context) {
    const ucontext_t *found = context;
#if defined(__x86_64__)
    return (const void *)found->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (const void *)found->uc_mcontext.pc;
#else
    return NULL;
#endif
}

/// The instruction at which ptrace has stopped a thread; NULL on an unknown machine.
static inline const void *gatehouse_stopped_at(const gatehouse_registers *registers) {
#if defined(__x86_64__)
    return (const void *)registers->rip;
#elif defined(__aarch64__)
    return (const void *)registers->pc;
#else
    return NULL;
#endif
}

/// Puts a stopped thread's registers into a signal handler's context, so that an unwinder that starts in the handler
/// continues in that thread. Returns 0 on an unknown machine.
static inline int gatehouse_put_registers(const gatehouse_registers *registers, void *context) {
    ucontext_t *changed = context;
#if defined(__x86_64__)
    greg_t *to = changed->uc_mcontext.gregs;
    to[REG_R8] = (greg_t)registers->r8, to[REG_R9] = (greg_t)registers->r9, to[REG_R10] = (greg_t)registers->r10;
    to[REG_R11] = (greg_t)registers->r11, to[REG_R12] = (greg_t)registers->r12, to[REG_R13] = (greg_t)registers->r13;
    to[REG_R14] = (greg_t)registers->r14, to[REG_R15] = (greg_t)registers->r15, to[REG_RDI] = (greg_t)registers->rdi;
    to[REG_RSI] = (greg_t)registers->rsi, to[REG_RBP] = (greg_t)registers->rbp, to[REG_RBX] = (greg_t)registers->rbx;
    to[REG_RDX] = (greg_t)registers->rdx, to[REG_RAX] = (greg_t)registers->rax, to[REG_RCX] = (greg_t)registers->rcx;
    to[REG_RSP] = (greg_t)registers->rsp, to[REG_RIP] = (greg_t)registers->rip;
    return 1;
#elif defined(__aarch64__)
    memcpy(changed->uc_mcontext.regs, registers->regs, sizeof registers->regs);
    changed->uc_mcontext.sp = registers->sp;
    changed->uc_mcontext.pc = registers->pc;
    return 1;
#else
    (void)registers;
    (void)changed;
    return 0;
#endif
}

#endif
