#ifndef GATEHOUSE_ANSWERS_H
#define GATEHOUSE_ANSWERS_H

// Answers that have begun to leave and have not ended, by their sockets: when the process ends under them, each is broken
// off as the engine would do it, or nginx would take what it has for the whole.

/// Notes whether such an answer is on that socket, and nothing of a record is waiting to be sent.
void gatehouse_answer_mark(int fd, int is_under_way);

/// Sends the record that breaks an answer off on every socket so marked. May be called by a signal's handler.
void gatehouse_break_answers(void);

#endif
