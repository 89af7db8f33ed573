#ifndef GATEHOUSE_CULPRITS_H
#define GATEHOUSE_CULPRITS_H

#include "gatehouse_recording.h"

#include <stdint.h>

// The requests that have crashed a worker of a pool, in memory that all its workers share: a front server that tries a
// request again, because its connection has died, tries it a moment later with another worker. Written by the crash
// handler, before the process ends and its connections are closed; so whoever gets the request next sees it here.
//
// Every access is atomic. Workers of a pool are trusted not to harm each other; the supervisor does not look at it.

enum {
    /// So many are remembered; the oldest is forgotten for a new one.
    GATEHOUSE_CULPRITS = 64,
    /// How long a request is held that the front server has named (REQUEST_ID), in seconds.
    GATEHOUSE_CULPRIT_NAMED = 60,
    /// The same for one that is known by its method, target and client, which come again by themselves.
    GATEHOUSE_CULPRIT_NAMELESS = 5,
};

struct gatehouse_culprit {
    /// A hash of what the request is known by.
    uint64_t key;
    /// Until when it is held: nanoseconds of CLOCK_MONOTONIC.
    int64_t until;
};

struct gatehouse_culprits {
    /// Until when any of them is held; 0 before the first.
    int64_t until;
    /// How many have been written.
    uint32_t written;
    uint32_t unused[13];
    struct gatehouse_culprit entries[GATEHOUSE_CULPRITS];
};

/// A file for them in memory, sealed against growing and shrinking, closed on exec. -1 with errno.
int gatehouse_culprits_create(void);

/// Maps the file; where the descriptor is negative, memory that nobody else sees. NULL with errno.
struct gatehouse_culprits *gatehouse_culprits_map(int descriptor);

/// Whether there may be somebody who is held: all that an ordinary request pays.
static inline int gatehouse_culprits_any(const struct gatehouse_culprits *board, int64_t now) {
    return __atomic_load_n(&board->until, __ATOMIC_RELAXED) > now;
}

/// What a request is known by, cut as a slot cuts it: by the name that the front server gave it, or by what it asks for
/// and its client's address and port.
uint64_t gatehouse_culprit_named(struct gatehouse_text id);
uint64_t gatehouse_culprit_nameless(struct gatehouse_text method, struct gatehouse_text path,
                                    struct gatehouse_client client);

/// Whether a request is held at that time.
int gatehouse_culprit_held(const struct gatehouse_culprits *board, uint64_t key, int64_t now);

/// Holds a slot's request. A request that is known neither by a name nor by a client is not held. Safe in a signal
/// handler.
void gatehouse_culprit_add(struct gatehouse_culprits *board, const struct gatehouse_slot *slot, int64_t now);

#endif
