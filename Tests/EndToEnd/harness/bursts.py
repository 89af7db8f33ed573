"""Bursts that make a worker take memory, each for as long as its `with` lasts."""

import contextlib

from . import fastcgi
from .fastcgi import PARAMS, STDIN, begin, head, record, stream
from .waiting import until

# The bytes that an idle worker may have more than before any burst.
KEPT = 4 << 20


@contextlib.contextmanager
def stalled_readers(server):
    """Clients who ask for half a mebibyte each, and take the beginning of it."""
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(server.connect()) for _ in range(60)]
        for connection in connections:
            connection.send(fastcgi.request("/echo", "POST", bytes(600_000)))
        for connection in connections:
            connection.until_head()
        yield


@contextlib.contextmanager
def bodies_that_wait(server):
    """Two hundred handlers that do not read their quarter of a mebibyte."""
    with contextlib.ExitStack() as held:
        for _ in range(200):
            connection = held.enter_context(server.connect())
            connection.send(head("/stall?ms=60000", "POST"), stream(STDIN, bytes(250_000), size=5_000))
        until(lambda: server.counters()["live"] == 200, "all handlers wait", 20)
        yield


@contextlib.contextmanager
def heads_that_wait(server):
    """Parameters that do not end, up to the budget of twenty connections."""
    with contextlib.ExitStack() as held:
        for _ in range(20):
            connection = held.enter_context(server.connect())
            for id in range(1, 5):
                connection.send(begin(id, keep=True), stream(PARAMS, bytes(250_000), id))
            connection.send(record(fastcgi.GET_VALUES, id=0))
            assert connection.read_record().kind == fastcgi.GET_VALUES_RESULT
        yield


@contextlib.contextmanager
def many_connections(server):
    """A thousand connections, with a handler each that waits for its request's body."""
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(server.connect()) for _ in range(1_000)]
        for connection in connections:
            connection.send(head("/stall?ms=1", "POST", keep=True))
        until(lambda: server.counters()["live"] == 1_000, "all handlers wait", 30)
        yield


ALL = [stalled_readers, bodies_that_wait, heads_that_wait, many_connections]
