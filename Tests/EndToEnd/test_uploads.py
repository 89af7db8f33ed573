"""Large uploads arrive whole, and the worker's memory does not grow with them."""

import select
import socket
import time

import pytest

from harness import fastcgi, procfs
from harness.client import ask, connect
from harness.waiting import until

MIB = 1 << 20
SIZE = 100 * MIB
BLOCK = bytes(range(256)) * 1024


def blocks(size):
    for at in range(0, size, len(BLOCK)):
        yield BLOCK[:size - at]


@pytest.mark.parametrize("variant", [
    "nginx fastcgi", "nginx fastcgi unbuffered", "nginx fastcgi unbuffered keep-alive", "nginx scgi",
    "nginx scgi unbuffered", "nginx uwsgi", "nginx uwsgi unbuffered", "lighttpd fastcgi", "lighttpd uwsgi",
    "apache fastcgi", "apache uwsgi", "haproxy fastcgi",
])
def test_100_mib_with_their_length(gatehouse, port_of, variant):
    port, worker = port_of(variant), gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    answer = ask(port, "/count", "POST", blocks(SIZE), {"Content-Length": str(SIZE)}, timeout=60)
    assert (answer.status, answer.body) == (200, b"%d\n" % SIZE)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB


@pytest.mark.parametrize("variant", [
    "nginx fastcgi", "nginx fastcgi unbuffered", "nginx fastcgi unbuffered keep-alive", "nginx uwsgi unbuffered",
])
def test_100_mib_chunked(gatehouse, port_of, variant):
    """Unbuffered over FastCGI, no CONTENT_LENGTH comes with it: the end of STDIN is the end of the body. Over uwsgi
    nginx collects the chunks all the same."""
    port, worker = port_of(variant), gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    answer = ask(port, "/count", "POST", blocks(SIZE), timeout=60)
    assert (answer.status, answer.body) == (200, b"%d\n" % SIZE)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB


def test_an_early_answer_to_a_large_upload_arrives(front, variant):
    """The front server may not take the rest once it has the response, nor may it see a reset."""
    if variant == "h2o fastcgi keep-alive":
        pytest.skip("h2o 2.2 ends by its own assertion (h2o_socket_export: !h2o_socket_is_writing)")
    head = b"POST /ignore-body HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (5 * MIB)
    client = connect(front, head)
    left, received = memoryview(bytes(5 * MIB)), b""
    deadline = time.monotonic() + 15
    while b"not read\n" not in received:
        assert time.monotonic() < deadline, f"no answer, {len(left)} bytes not taken, so far: {received!r}"
        readable, writable, _ = select.select([client], [client] if left else [], [], 1)
        if readable:
            more = client.recv(65536)
            assert more, f"no answer: {received!r}"
            received += more
        elif writable:
            left = left[client.send(left[:65536]):]
    client.close()
    assert received.startswith(b"HTTP/1.1 200")


def test_a_handler_that_does_not_read_stops_the_reading(gatehouse):
    """The rest of the body stays with the peer: the worker holds no more than its buffer."""
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
