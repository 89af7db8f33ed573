#ifndef GATEHOUSE_ANSWERS_H
#define GATEHOUSE_ANSWERS_H

// Responses that have been sent in part, by their sockets. If the process ends meanwhile, each is broken off as the
// engine would do it, or nginx would take the part that it has for the whole.

/// Notes whether a response has been sent in part on that socket, up to the end of a record.
void gatehouse_answer_mark(int fd, int is_under_way);

/// Sends the record that breaks a response off on every marked socket. Safe in a signal handler.
void gatehouse_break_answers(void);

#endif
