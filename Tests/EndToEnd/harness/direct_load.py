"""FastCGI clients without a front server between: each knows its worker."""

import collections
import threading
import time

from . import fastcgi

Failure = collections.namedtuple("Failure", "began ended pid what")


class DirectLoad:
    """`clients` threads, each with one kept connection to a module that answers with its process id.

    A failure has the pid of the worker that had the connection, or None if no worker had answered yet."""

    def __init__(self, path, *, clients=16, target="/pid?ms=10"):
        self.answers = collections.Counter()
        self.failures = []
        self._path, self._target = path, target
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        connection, pid, since = None, None, 0.0
        while not self._stopping.is_set():
            try:
                if connection is None:
                    pid, since = None, time.monotonic()
                    connection = fastcgi.Connection(self._path)
                answer = connection.request(self._target, keep=True)
                assert answer.status == 200, answer
                pid = int(answer.body)
                with self._lock:
                    self.answers[pid] += 1
            except (OSError, EOFError, AssertionError) as error:
                with self._lock:
                    self.failures.append(Failure(since, time.monotonic(), pid, repr(error)))
                if connection:
                    connection.close()
                connection = None
        if connection:
            connection.close()

    @property
    def count(self):
        with self._lock:
            return sum(self.answers.values())

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client is not done in time"
