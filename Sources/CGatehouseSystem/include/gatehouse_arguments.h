#ifndef GATEHOUSE_ARGUMENTS_H
#define GATEHOUSE_ARGUMENTS_H

// The arguments of main(). Swift's CommandLine reads /proc/self/cmdline instead, and finds nothing without /proc.

/// The count of words that the program was started with, including its own name.
int gatehouse_argument_count(void);

/// The words, followed by a NULL.
char **gatehouse_argument_words(void);

#endif
