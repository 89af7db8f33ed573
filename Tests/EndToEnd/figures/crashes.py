"""The time until a worker that died is replaced, and the cost of a crash loop."""

import threading
import time

from harness import fastcgi, procfs
from harness.direct_load import DirectLoad
from harness.killer import Killer
from harness.waiting import until

from .figure import Figure
from .pools import served

WORKERS = 4
# Milliseconds; starts and bytes of log a minute; percent of one processor.
RESPAWN, STARTS, LOG, CPU = 100, 20, 1 << 20, 2


class Respawns:
    """Watches a pool and notes when each worker has begun to serve."""

    def __init__(self, server):
        self.seen = {pid: 0.0 for pid in server.serving()}
        self._server, self._stopping = server, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.wait(0.002):
            for pid in self._server.serving():
                self.seen.setdefault(pid, time.monotonic())

    def stop(self):
        self._stopping.set()
        self._thread.join(10)


def kills(folder, options):
    """Four workers serve 16 clients, and a random one is killed every 250 ms."""
    with served(folder, "worker", workers=WORKERS) as server:
        load = DirectLoad(server.fastcgi_socket)
        until(lambda: load.count > 100, "the load runs", 20)
        respawns, killer = Respawns(server), Killer(server)
        time.sleep(options.kill)
        killer.stop()
        until(lambda: len(server.serving()) == WORKERS, "all are back", 20)
        respawns.stop()
        load.stop()
    # Workers come back in the order in which they were lost: each kill is followed by one more that serves.
    starts = sorted(moment for moment in respawns.seen.values() if moment)
    times = sorted(1000 * (start - kill.moment) for kill, start in zip(killer.kills, starts))
    strangers = [failure for failure in load.failures if failure.pid not in killer.pids
                 and not (failure.pid is None and killer.between(failure.began, failure.ended))]
    yield Figure(f"workers killed in {options.kill:g} s", len(killer.kills))
    yield Figure("requests answered meanwhile", load.count)
    yield Figure("requests that failed with their worker", len(load.failures) - len(strangers))
    yield Figure("requests that failed otherwise", len(strangers), 0)
    yield Figure("from the kill until another serves, median, ms", times[len(times) // 2])
    yield Figure("from the kill until another serves, p99, ms", times[int(len(times) * 0.99)], RESPAWN)
    yield Figure("from the kill until another serves, longest, ms", times[-1])


def loop(folder, options):
    """Every request ends its worker, quarantine is off, and somebody always asks."""
    with served(folder, quarantine="off") as server:
        spawned, cpu, began = server.status("web")["spawned"], procfs.exact_cpu_seconds(server.pid), time.monotonic()
        while time.monotonic() - began < options.loop:
            with fastcgi.Connection(server.fastcgi_socket, 60) as connection:
                connection.send(fastcgi.request("/crash"))
                connection.at_end()
        elapsed = time.monotonic() - began
        report = server.status("web")
        used = procfs.exact_cpu_seconds(server.pid) - cpu
        said = sum(len(line) + 1 for line in server.lines())
    # The first restarts of a loop come at once, and the limit holds for any minute: a shorter run must not exceed it.
    minutes = max(1, elapsed / 60)
    yield Figure(f"crashes in {elapsed:.0f} s of crash loop", report["crashes"])
    yield Figure("workers started a minute", (report["spawned"] - spawned) / minutes, STARTS, 1)
    yield Figure("log, bytes a minute", said / minutes, LOG)
    yield Figure("supervisor, % of a processor", 100 * used / elapsed, CPU, 2)
