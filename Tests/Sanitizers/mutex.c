/* Tells ThreadSanitizer that Swift's Mutex is a lock.
 *
 * A Mutex that nobody holds is taken by an atomic instruction, which the sanitizer sees. One that is held is taken and
 * given back by the kernel (FUTEX_LOCK_PI), inside a library that was compiled without the sanitizer: it then reports a
 * race between two threads that the lock keeps apart. This library is loaded before Swift's and says of those two
 * functions what they do. Nothing is suppressed, so a race beside a lock is still found.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

/* The sanitizer's own, in the program that is tested; absent in every other process that the tests start. */
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

/* Swift's calling convention: the mutex comes in the register of `self`. */
#define SELF __attribute__((swift_context)) void *self

typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, SELF);
typedef __attribute__((swiftcall)) void unlock_function(SELF);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF)
{
    ((lock_function *)dlsym(RTLD_NEXT, LOCK))(thread, self);
    if (__tsan_acquire)
        __tsan_acquire(self);
}

__attribute__((swiftcall)) void unlock_slow(SELF)
{
    if (__tsan_release)
        __tsan_release(self);
    ((unlock_function *)dlsym(RTLD_NEXT, UNLOCK))(self);
}
