"""The time until a new worker serves."""

import time

from harness.waiting import until

from .figure import spread
from .pools import served

TIMES = 20
# Milliseconds.
READY = 150


def starting(folder, options):
    """From the order to have one worker more until that worker serves, which is a little more than the limit is for."""
    times = []
    with served(folder, workers=1) as server:
        for _ in range(TIMES):
            before, began = server.serving(), time.monotonic()
            server.command("scale", pool="web", workers=2)
            until(lambda: server.serving() - before, "another serves", 20, interval=0.001)
            times.append(1000 * (time.monotonic() - began))
            server.command("scale", pool="web", workers=1)
            until(lambda: len(server.workers) == 1, "it has left", 20)
    yield from spread("a worker, from the order until it serves", times, median=READY, longest=READY)
