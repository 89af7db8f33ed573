"""Many clients that each ask again and again on one kept-alive connection."""

import collections
import http.client
import threading


class KeptLoad:
    """`clients` threads, until `stop`, or until each has asked `requests` times. `answers` counts by (status, body)."""

    def __init__(self, port, clients, target, *, method="GET", requests=None):
        self.answers = collections.Counter()
        self.faults = []
        self._port, self._target, self._method = port, target, method
        self._requests = requests
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        asked = 0
        while not self._stopping.is_set() and (self._requests is None or asked < self._requests):
            asked += 1
            body = f"client {number} request {asked}".encode() if self._method == "POST" else None
            try:
                connection.request(self._method, self._target, body)
                response = connection.getresponse()
                answer = response.status, response.read()
            except OSError as error:
                with self._lock:
                    self.faults.append(repr(error))
                connection.close()
                continue
            with self._lock:
                if body is not None and (answer[0] != 200 or answer[1] != body):
                    self.faults.append(answer)
                self.answers[answer if body is None else answer[0]] += 1
        connection.close()

    @property
    def count(self):
        with self._lock:
            return sum(self.answers.values())

    def wait(self, seconds=60):
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client is not done in time"

    def stop(self):
        self._stopping.set()
        self.wait()
