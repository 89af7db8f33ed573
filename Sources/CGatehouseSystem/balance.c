#include "gatehouse_balance.h"
#include "gatehouse_memory_file.h"

_Static_assert(sizeof(struct gatehouse_balance_cell) == 64, "whole cache lines");

int gatehouse_balance_create(void) {
    return gatehouse_sealed_memory("gatehouse-balance", sizeof(struct gatehouse_balance_board));
}

struct gatehouse_balance_board *gatehouse_balance_map(int descriptor) {
    return gatehouse_map_shared(descriptor, sizeof(struct gatehouse_balance_board), 1);
}

void gatehouse_balance_write(struct gatehouse_balance_board *board, int cell, uint32_t connections,
                             uint32_t accepting) {
    if (cell < 0 || cell >= GATEHOUSE_BALANCE_CELLS) return;
    __atomic_store_n(&board->cells[cell].connections, connections, __ATOMIC_RELAXED);
    __atomic_store_n(&board->cells[cell].accepting, accepting, __ATOMIC_RELEASE);
}

int gatehouse_balance_accepting(const struct gatehouse_balance_board *board, int except, uint16_t *cells) {
    int count = 0;
    for (int i = 0; i < GATEHOUSE_BALANCE_CELLS; i++)
        if (i != except && __atomic_load_n(&board->cells[i].accepting, __ATOMIC_ACQUIRE)) cells[count++] = (uint16_t)i;
    return count;
}

uint32_t gatehouse_balance_least(const struct gatehouse_balance_board *board, const uint16_t *cells, int count) {
    uint32_t least = UINT32_MAX;
    for (int i = 0; i < count; i++) {
        const struct gatehouse_balance_cell *cell = &board->cells[cells[i]];
        if (!__atomic_load_n(&cell->accepting, __ATOMIC_ACQUIRE)) continue;
        uint32_t connections = __atomic_load_n(&cell->connections, __ATOMIC_RELAXED);
        if (connections < least) least = connections;
    }
    return least;
}
