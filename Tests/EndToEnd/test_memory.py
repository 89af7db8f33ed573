"""A worker that was busy once is not large for ever: what a burst took goes back to the operating system."""

import contextlib
import threading

import pytest

from harness import bursts, fastcgi, procfs
from harness.fastcgi import STDIN, head, record
from harness.waiting import until


def test_a_worker_that_serves_is_small(serving, echo):
    """Less than half of what loading it has touched."""
    server = serving(echo)
    for _ in range(20):
        assert server.get("/hello").status == 200
    assert procfs.memory(server.worker) < 20 << 20


@pytest.mark.parametrize("burst", bursts.ALL, ids=lambda burst: burst.__name__)
def test_what_a_burst_took_is_given_back(serving, echo, burst):
    server = serving(echo, nofile=8192)
    for _ in range(20):
        assert server.get("/hello").status == 200
    before = procfs.memory(server.worker)
    with burst(server):
        most = procfs.memory(server.worker)
    assert most - before > 2 * bursts.KEPT, "no burst"
    until(lambda: procfs.memory(server.worker) - before < bursts.KEPT, "the worker has given it back", 20)


def test_several_event_loops_rest_together(serving, echo):
    server = serving(echo, pool={"event-loops": 3})
    for _ in range(20):
        assert server.get("/hello").status == 200
    before = procfs.memory(server.worker)
    with bursts.bodies_that_wait(server):
        assert procfs.memory(server.worker) - before > 2 * bursts.KEPT
    until(lambda: procfs.memory(server.worker) - before < bursts.KEPT, "the worker has given it back", 20)


def test_a_monitor_does_not_keep_a_worker_from_it(serving, echo):
    """A request now and then counts as rest."""
    server = serving(echo)
    # The code of a request counts, too.
    for _ in range(20):
        assert server.get("/hello").status == 200
    before = procfs.memory(server.worker)
    with bursts.bodies_that_wait(server):
        assert procfs.memory(server.worker) - before > 2 * bursts.KEPT
    done = threading.Event()

    def ask():
        while not done.wait(0.2):
            assert server.get("/hello").status == 200

    monitor = threading.Thread(target=ask)
    monitor.start()
    try:
        until(lambda: procfs.memory(server.worker) - before < bursts.KEPT, "the worker has given it back", 20)
    finally:
        done.set()
        monitor.join()


def test_uploads_leave_nothing_behind(serving, echo):
    """Ten thousand bodies that stream to their handlers."""
    server = serving(echo)

    def upload(count):
        with server.connect() as connection:
            for _ in range(count):
                connection.send(head("/count", "POST", keep=True, CONTENT_LENGTH="3"))
                # The handler has been started without its body when it begins to arrive.
                connection.send(record(fastcgi.GET_VALUES, id=0))
                assert connection.read_record().kind == fastcgi.GET_VALUES_RESULT
                connection.send(record(STDIN, b"abc"), record(STDIN))
                assert connection.response().body == b"3\n"

    upload(1_000)
    before = procfs.memory(server.worker)
    upload(10_000)
    assert procfs.memory(server.worker) - before < 4 << 20


def test_a_body_in_pieces_of_one_byte_takes_what_it_counts(gatehouse):
    """The budget of a request that waits for its handler is 256 KiB, however small the pieces are."""
    worker = gatehouse.worker
    before = procfs.memory(worker)
    with contextlib.ExitStack() as held:
        piece = record(STDIN, b"x") * 250_000
        for _ in range(8):
            connection = held.enter_context(gatehouse.connect())
            connection.send(head("/stall?ms=60000", "POST"), piece)
        until(lambda: gatehouse.counters()["live"] == 8, "all handlers wait", 20)
        assert procfs.memory(worker) - before < 16 << 20
    until(lambda: gatehouse.counters()["live"] == 0, "the handlers are gone", 10)
