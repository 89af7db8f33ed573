"""A steady load of one request a connection, straight to a Unix socket, with every failure counted by its kind."""

import collections
import threading

from . import fastcgi
from .waiting import until


class Steady:
    """`with Steady(path) as load:`. Requests run one after another in each of `clients` threads."""

    def __init__(self, path, clients=8, target="/sleep?ms=5", timeout=20.0):
        self._path, self._target, self._timeout = path, target, timeout
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self.answered = 0
        # No connection: no socket, or nobody listened on it.
        self.refused = collections.Counter()
        # A connection, but no whole answer with status 200.
        self.failed = collections.Counter()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.goes_on(20)
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join(self._timeout + 5)

    def goes_on(self, requests=50, seconds=30):
        """Wait until so many more requests have been answered."""
        target = self.answered + requests
        until(lambda: self.answered >= target, f"{requests} more answers; refused {self.refused}, failed {self.failed}",
              seconds)

    def _run(self):
        while not self._ending.is_set():
            try:
                connection = fastcgi.Connection(self._path, self._timeout)
            except OSError as error:
                self._count(self.refused, type(error).__name__)
                # Without a pause the same moment would be counted a thousand times.
                self._ending.wait(0.01)
                continue
            try:
                with connection:
                    response = connection.request(self._target)
                if response.status == 200:
                    with self._lock:
                        self.answered += 1
                else:
                    self._count(self.failed, response.status)
            except (OSError, AssertionError, EOFError) as error:
                self._count(self.failed, type(error).__name__)

    def _count(self, counter, kind):
        with self._lock:
            counter[kind] += 1
