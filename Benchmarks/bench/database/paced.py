"""Requests at a steady rate from many clients, and the moment and the answer of each."""

import collections
import http.client
import threading
import time

Answer = collections.namedtuple("Answer", "began ended target status text")


class Paced:
    """Threads that ask `rate` times a second together until `stop`, for each of the targets in turn."""

    def __init__(self, port, host, targets, rate, clients=32):
        self.answers = []
        self._where = ("127.0.0.1", port)
        self._host, self._targets, self._interval = host, targets, clients / rate
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number, clients)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, number, clients):
        connection = http.client.HTTPConnection(*self._where, timeout=30)
        due = time.monotonic() + self._interval * number / clients
        asked = number
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            # A client that is late does not catch up: the load is paced.
            due = max(due + self._interval, time.monotonic())
            target = self._targets[asked % len(self._targets)]
            asked += 1
            began = time.monotonic()
            try:
                connection.request("GET", target, headers={"Host": self._host})
                response = connection.getresponse()
                status, text = response.status, response.read().decode(errors="replace")
            except (OSError, http.client.HTTPException) as error:
                status, text = 0, repr(error)
                connection.close()
            self.answers.append(Answer(began, time.monotonic(), target, status, text.strip()))
        connection.close()

    def stop(self):
        """All answers, in the order in which they came."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        return sorted(self.answers, key=lambda answer: answer.ended)
