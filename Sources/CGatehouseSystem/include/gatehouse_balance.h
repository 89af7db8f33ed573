#ifndef GATEHOUSE_BALANCE_H
#define GATEHOUSE_BALANCE_H

#include <stdint.h>

#include "gatehouse_scoreboard.h"

// What a worker writes to its pool's balance board and reads from it. Other processes write at the same time, so every
// access is atomic; an old value does no harm.

/// Says how many connections the worker has, and whether it accepts more.
void gatehouse_balance_write(struct gatehouse_balance_board *board, int cell, uint32_t connections, uint32_t accepting);

/// The cells of workers that accept, but for the cell `except`, into `cells`, which has room for all. Their count.
int gatehouse_balance_accepting(const struct gatehouse_balance_board *board, int except, uint16_t *cells);

/// The fewest connections of those of `cells` whose workers still accept; UINT32_MAX where none does.
uint32_t gatehouse_balance_least(const struct gatehouse_balance_board *board, const uint16_t *cells, int count);

#endif
