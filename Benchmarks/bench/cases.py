"""The requests whose instructions are counted: what is asked, over which protocol, and what must be in the answer."""

import contextlib
import dataclasses
import os
import signal

from . import nginx_requests
from .nginx_requests import fastcgi, scgi, uwsgi
from .processes import Failed

BODY = bytes(range(256)) * 256
# The pattern of the echo module's /stream, once.
PATTERN = bytes(range(251))


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    protocol: str         # of the endpoint
    asking: bytes         # one whole request
    answer: bytes         # a part of the answer
    keeps: bool = False   # whether all requests share one connection; else each has its own, and the answer its end
    is_long: bool = False  # longer than what the kernel passes on in one piece
    by_peers: bool = False  # whether the peers answer it, too: it is GET /hello

    def ask(self, path, requests, program):
        """So many requests, one after the other."""
        connection = None
        for number in range(requests):
            connection = connection or nginx_requests.connect(path)
            with _held(program) if self.is_long else contextlib.nullcontext():
                connection.sendall(self.asking)
            answer = self._answer_of(connection)
            if self.answer not in answer:
                raise Failed(f"request {number + 1} was answered {answer[:300]!r}:\n{program.last_output()}")
            if not self.keeps:
                connection.close()
                connection = None
        if connection:
            connection.close()

    def _answer_of(self, connection):
        with connection.makefile("rb") as stream:
            if self.protocol != "fastcgi":
                return stream.read()
            answer = nginx_requests.fastcgi_answer(stream)
            if not self.keeps:
                stream.read()  # The worker has ended its side before we close ours: the same steps each time.
            return answer


@contextlib.contextmanager
def _held(program):
    """Holds the program meanwhile, so that it finds all that was sent, and not as much as has come by chance."""
    os.kill(program.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, program.pid, os.WSTOPPED)
    try:
        yield
    finally:
        os.kill(program.pid, signal.SIGCONT)


CASES = [
    Case("hello", "hello, kept alive", "fastcgi", fastcgi("GET", "/hello"), b"Hello", keeps=True, by_peers=True),
    Case("new", "hello, a connection each", "fastcgi", fastcgi("GET", "/hello", keeps=False), b"Hello", by_peers=True),
    Case("upload", "64 KiB upload", "fastcgi", fastcgi("POST", "/count", BODY), b"65536\n", keeps=True, is_long=True),
    Case("download", "64 KiB download", "fastcgi", fastcgi("GET", "/stream?kib=64&length=1"), PATTERN, keeps=True),
    Case("scgi", "hello over SCGI", "scgi", scgi("GET", "/hello"), b"Hello"),
    Case("uwsgi", "hello over uwsgi", "uwsgi", uwsgi("GET", "/hello"), b"Hello"),
]
NAMES = tuple(case.name for case in CASES)
