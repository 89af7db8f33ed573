#include "gatehouse_arguments.h"

#include <stddef.h>

static char *none[] = {NULL};
static int count;
static char **words = none;

// glibc passes the arguments of main() to constructors, even to those of a library that is opened later.
__attribute__((constructor)) static void remember(int argument_count, char **arguments) {
    count = argument_count;
    words = arguments;
}

int gatehouse_argument_count(void) { return count; }

char **gatehouse_argument_words(void) { return words; }
