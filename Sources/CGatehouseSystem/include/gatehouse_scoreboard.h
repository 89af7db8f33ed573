#ifndef GATEHOUSE_SCOREBOARD_H
#define GATEHOUSE_SCOREBOARD_H

#include <stdint.h>

// What a worker tells by memory that it shares, because it must still be readable when the worker has died.
//
// The scoreboard: one for each worker. The worker writes it, the supervisor maps it read-only, and holds every value in
// it for hostile: lengths are clamped, texts escaped, numbers never used as an index without a look. Its file is sealed
// against shrinking, or a worker could make the supervisor's reads fault.
//
// Every structure fills whole cache lines, by its size and not by an attribute, which would hide it from Swift.
//
// The balance board: one for each pool, written by all its workers, for the one purpose of accepting evenly.

enum {
    GATEHOUSE_SCOREBOARD_VERSION = 1,
    GATEHOUSE_SCOREBOARD_LOOPS = 16,
    /// Requests in flight that are told; more than these are served all the same.
    GATEHOUSE_SCOREBOARD_SLOTS = 1024,
    GATEHOUSE_BALANCE_CELLS = 256,
};

/// What a slot's request is doing.
enum {
    GATEHOUSE_SLOT_FREE = 0,
    /// The handler runs or waits, and no byte of its response is out.
    GATEHOUSE_SLOT_HANDLING = 1,
    /// The response's head is out.
    GATEHOUSE_SLOT_RESPONDING = 2,
};

/// One request in flight. Written by its loop's thread alone.
struct gatehouse_slot {
    /// Odd while the texts are being written; a reader that sees it change has read nonsense.
    uint32_t sequence;
    uint32_t state;
    /// When the request began: nanoseconds of CLOCK_MONOTONIC.
    int64_t began;
    uint64_t body_bytes;
    uint64_t response_bytes;
    uint16_t loop;
    uint16_t path_length;
    uint8_t id_length;
    uint8_t method_length;
    uint8_t module_length;
    /// 0 where the front server has named the request, or has not said who its client is.
    uint8_t client_length;
    char id[64];
    char method[16];
    char module[48];
    /// Path and query as they came, cut where they are longer.
    char path[288];
    /// The client's address and port, of a request that the front server has not named.
    char client[56];
};

/// One event loop. Written by its thread alone.
struct gatehouse_loop_cell {
    /// The kernel's id of the loop's thread.
    int32_t thread;
    /// The slot whose code runs at this moment, -1 where none does.
    int32_t current_slot;
    /// Since when the loop has been away from waiting, in nanoseconds of CLOCK_MONOTONIC; 0 while it waits.
    int64_t busy_since;
    uint64_t requests;
    uint64_t accepted;
    uint64_t body_bytes;
    uint64_t response_bytes;
    uint32_t connections;
    uint32_t in_flight;
    /// Requests that were answered 5xx.
    uint64_t failures;
};

struct gatehouse_scoreboard {
    uint32_t version;
    uint32_t loop_count;
    /// Of the crash, written by the signal handler: the signal, the thread, and the slot whose code it ran, -1 for
    /// none.
    int32_t crash_signal;
    int32_t crash_thread;
    int32_t crash_slot;
    uint32_t unused[11];
    struct gatehouse_loop_cell loops[GATEHOUSE_SCOREBOARD_LOOPS];
    struct gatehouse_slot slots[GATEHOUSE_SCOREBOARD_SLOTS];
};

/// One worker's cell on its pool's balance board.
struct gatehouse_balance_cell {
    /// Open connections.
    uint32_t connections;
    /// 1 while the worker accepts.
    uint32_t accepting;
    uint32_t unused[14];
};

struct gatehouse_balance_board {
    struct gatehouse_balance_cell cells[GATEHOUSE_BALANCE_CELLS];
};

/// A file of the board's size in memory, sealed against growing and shrinking, closed on exec. -1 with errno.
int gatehouse_scoreboard_create(void);
int gatehouse_balance_create(void);

/// Maps a board. NULL with errno.
struct gatehouse_scoreboard *gatehouse_scoreboard_map(int descriptor, int writable);
struct gatehouse_balance_board *gatehouse_balance_map(int descriptor);
void gatehouse_scoreboard_unmap(struct gatehouse_scoreboard *board);
void gatehouse_balance_unmap(struct gatehouse_balance_board *board);

/// Copies a slot whole; 0 where it is free or would not hold still.
int gatehouse_slot_read(const struct gatehouse_scoreboard *board, int index, struct gatehouse_slot *copy);

#endif
