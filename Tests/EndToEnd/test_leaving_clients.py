"""Clients that leave: the handler's task is cancelled, and nothing stays behind."""

import random
import threading

import pytest

from harness import fastcgi, procfs, scgi, uwsgi
from harness.client import ask, connect, free_ports, get
from harness.gatehouse import serve_configuration
from harness.waiting import until

LEAVING = ["nginx fastcgi", "nginx fastcgi keep-alive", "nginx scgi", "nginx uwsgi"]


def wait_for(gatehouse, fact, what, seconds):
    return until(lambda: (lambda now: fact(now) and now)(gatehouse.counters()), what, seconds, interval=0.02)


@pytest.mark.parametrize("variant", LEAVING)
@pytest.mark.parametrize("target", ["/sleep?ms=30000", "/stream?mib=4096"])
def test_a_client_that_leaves_cancels_the_task_within_a_second(gatehouse, port_of, variant, target):
    port, before = port_of(variant), gatehouse.counters()
    client = connect(port, get(target), receive_buffer=65536)
    wait_for(gatehouse, lambda now: now["live"] == before["live"] + 1, "the handler runs", 5)
    client.close()
    wait_for(gatehouse, lambda now: now["cancelled"] == before["cancelled"] + 1, "the task is cancelled", 1)
    assert gatehouse.counters()["live"] == before["live"]


def test_a_front_server_that_leaves_cancels_the_task(gatehouse):
    before = gatehouse.counters()
    connection = gatehouse.connect()
    connection.send(fastcgi.request("/sleep?ms=30000"))
    wait_for(gatehouse, lambda now: now["live"] == before["live"] + 1, "the handler runs", 5)
    connection.close()
    wait_for(gatehouse, lambda now: now["cancelled"] == before["cancelled"] + 1, "the task is cancelled", 1)


@pytest.mark.parametrize("scheme", ["fastcgi", "scgi", "uwsgi"])
def test_a_front_server_that_leaves_a_port_cancels_the_task(folder, echo, scheme):
    listen = [f"fastcgi:{folder}/x.sock", f"{scheme}:127.0.0.1:{free_ports(1)[0]}"]
    server = serve_configuration(folder, {"pools": {"web": {"listen": listen, "modules": [
        {"mount": "/", "path": str(echo)}]}}}, fastcgi_socket=f"{folder}/x.sock")
    encode = {"fastcgi": fastcgi, "scgi": scgi, "uwsgi": uwsgi}[scheme].request
    with connect(int(listen[1].rpartition(":")[2]), encode("/sleep?ms=30000")):
        wait_for(server, lambda now: now["live"] == 1, "the handler runs", 5)
    wait_for(server, lambda now: now["cancelled"] == 1, "the task is cancelled", 1)
    assert server.stop() == 0


def test_an_upload_that_is_given_up_ends_the_handler(gatehouse, port_of):
    port = port_of("nginx fastcgi unbuffered")
    until(lambda: gatehouse.counters()["live"] == 0, "nothing runs", 5)
    head = b"POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    client = connect(port, head + b"x" * 200_000)
    with client:
        until(lambda: gatehouse.counters()["live"] == 1, "the upload has reached its handler", 5)
    until(lambda: gatehouse.counters()["live"] == 0, "the handler is gone", 5)


def _some_load(port, seed, rounds, failures):
    """Requests of every kind, a third of them given up half way."""
    dice = random.Random(seed)
    try:
        for _ in range(rounds):
            kind = dice.randrange(7)
            if kind == 0:
                assert ask(port, "/hello").status == 200
            elif kind == 1:
                body = dice.randbytes(dice.randrange(300_000))
                assert ask(port, "/echo", "POST", body).body == body
            elif kind == 2:
                assert len(ask(port, "/stream?mib=1").body) == 1 << 20
            elif kind == 3:
                assert ask(port, "/throw").status == 500
            elif kind == 4:
                connect(port, get("/sleep?ms=30000")).close()
            elif kind == 5:
                half_read = connect(port, get("/stream?mib=64"), receive_buffer=65536)
                half_read.recv(10_000)
                half_read.close()
            else:
                head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"
                connect(port, head + b"y" * 100_000).close()
    except Exception as error:
        failures.append(error)


def _run_load(ports, rounds, seed):
    failures = []
    threads = [threading.Thread(target=_some_load, args=(port, seed + index, rounds, failures))
               for index, port in enumerate(ports)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def test_after_a_mixed_load_nothing_is_left_over(gatehouse, port_of):
    """Descriptors, tasks and memory return to their level after a first round, which fills pools and caches."""
    variants = ["nginx fastcgi", "nginx fastcgi keep-alive", "nginx fastcgi unbuffered",
                "nginx fastcgi unbuffered keep-alive", "nginx scgi", "nginx scgi unbuffered", "nginx uwsgi",
                "nginx uwsgi unbuffered"]
    ports, worker = [port_of(variant) for variant in variants], gatehouse.worker
    open_before = procfs.descriptors(worker)
    _run_load(ports, 60, 1)
    until(lambda: gatehouse.counters()["live"] == 0, "no handler runs", 10)
    memory_before = procfs.memory(worker)
    _run_load(ports, 120, 100)
    until(lambda: gatehouse.counters()["live"] == 0, "no handler runs", 10)
    # nginx keeps up to 16 idle connections, which are its own to close.
    until(lambda: procfs.descriptors(worker) <= open_before + 16, "the connections are closed", 10)
    assert procfs.memory(worker) - memory_before < 12 << 20
