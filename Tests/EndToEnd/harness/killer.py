"""A thread that kills random workers and remembers each kill."""

import collections
import os
import random
import signal
import threading
import time

from . import procfs

Kill = collections.namedtuple("Kill", "moment pid")


class Killer:
    """Kills a random worker of a pool that serves, every `interval` seconds, until `stop`."""

    def __init__(self, server, *, pool="web", interval=0.25, seed=0, number=signal.SIGKILL):
        self.kills = []
        self._server, self._pool, self._interval, self._number = server, pool, interval, number
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.wait(self._interval):
            victims = sorted(pid for pid in self._server.serving(self._pool) if procfs.exists(pid))
            if not victims:
                continue
            victim = self._random.choice(victims)
            # Noted before it dies, because requests fail later than this.
            self.kills.append(Kill(time.monotonic(), victim))
            try:
                os.kill(victim, self._number)
            except ProcessLookupError:
                self.kills.pop()

    @property
    def pids(self):
        return {kill.pid for kill in self.kills}

    def between(self, began, ended):
        """Whether a worker was killed in that time."""
        return any(began <= kill.moment <= ended for kill in self.kills)

    def stop(self):
        self._stopping.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
