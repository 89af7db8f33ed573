#ifndef GATEHOUSE_MEMORY_H
#define GATEHOUSE_MEMORY_H

// This process's memory: how much it holds, and giving some of it back.

/// Drops the resident pages of program code and constants. Pages that are needed again come back from the page cache by
/// themselves. For a process that has finished its busy start and does little from then on.
void gatehouse_give_back_code(void);

/// Gives every free page of the heap back, including those of other threads.
void gatehouse_give_back_heap(void);

/// The process's resident bytes; 0 without /proc.
long gatehouse_resident_bytes(void);

#endif
