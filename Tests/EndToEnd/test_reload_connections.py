"""Connections that are kept over a reload: the new generation takes them over."""

import contextlib
import os
import signal

from harness import fastcgi, procfs
from harness.gatehouse import module_pool
from harness.waiting import until


def test_an_idle_connection_belongs_to_the_new_generation(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    with server.connect() as kept:
        assert kept.request("/hello", keep=True).status == 200
        before = server.workers
        server.configuration["pools"]["web"]["log-level"] = "debug"
        server.rewrite()
        assert server.command("reload").done
        until(lambda: not before & server.workers, "the old generation has left", 10)
        answer = kept.request("/echo", method="POST", body=b"still here", keep=True)
        assert (answer.status, answer.body) == (200, b"still here")


def test_endpoints_that_move_keep_their_connections(serving_pools, folder, echo):
    """Each goes to where its own endpoint now stands in the list; one whose endpoint is gone is closed."""
    endpoints = {name: f"fastcgi:{folder}/{name}.sock" for name in ("first", "web", "last")}
    server = serving_pools(web={**module_pool(folder, echo), "listen": list(endpoints.values())})
    with contextlib.ExitStack() as stack:
        kept = {name: stack.enter_context(fastcgi.Connection(folder / f"{name}.sock")) for name in endpoints}
        for connection in kept.values():
            assert connection.request("/hello", keep=True).status == 200
        before = server.workers
        server.configuration["pools"]["web"]["listen"] = [endpoints["last"], endpoints["web"]]
        server.rewrite()
        assert server.command("reload").done
        until(lambda: not before & server.workers, "the old generation has left", 10)
        for name in ("last", "web"):
            answer = kept[name].request("/echo", method="POST", body=b"still here", keep=True)
            assert (answer.status, answer.body) == (200, b"still here"), name
        assert kept["first"].socket.recv(1) == b""


def hold_up(server, stack):
    """Have connections wait with the supervisor: more leave one worker than the other, which stands still, takes.

    That worker's process id, the connections, and how many descriptors the supervisor had before."""
    slow = min(server.status("web")["workers"], key=lambda worker: worker["number"])["pid"]
    before = procfs.descriptors(server.pid)
    os.kill(slow, signal.SIGSTOP)
    stack.callback(os.kill, slow, signal.SIGCONT)
    until(lambda: procfs.is_stopped(slow), "it stands still", 10)
    # Everybody connects to the other worker.
    kept = [stack.enter_context(server.connect()) for _ in range(700)]
    for connection in kept:
        assert connection.request("/hello", keep=True).status == 200
    assert server.command("scale", pool="web", workers=1).done
    until(lambda: procfs.descriptors(server.pid) > before + 50, "connections wait with the supervisor", 20)
    return slow, kept, before


def test_connections_wait_for_a_worker_that_takes_its_time(serving_pools, folder, echo):
    """More of them than its channel holds: the others wait with the supervisor and with the worker that drains."""
    server = serving_pools(web=module_pool(folder, echo, workers=2, limits={"drain": "120s"}))
    with contextlib.ExitStack() as stack:
        slow, kept, before = hold_up(server, stack)
        os.kill(slow, signal.SIGCONT)
        until(lambda: server.workers == {slow}, "the other one has handed over everything", 30)
        assert {connection.request("/hello", keep=True).status for connection in kept} == {200}
    until(lambda: procfs.descriptors(server.pid) <= before, "nothing is left with the supervisor", 10)


def test_connections_that_wait_are_let_go_when_all_stops(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo, workers=2, limits={"drain": "120s"}))
    with contextlib.ExitStack() as stack:
        _, _, before = hold_up(server, stack)
        server.send_signal(signal.SIGTERM)
        until(lambda: procfs.descriptors(server.pid) <= before, "nothing is left with the supervisor", 10)
