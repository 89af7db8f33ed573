#ifndef GATEHOUSE_RECORDING_H
#define GATEHOUSE_RECORDING_H

#include "gatehouse_scoreboard.h"

#include <stddef.h>

// The worker's side of its scoreboard. Every cell and slot has one writer, so adding needs no locked instruction. The
// readers are other threads and the supervisor, so every store is atomic.

struct gatehouse_text {
    const void *bytes;
    size_t length;
};

/// A board in private memory, for a worker that was given none. NULL with errno.
struct gatehouse_scoreboard *gatehouse_scoreboard_private(void);

static inline struct gatehouse_loop_cell *gatehouse_board_loop(struct gatehouse_scoreboard *board, int index) {
    return &board->loops[index];
}

static inline struct gatehouse_slot *gatehouse_board_slot(struct gatehouse_scoreboard *board, int index) {
    return &board->slots[index];
}

/// Clears the entries of an earlier worker and sets the count of loops.
void gatehouse_board_open(struct gatehouse_scoreboard *board, int loops);

/// Sets the number of the last probe that was answered. From any thread.
static inline void gatehouse_board_set_probe(struct gatehouse_scoreboard *board, uint64_t number) {
    __atomic_store_n(&board->answered_probe, number, __ATOMIC_RELEASE);
}

static inline void gatehouse_cell_set_thread(struct gatehouse_loop_cell *cell, int32_t thread) {
    __atomic_store_n(&cell->thread, thread, __ATOMIC_RELEASE);
}

/// Sets the time at which the loop was woken; 0 before it waits.
static inline void gatehouse_cell_set_busy(struct gatehouse_loop_cell *cell, int64_t since) {
    __atomic_store_n(&cell->busy_since, since, __ATOMIC_RELEASE);
}

static inline int64_t gatehouse_cell_busy(const struct gatehouse_loop_cell *cell) {
    return __atomic_load_n(&cell->busy_since, __ATOMIC_ACQUIRE);
}

/// Sets the slot whose code runs. Returns the previous one, to be set again afterwards.
static inline int32_t gatehouse_cell_enter(struct gatehouse_loop_cell *cell, int32_t slot) {
    int32_t before = __atomic_load_n(&cell->current_slot, __ATOMIC_RELAXED);
    __atomic_store_n(&cell->current_slot, slot, __ATOMIC_RELEASE);
    return before;
}

static inline int32_t gatehouse_cell_slot(const struct gatehouse_loop_cell *cell) {
    return __atomic_load_n(&cell->current_slot, __ATOMIC_ACQUIRE);
}

static inline int32_t gatehouse_cell_thread(const struct gatehouse_loop_cell *cell) {
    return __atomic_load_n(&cell->thread, __ATOMIC_ACQUIRE);
}

static inline void gatehouse_add64(uint64_t *counter, uint64_t amount) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + amount, __ATOMIC_RELAXED);
}

static inline void gatehouse_add32(uint32_t *counter, int32_t amount) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + (uint32_t)amount, __ATOMIC_RELAXED);
}

static inline void gatehouse_cell_accepted(struct gatehouse_loop_cell *cell) { gatehouse_add64(&cell->accepted, 1); }

static inline void gatehouse_cell_connections(struct gatehouse_loop_cell *cell, int32_t change) {
    gatehouse_add32(&cell->connections, change);
}

static inline void gatehouse_cell_began(struct gatehouse_loop_cell *cell) {
    gatehouse_add64(&cell->requests, 1);
    gatehouse_add32(&cell->in_flight, 1);
}

static inline void gatehouse_cell_ended(struct gatehouse_loop_cell *cell, uint64_t body_bytes, uint64_t response_bytes,
                                        int failed) {
    gatehouse_add32(&cell->in_flight, -1);
    gatehouse_add64(&cell->body_bytes, body_bytes);
    gatehouse_add64(&cell->response_bytes, response_bytes);
    if (failed) gatehouse_add64(&cell->failures, 1);
}

/// The client, as the front server names it. Empty for a request with a REQUEST_ID, which identifies it well enough.
struct gatehouse_client {
    struct gatehouse_text address;
    struct gatehouse_text port;
};

/// Writes address and port into a slot's field. Returns the length; 0 if there is no address.
size_t gatehouse_client_write(struct gatehouse_client client, char *place, size_t capacity);

/// Fills a free slot. Texts are cut to the size of their field.
void gatehouse_slot_take(struct gatehouse_slot *slot, int loop, int64_t began, struct gatehouse_text id,
                         struct gatehouse_text method, struct gatehouse_text module, struct gatehouse_text path,
                         struct gatehouse_client client);

static inline void gatehouse_slot_progress(struct gatehouse_slot *slot, uint32_t state, uint64_t body_bytes,
                                           uint64_t response_bytes) {
    __atomic_store_n(&slot->state, state, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->body_bytes, body_bytes, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->response_bytes, response_bytes, __ATOMIC_RELAXED);
}

static inline void gatehouse_slot_free(struct gatehouse_slot *slot) {
    __atomic_store_n(&slot->state, GATEHOUSE_SLOT_FREE, __ATOMIC_RELEASE);
}

#endif
