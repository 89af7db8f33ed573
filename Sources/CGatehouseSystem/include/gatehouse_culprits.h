#ifndef GATEHOUSE_CULPRITS_H
#define GATEHOUSE_CULPRITS_H

#include "gatehouse_recording.h"

#include <stdint.h>

// The requests that have crashed a worker of a pool, in memory that all its workers share. A front server whose
// connection has died sends the request to another worker a moment later. The crash handler writes the request here
// before the process ends and its connections close, so that the next worker sees it.
//
// Every access is atomic. Workers of a pool are trusted not to harm each other; the supervisor does not read this.

enum {
    /// The count of requests that are remembered; a new one replaces the oldest.
    GATEHOUSE_CULPRITS = 64,
    /// Seconds for which a request is refused if the front server has named it (REQUEST_ID).
    GATEHOUSE_CULPRIT_NAMED = 60,
    /// Seconds for which a request is refused if only its method, target and client are known, which can recur
    /// innocently.
    GATEHOUSE_CULPRIT_NAMELESS = 5,
};

struct gatehouse_culprit {
    /// The hash of the texts that identify the request.
    uint64_t key;
    /// The time until which it is refused: nanoseconds of CLOCK_MONOTONIC.
    int64_t until;
};

struct gatehouse_culprits {
    /// The latest `until` of all entries; 0 before the first.
    int64_t until;
    /// The count of entries that have ever been written.
    uint32_t written;
    uint32_t unused[13];
    struct gatehouse_culprit entries[GATEHOUSE_CULPRITS];
};

/// A file in memory for one board, sealed against growing and shrinking, closed on exec. -1 with errno.
int gatehouse_culprits_create(void);

/// Maps a board, which is private memory if the descriptor is negative. NULL with errno.
struct gatehouse_culprits *gatehouse_culprits_map(int descriptor);

/// Whether any request may be refused at that time. An ordinary request pays for no more than this check.
static inline int gatehouse_culprits_any(const struct gatehouse_culprits *board, int64_t now) {
    return __atomic_load_n(&board->until, __ATOMIC_RELAXED) > now;
}

/// The key of a request, from texts that are cut as in a slot: from the name that the front server gave it, or from
/// method, path, and the client's address and port.
uint64_t gatehouse_culprit_named(struct gatehouse_text id);
uint64_t gatehouse_culprit_nameless(struct gatehouse_text method, struct gatehouse_text path,
                                    struct gatehouse_client client);

/// Whether a request is refused at that time.
int gatehouse_culprit_held(const struct gatehouse_culprits *board, uint64_t key, int64_t now);

/// Adds a slot's request. Safe in a signal handler.
void gatehouse_culprit_add(struct gatehouse_culprits *board, const struct gatehouse_slot *slot, int64_t now);

#endif
