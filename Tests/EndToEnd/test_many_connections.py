"""Thousands of connections, none of them lost, and a descriptor table that is full."""

import selectors
import time

import pytest

from harness import fastcgi, procfs
from harness.client import connect
from harness.waiting import let_pass, until

MANY = 3000


def test_3000_connections_open_and_answered(gatehouse):
    """select() would end at 1,024 descriptors (row B7)."""
    worker = gatehouse.worker
    before = procfs.descriptors(worker)
    connections = [gatehouse.connect() for _ in range(MANY)]
    try:
        for _ in range(2):
            for connection in connections:
                connection.send(fastcgi.request("/hello", keep=True))
            for connection in connections:
                assert connection.response().body == b"Hello from Gatehouse\n"
        assert procfs.descriptors(worker) >= MANY
    finally:
        for connection in connections:
            connection.close()
    until(lambda: procfs.descriptors(worker) <= before, "the worker has closed them all", 10)


@pytest.mark.parametrize("variant", ["nginx fastcgi", "nginx scgi", "nginx uwsgi"])
def test_3000_requests_in_flight_through_nginx(gatehouse, port_of, variant):
    port = port_of(variant)
    request = b"GET /sleep?ms=2000 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    clients = [connect(port, request) for _ in range(MANY)]
    answers = _answers(clients, 60)
    assert [answer.split(b"\r\n")[0] for answer in answers].count(b"HTTP/1.1 200 OK") == MANY
    assert all(b"slept\n" in answer for answer in answers)


def _answers(clients, seconds):
    """Read them all to their end, as they come."""
    received = {client: b"" for client in clients}
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(seconds)
            assert ready, f"{len(selector.get_map())} clients wait in vain"
            for key, _ in ready:
                more = key.fileobj.recv(65536)
                received[key.fileobj] += more
                if not more:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
    return list(received.values())


def test_a_full_descriptor_table_neither_spins_nor_ends_accepting(serving, echo):
    server = serving(echo, nofile=100)
    worker = server.worker
    assert server.get("/hello").status == 200
    connections = [server.connect() for _ in range(300)]
    for connection in connections:
        connection.send(fastcgi.request("/hello", keep=True))
    until(lambda: procfs.descriptors(worker) >= 98, "its descriptors are used up", 10)
    used = procfs.cpu_seconds(worker)
    answered = [connections[0].response()]
    let_pass(1)
    assert procfs.cpu_seconds(worker) - used < 0.2, "the worker spins"
    # Each connection that closes makes room for one that waits.
    for connection in connections[1:]:
        connections[len(answered) - 1].close()
        answered.append(connection.response())
    connections[-1].close()
    assert {answer.status for answer in answered} == {200}
    until(lambda: server.get("/hello").status == 200, "new connections are served", 5)


def test_500_drippers_do_not_hurt_others_and_are_closed(serving, echo):
    """Each sends a byte now and then and never ends its parameters; the delay of other requests is printed (row B5)."""
    server = serving(echo, limits={"head": "2s"}, nofile=4096)
    alone = [_time_of_a_page(server) for _ in range(500)]
    head = fastcgi.head("/hello")
    drippers = [server.connect() for _ in range(500)]
    for number, dripper in enumerate(drippers):
        dripper.send(head[:10 + number % 40])
        dripper.socket.setblocking(False)
    open_drippers, at = set(drippers), 50
    beside = []

    def drip():
        nonlocal at
        at += 1
        for number, dripper in enumerate(list(open_drippers)):
            if _is_closed(dripper, head[at % len(head):at % len(head) + 1]):
                open_drippers.discard(dripper)
            # Between them: a page after all bytes at once would measure a queue, and not the drip.
            if number % 10 == 0:
                beside.append(_time_of_a_page(server))
        return not open_drippers

    until(drip, "every dripper is closed", 20, interval=0.05)
    print(f"p99 of {len(alone)} pages alone: {_p99(alone):.2f} ms, "
          f"of {len(beside)} beside 500 drippers: {_p99(beside):.2f} ms")
    for dripper in drippers:
        dripper.close()


def _time_of_a_page(server):
    """Milliseconds."""
    started = time.perf_counter()
    assert server.get("/hello").status == 200
    return (time.perf_counter() - started) * 1000


def _p99(times):
    return sorted(times)[len(times) * 99 // 100]


def _is_closed(dripper, byte):
    try:
        dripper.socket.send(byte)
        return dripper.socket.recv(4096) == b""
    except BlockingIOError:
        return False
    except (BrokenPipeError, ConnectionResetError):
        return True
