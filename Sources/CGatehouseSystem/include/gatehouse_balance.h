#ifndef GATEHOUSE_BALANCE_H
#define GATEHOUSE_BALANCE_H

#include <stdint.h>

// The balance board, one for each pool: its workers show each other in shared memory how many connections they have, so
// that they accept evenly. Other processes write at the same time, so every access is atomic; an outdated value does no
// harm.

enum { GATEHOUSE_BALANCE_CELLS = 256 };

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
int gatehouse_balance_create(void);

/// Maps a board. NULL with errno.
struct gatehouse_balance_board *gatehouse_balance_map(int descriptor);

/// Publishes how many connections the worker has, and whether it accepts more.
void gatehouse_balance_write(struct gatehouse_balance_board *board, int cell, uint32_t connections, uint32_t accepting);

/// Collects the cells of workers that accept, except the cell `except`. `cells` has room for all. Returns their count.
int gatehouse_balance_accepting(const struct gatehouse_balance_board *board, int except, uint16_t *cells);

/// The fewest connections among those of `cells` whose workers still accept; UINT32_MAX if none does.
uint32_t gatehouse_balance_least(const struct gatehouse_balance_board *board, const uint16_t *cells, int count);

#endif
