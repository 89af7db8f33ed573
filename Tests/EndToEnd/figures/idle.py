"""The cost of a supervisor that has nothing to do."""

import time

from harness import bursts, procfs
from harness.waiting import until

from .figure import Figure
from .pools import served

WORKERS = 4
# MiB; percent of one processor; a worker's MiB; wake-ups a second.
MEMORY, CPU, WORKER_MEMORY, WAKE_UPS = 12, 0.1, 20, 1.0


def idle(folder, options):
    with served(folder, workers=WORKERS) as server:
        for _ in range(20 * WORKERS):
            server.get("/hello")
        # Workers come to rest in two seconds.
        time.sleep(3)
        supervisor = woken(server.pid)
        workers = [woken(pid) for pid in server.workers]
        used, began = procfs.exact_cpu_seconds(server.pid), time.monotonic()
        time.sleep(options.idle)
        share = (procfs.exact_cpu_seconds(server.pid) - used) / (time.monotonic() - began)
        of_supervisor, of_workers = next(supervisor), [next(worker) for worker in workers]
        resident = procfs.rollup(server.pid, "Rss")
        own = sum(procfs.rollup(server.pid, name) for name in ("Private_Clean", "Private_Dirty"))
        worker = max(procfs.memory(pid) for pid in server.workers)
    yield Figure(f"supervisor of {WORKERS} workers, idle: resident, MiB", resident / 2**20, MEMORY, 1)
    yield Figure("of this its own and nobody else's (USS), MiB", own / 2**20, digits=1)
    yield Figure(f"its part of a processor in {options.idle:g} s, %", 100 * share, CPU, 3)
    yield Figure("its wake-ups a second", of_supervisor, WAKE_UPS, 1)
    yield Figure("one of its workers: resident, MiB", worker / 2**20, WORKER_MEMORY, 1)
    yield Figure("a worker's wake-ups a second", sum(of_workers) / WORKERS, digits=1)


def woken(pid):
    """The second `next` gives the process's wake-ups in a second since the first, which is taken at once."""
    def measure():
        count, began = procfs.wake_ups(pid), time.monotonic()
        yield
        yield (procfs.wake_ups(pid) - count) / (time.monotonic() - began)

    measurement = measure()
    next(measurement)
    return measurement


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
