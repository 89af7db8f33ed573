"""The cost of a supervisor that has nothing to do."""

import time

from harness import bursts, procfs
from harness.waiting import until

from .figure import Figure
from .pools import served

WORKERS = 4
# MiB; percent of one processor.
MEMORY, CPU = 12, 0.1


def idle(folder, options):
    with served(folder, workers=WORKERS) as server:
        used, began = procfs.exact_cpu_seconds(server.pid), time.monotonic()
        time.sleep(options.idle)
        share = (procfs.exact_cpu_seconds(server.pid) - used) / (time.monotonic() - began)
        resident = procfs.rollup(server.pid, "Rss")
        own = sum(procfs.rollup(server.pid, name) for name in ("Private_Clean", "Private_Dirty"))
        worker = max(procfs.memory(pid) for pid in server.workers)
    yield Figure(f"supervisor of {WORKERS} workers, idle: resident, MiB", resident / 2**20, MEMORY, 1)
    yield Figure("of this its own and nobody else's (USS), MiB", own / 2**20, digits=1)
    yield Figure(f"its part of a processor in {options.idle:g} s, %", 100 * share, CPU, 3)
    yield Figure("one of its workers, for comparison: resident, MiB", worker / 2**20, digits=1)


def resting(folder, options):
    """The memory of an idle worker after each kind of burst."""
    for burst in bursts.ALL:
        with served(folder) as server:
            for _ in range(20):
                server.get("/hello")
            before = procfs.memory(server.worker)
            with burst(server):
                most = procfs.memory(server.worker)
            until(lambda: procfs.memory(server.worker) - before < bursts.KEPT, "memory is given back", 20)
            kept = procfs.memory(server.worker) - before
        name = burst.__name__.replace("_", " ")
        yield Figure(f"a worker of {before / 2**20:.0f} MiB, {name}: MiB more", (most - before) / 2**20, digits=1)
        yield Figure("of this when it rests again", kept / 2**20, bursts.KEPT / 2**20, 1)

