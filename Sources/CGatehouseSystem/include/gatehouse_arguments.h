#ifndef GATEHOUSE_ARGUMENTS_H
#define GATEHOUSE_ARGUMENTS_H

// What main() gets. Swift's CommandLine reads /proc/self/cmdline instead, and finds nothing unless /proc is mounted.

/// How many words the program was started with, its own name included.
int gatehouse_argument_count(void);

/// The words, with a NULL behind them.
char **gatehouse_argument_words(void);

#endif
