#ifndef GATEHOUSE_SCOREBOARD_H
#define GATEHOUSE_SCOREBOARD_H

#include <stdint.h>

// The scoreboard, one for each worker: shared memory, because it must still be readable when the worker has died.
//
// The worker writes it. The supervisor maps it read-only and treats every value in it as hostile: lengths are clamped,
// texts escaped, and no number is used as an index unchecked. Its file is sealed against shrinking, or a worker could
// make the supervisor's reads fault.
//
// Every structure fills whole cache lines. Its size ensures that, not an attribute, which would hide it from Swift.

enum {
    GATEHOUSE_SCOREBOARD_VERSION = 1,
    GATEHOUSE_SCOREBOARD_LOOPS = 16,
    /// Requests in flight that are recorded; requests beyond these are served all the same.
    GATEHOUSE_SCOREBOARD_SLOTS = 1024,
};

/// The state of a slot's request.
enum {
    GATEHOUSE_SLOT_FREE = 0,
    /// The handler runs or waits, and no byte of its response has been sent.
    GATEHOUSE_SLOT_HANDLING = 1,
    /// The response's head has been sent.
    GATEHOUSE_SLOT_RESPONDING = 2,
};

/// One request in flight. Only its loop's thread writes it.
struct gatehouse_slot {
    /// Odd while the texts are being written; a reader that sees it change discards its copy.
    uint32_t sequence;
    uint32_t state;
    /// The time at which the request began: nanoseconds of CLOCK_MONOTONIC.
    int64_t began;
    uint64_t body_bytes;
    uint64_t response_bytes;
    uint16_t loop;
    uint16_t path_length;
    uint8_t id_length;
    uint8_t method_length;
    uint8_t module_length;
    /// 0 if the front server has named the request (REQUEST_ID), or has not sent the client's address.
    uint8_t client_length;
    char id[64];
    char method[16];
    char module[48];
    /// Path and query as they came, cut to this size.
    char path[288];
    /// The client's address and port, if the front server has not named the request.
    char client[56];
};

/// One event loop. Only its thread writes it.
struct gatehouse_loop_cell {
    /// The kernel's id of the loop's thread.
    int32_t thread;
    /// The slot whose code runs at this moment, -1 for none.
    int32_t current_slot;
    /// The time at which the loop last stopped waiting, in nanoseconds of CLOCK_MONOTONIC; 0 while it waits.
    int64_t busy_since;
    uint64_t requests;
    uint64_t accepted;
    uint64_t body_bytes;
    uint64_t response_bytes;
    uint32_t connections;
    uint32_t in_flight;
    /// Requests with a 5xx response.
    uint64_t failures;
};

struct gatehouse_scoreboard {
    uint32_t version;
    uint32_t loop_count;
    /// The crash, written by the signal handler: the signal, the thread, and the slot whose code it ran (-1 for none).
    int32_t crash_signal;
    int32_t crash_thread;
    int32_t crash_slot;
    uint32_t unused;
    /// The number of the last probe that all loops have answered; 0 for none.
    uint64_t answered_probe;
    uint32_t unused_too[8];
    struct gatehouse_loop_cell loops[GATEHOUSE_SCOREBOARD_LOOPS];
    struct gatehouse_slot slots[GATEHOUSE_SCOREBOARD_SLOTS];
};

/// A file of a scoreboard's size in memory, sealed against growing and shrinking, closed on exec. -1 with errno.
int gatehouse_scoreboard_create(void);

/// Maps a scoreboard. NULL with errno.
struct gatehouse_scoreboard *gatehouse_scoreboard_map(int descriptor, int writable);
void gatehouse_scoreboard_unmap(struct gatehouse_scoreboard *board);

/// Copies a slot consistently. 1, or 0 if the slot is free or kept changing.
int gatehouse_slot_read(const struct gatehouse_scoreboard *board, int index, struct gatehouse_slot *copy);

#endif
