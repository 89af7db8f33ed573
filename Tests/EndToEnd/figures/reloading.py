"""The time that a reload takes."""

import subprocess
import time

from harness import paths
from harness.waiting import until

from .figure import spread
from .pools import served

WORKERS, TIMES = 4, 10
# Milliseconds.
RELOAD = 1000


def reloading(folder, options):
    """The command from beginning to end: when it returns, the new workers serve."""
    times = []
    with served(folder, workers=WORKERS) as server:
        for _ in range(TIMES):
            before, began = server.workers, time.monotonic()
            subprocess.run([paths.GATEHOUSE, "reload", "--pool", "web", "--config", server.file], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            times.append(1000 * (time.monotonic() - began))
            until(lambda: not before & server.workers, "the old ones have left", 20)
    yield from spread(f"gatehouse reload --pool, {WORKERS} workers", times, median=RELOAD, longest=RELOAD)
