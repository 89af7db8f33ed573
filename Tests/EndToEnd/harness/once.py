"""Processes that run tests side by side, with one `GATEHOUSE_TEST_ARTEFACTS`: each thing is done by one of them."""

import contextlib
import fcntl
import functools

from . import paths


@functools.lru_cache(maxsize=None)
def is_ours(name):
    """Whether this process runs the tests of a file: the first one that asks for it does."""
    try:
        (paths.ARTEFACTS / f"{name}.taken").mkdir()
        return True
    except FileExistsError:
        return False


@contextlib.contextmanager
def alone(name):
    """As long as one process is in here with a name, the others wait: to make something that they all use."""
    with open(paths.ARTEFACTS / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
