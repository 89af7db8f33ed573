#include "gatehouse_compiler.h"

const char *gatehouse_compiler(void) { return __VERSION__; }
