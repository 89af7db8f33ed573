#define _GNU_SOURCE
#include "gatehouse_recording.h"

#include <string.h>
#include <sys/mman.h>

struct gatehouse_scoreboard *gatehouse_scoreboard_private(void) {
    void *memory = mmap(NULL, sizeof(struct gatehouse_scoreboard), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void gatehouse_board_open(struct gatehouse_scoreboard *board, int loops) {
    board->loop_count = (uint32_t)loops;
    board->crash_signal = 0;
    board->crash_thread = 0;
    board->crash_slot = -1;
    board->answered_probe = 0;
    for (int i = 0; i < GATEHOUSE_SCOREBOARD_LOOPS; i++) {
        memset(&board->loops[i], 0, sizeof board->loops[i]);
        board->loops[i].current_slot = -1;
    }
    // Pages with only free slots are not written to: most workers use a few slots out of a thousand.
    for (int i = 0; i < GATEHOUSE_SCOREBOARD_SLOTS; i++)
        if (board->slots[i].state != GATEHOUSE_SLOT_FREE) gatehouse_slot_free(&board->slots[i]);
    __atomic_store_n(&board->version, GATEHOUSE_SCOREBOARD_VERSION, __ATOMIC_RELEASE);
}

static size_t copy(char *place, size_t capacity, struct gatehouse_text text) {
    size_t length = text.length < capacity ? text.length : capacity;
    if (length) memcpy(place, text.bytes, length);
    return length;
}

size_t gatehouse_client_write(struct gatehouse_client client, char *place, size_t capacity) {
    if (client.address.length == 0) return 0;
    size_t length = copy(place, capacity - 1, client.address);
    place[length++] = ' ';
    return length + copy(place + length, capacity - length, client.port);
}

void gatehouse_slot_take(struct gatehouse_slot *slot, int loop, int64_t began, struct gatehouse_text id,
                         struct gatehouse_text method, struct gatehouse_text module, struct gatehouse_text path,
                         struct gatehouse_client client) {
    uint32_t sequence = slot->sequence | 1;
    __atomic_store_n(&slot->sequence, sequence, __ATOMIC_RELAXED);
    // No store below may become visible before the sequence is odd.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    slot->began = began;
    slot->body_bytes = 0;
    slot->response_bytes = 0;
    slot->loop = (uint16_t)loop;
    slot->id_length = (uint8_t)copy(slot->id, sizeof slot->id, id);
    slot->method_length = (uint8_t)copy(slot->method, sizeof slot->method, method);
    slot->module_length = (uint8_t)copy(slot->module, sizeof slot->module, module);
    slot->path_length = (uint16_t)copy(slot->path, sizeof slot->path, path);
    slot->client_length = (uint8_t)gatehouse_client_write(client, slot->client, sizeof slot->client);
    slot->state = GATEHOUSE_SLOT_HANDLING;
    __atomic_store_n(&slot->sequence, sequence + 1, __ATOMIC_RELEASE);
}
