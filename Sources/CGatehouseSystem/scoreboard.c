#define _GNU_SOURCE
#include "gatehouse_process.h"
#include "gatehouse_scoreboard.h"
#include "gatehouse_culprits.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(struct gatehouse_slot) == 512 && sizeof(struct gatehouse_loop_cell) == 64, "whole cache lines");
_Static_assert(offsetof(struct gatehouse_scoreboard, loops) == 64, "whole cache lines");
_Static_assert(sizeof(struct gatehouse_balance_cell) == 64, "whole cache lines");

static int create(const char *name, size_t size) {
    int file = gatehouse_memory_file(name);
    if (file < 0) return -1;
    if (ftruncate(file, (off_t)size) == 0 && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return file;
    int error = errno;
    close(file);
    errno = error;
    return -1;
}

static void *map(int descriptor, size_t size, int protection) {
    void *memory = mmap(NULL, size, protection, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int gatehouse_scoreboard_create(void) { return create("gatehouse-scoreboard", sizeof(struct gatehouse_scoreboard)); }

int gatehouse_culprits_create(void) { return create("gatehouse-culprits", sizeof(struct gatehouse_culprits)); }

int gatehouse_balance_create(void) { return create("gatehouse-balance", sizeof(struct gatehouse_balance_board)); }

struct gatehouse_scoreboard *gatehouse_scoreboard_map(int descriptor, int writable) {
    return map(descriptor, sizeof(struct gatehouse_scoreboard), writable ? PROT_READ | PROT_WRITE : PROT_READ);
}

struct gatehouse_balance_board *gatehouse_balance_map(int descriptor) {
    return map(descriptor, sizeof(struct gatehouse_balance_board), PROT_READ | PROT_WRITE);
}

void gatehouse_scoreboard_unmap(struct gatehouse_scoreboard *board) { munmap(board, sizeof *board); }

void gatehouse_balance_unmap(struct gatehouse_balance_board *board) { munmap(board, sizeof *board); }

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
