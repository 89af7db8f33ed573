"""The cost of thousands of kept-alive connections: while they do nothing, and for the requests on them."""

import contextlib
import resource
import statistics
import time

from harness import fastcgi, procfs

from .figure import Figure
from .pools import served

MANY, REQUESTS, ROUNDS = 3_000, 9_000, 5
# Bytes; milliseconds of CPU a second; CPU of a request with all connections divided by that with one.
BYTES, CPU, RATIO = 2_048, 1, 1.12


def connections(folder, options):
    """One worker with one loop; each connection has had requests, so that nothing of it is still to be made."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with served(folder, workers=1) as server, contextlib.ExitStack() as stack:
        worker = server.worker
        first = stack.enter_context(server.connect())
        _ask([first], REQUESTS)
        before = procfs.rollup(worker, "Anonymous")
        opened = [stack.enter_context(server.connect()) for _ in range(MANY)]
        _ask(opened, MANY)
        time.sleep(3)
        yield Figure(f"{MANY:,} idle kept-alive connections: bytes of one",
                     (procfs.rollup(worker, "Anonymous") - before) / MANY, BYTES)
        used, woken, began = procfs.exact_cpu_seconds(worker), procfs.wake_ups(worker), time.monotonic()
        time.sleep(options.idle)
        seconds = time.monotonic() - began
        yield Figure("the same: CPU, ms a second", 1_000 * (procfs.exact_cpu_seconds(worker) - used) / seconds, CPU, 1)
        yield Figure("the same: wake-ups a second", (procfs.wake_ups(worker) - woken) / seconds, digits=1)
        costs = {1: [], MANY: []}
        for _ in range(ROUNDS):
            for count, peers in ((1, [first]), (MANY, opened)):
                used = procfs.exact_cpu_seconds(worker)
                _ask(peers, REQUESTS)
                costs[count].append((procfs.exact_cpu_seconds(worker) - used) / REQUESTS)
    one, many = (statistics.median(rows) * 1e6 for rows in costs.values())
    yield Figure("CPU of a request, one connection, one request at a time, µs", one, digits=1)
    yield Figure(f"the same over {MANY:,} connections in turn, µs", many, digits=1)
    yield Figure(f"{MANY:,} connections ÷ one", many / one, RATIO, 2)


def _ask(peers, count):
    question = fastcgi.request("/hello", keep=True)
    for number in range(count):
        peer = peers[number % len(peers)]
        peer.send(question)
        assert peer.response().status == 200
