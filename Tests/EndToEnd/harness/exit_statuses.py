"""Exit statuses of `gatehouse`, as SIGNALS.md documents them."""

# sysexits(3)
USAGE, NOT_A_SHARED_OBJECT, NO_INPUT = 64, 65, 66
# A module's faulty source has the same number as a file that is not a shared object: the data are wrong.
INCORRECT = NOT_A_SHARED_OBJECT
INPUT_OUTPUT, PERMISSION, CONFIGURATION = 74, 77, 78

# Gatehouse's own, about modules.
UNSTAMPED, OTHER_SDK, OTHER_COMPILER, UNLOADABLE, NOT_A_MODULE, INIT_THREW, INIT_TRAPPED, INIT_HUNG = range(80, 88)
