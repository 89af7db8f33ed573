"""Requests at a steady rate from many clients, with the time, the method and the answer of every failure."""

import collections
import http.client
import threading
import time

Failure = collections.namedtuple("Failure", "began ended method what")


class PacedLoad:
    """`clients` threads that ask `rate` times a second together, until `stop`, every other time with POST.

    `keeps`: whether a client keeps its connection to the front server."""

    def __init__(self, port, *, rate=300, clients=8, get="/hello", post="/echo", keeps=True):
        self.answered = 0
        self.failures = []
        self._port, self._get, self._post, self._keeps = port, get, post, keeps
        self._interval = clients / rate
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.began = time.monotonic()
        self.seconds = None
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        connection = None
        due = time.monotonic() + self._interval * number / len(self._threads)
        asked = 0
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            # A client that is late does not catch up: a burst would be another test.
            due = max(due + self._interval, time.monotonic())
            asked += 1
            posts = self._post is not None and asked % 2 == 0
            body = f"client {number} request {asked}".encode() if posts else None
            began = time.monotonic()
            connection = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                connection.request("POST" if posts else "GET", self._post if posts else self._get, body,
                                   {} if self._keeps else {"Connection": "close"})
                response = connection.getresponse()
                content = response.read()
                what = None
                if response.status // 100 != 2:
                    what = response.status
                elif posts and content != body:
                    what = content[:80]
            except (OSError, http.client.HTTPException) as error:
                what = repr(error)
                connection.close()
                connection = None
            else:
                if not self._keeps:
                    connection.close()
                    connection = None
            with self._lock:
                self.answered += 1
                if what is not None:
                    self.failures.append(Failure(began, time.monotonic(), "POST" if posts else "GET", what))
        if connection:
            connection.close()

    @property
    def count(self):
        with self._lock:
            return self.answered

    def stop(self):
        """End it; the requests per second that it reached."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(40)
            assert not thread.is_alive(), "a client is not done in time"
        self.seconds = self.seconds or time.monotonic() - self.began
        return self.answered / self.seconds
