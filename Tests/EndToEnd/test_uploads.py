"""Large uploads arrive whole, and the worker's memory does not grow with them."""

import pytest

from harness import procfs
from harness.client import ask

MIB = 1 << 20
SIZE = 100 * MIB
BLOCK = bytes(range(256)) * 1024


def blocks(size):
    for at in range(0, size, len(BLOCK)):
        yield BLOCK[:size - at]


@pytest.mark.parametrize("variant", [
    "nginx fastcgi", "nginx fastcgi unbuffered", "nginx fastcgi unbuffered keep-alive", "nginx scgi",
    "nginx scgi unbuffered", "lighttpd fastcgi", "apache fastcgi", "haproxy fastcgi",
])
def test_100_mib_with_their_length(gatehouse, port_of, variant):
    port, worker = port_of(variant), gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    answer = ask(port, "/count", "POST", blocks(SIZE), {"Content-Length": str(SIZE)}, timeout=60)
    assert (answer.status, answer.body) == (200, b"%d\n" % SIZE)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB


@pytest.mark.parametrize("variant", ["nginx fastcgi", "nginx fastcgi unbuffered", "nginx fastcgi unbuffered keep-alive"])
def test_100_mib_chunked(gatehouse, port_of, variant):
    """Unbuffered, no CONTENT_LENGTH comes with it: the end of STDIN is the end of the body."""
    port, worker = port_of(variant), gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    answer = ask(port, "/count", "POST", blocks(SIZE), timeout=60)
    assert (answer.status, answer.body) == (200, b"%d\n" % SIZE)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB


def test_an_early_answer_to_a_large_upload_arrives(front):
    """The front server may not send the rest once it has the response's head, nor may it see a reset."""
    answer = ask(front, "/ignore-body", "POST", blocks(5 * MIB), {"Content-Length": str(5 * MIB)})
    assert answer.status == 200


def test_a_handler_that_does_not_read_stops_the_reading(gatehouse):
    """What it does not take stays with the peer: the worker holds no more than its buffer."""
    import socket

    from harness import fastcgi
    from harness.waiting import until

    worker = gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    with gatehouse.connect() as connection:
        connection.send(fastcgi.head("/stall?ms=1500", "POST", CONTENT_LENGTH=str(64 * MIB)))
        connection.socket.setblocking(False)
        sent, piece = 0, fastcgi.stream(fastcgi.STDIN, BLOCK[:32768])
        try:
            while sent < 64 * MIB:
                sent += connection.socket.send(piece)
        except BlockingIOError:
            pass
        assert sent < 8 * MIB, "the worker took what nobody reads"
        connection.socket.settimeout(20)
        connection.socket.shutdown(socket.SHUT_RDWR)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB
    until(lambda: gatehouse.counters()["live"] == 0, "the handler is gone", 5)
