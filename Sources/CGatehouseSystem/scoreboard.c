#define _GNU_SOURCE
#include "gatehouse_scoreboard.h"
#include "gatehouse_memory_file.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(sizeof(struct gatehouse_slot) == 512 && sizeof(struct gatehouse_loop_cell) == 64, "whole cache lines");
_Static_assert(offsetof(struct gatehouse_scoreboard, loops) == 64, "whole cache lines");

int gatehouse_scoreboard_create(void) {
    return gatehouse_sealed_memory("gatehouse-scoreboard", sizeof(struct gatehouse_scoreboard));
}

struct gatehouse_scoreboard *gatehouse_scoreboard_map(int descriptor, int writable) {
    return gatehouse_map_shared(descriptor, sizeof(struct gatehouse_scoreboard), writable);
}

void gatehouse_scoreboard_unmap(struct gatehouse_scoreboard *board) { munmap(board, sizeof *board); }

int gatehouse_slot_read(const struct gatehouse_scoreboard *board, int index, struct gatehouse_slot *copy) {
    if (index < 0 || index >= GATEHOUSE_SCOREBOARD_SLOTS) return 0;
    const struct gatehouse_slot *slot = &board->slots[index];
    for (int attempt = 0; attempt < 3; attempt++) {
        uint32_t before = __atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE);
        memcpy(copy, slot, sizeof *copy);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (before % 2 == 0 && __atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) == before)
            return copy->state != GATEHOUSE_SLOT_FREE;
    }
    return 0;
}
