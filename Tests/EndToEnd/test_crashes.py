"""Workers that die: only their own requests fail, and others take their place (row E2)."""

import contextlib
import os
import signal
import time

import pytest

from harness import fastcgi, modules, procfs
from harness.client import ask
from harness.direct_load import DirectLoad
from harness.gatehouse import serve_configuration, shared_socket
from harness.killer import Killer
from harness.nginx import nginx_kept
from harness.paced_load import PacedLoad
from harness.waiting import let_pass, until

SECONDS = float(os.environ.get("GATEHOUSE_KILL_SECONDS", "5"))
LOOP_SECONDS = float(os.environ.get("GATEHOUSE_CRASH_LOOP_SECONDS", "8"))


@pytest.fixture
def four(serving):
    """Four workers that say who they are."""
    return serving(modules.build("worker"), pool={"workers": 4}, socket=shared_socket())


def test_every_failure_belongs_to_a_killed_worker(four):
    load = DirectLoad(four.fastcgi_socket)
    until(lambda: load.count > 100, "the load runs", 20)
    killer = Killer(four)
    let_pass(SECONDS)
    killer.stop()
    until(lambda: len(four.serving()) == 4, "all four are back", 10)
    load.stop()
    print(f"{load.count} answers, {len(killer.kills)} kills, {len(load.failures)} failures")
    assert len(killer.kills) >= SECONDS * 2, "it was not much of a test"
    strangers = [failure for failure in load.failures
                 if failure.pid not in killer.pids
                 and not (failure.pid is None and killer.between(failure.began, failure.ended))]
    assert not strangers, (strangers[:5], four.lines()[-20:])
    assert not [failure for failure in load.failures if "refused" in failure.what.lower()]
    report = four.status("web")
    assert report["crashes"] == len(killer.kills)
    assert report["wantedWorkers"] == 4 and report["spawned"] == 4 + len(killer.kills)


def test_behind_nginx_no_get_fails(four, folder):
    folder.chmod(0o777)
    front = nginx_kept(folder, four.fastcgi_socket, 16, again=4)
    load = PacedLoad(front.ports["kept"], rate=200, get="/pid?ms=10", post=None)
    try:
        until(lambda: load.count > 20, "the load runs", 20)
        killer = Killer(four)
        let_pass(SECONDS)
        killer.stop()
        rate = load.stop()
        print(f"{load.count} requests, {rate:.0f} a second, {len(killer.kills)} kills, {len(load.failures)} failures")
        assert len(killer.kills) >= SECONDS * 2, "it was not much of a test"
        assert not load.failures, load.failures[:5]
    finally:
        load.stop()
        front.stop()


def test_a_worker_that_is_killed_is_replaced_at_once(serving, echo):
    """SIGKILL comes from outside and says nothing about the module, so there is no pause before the next start."""
    server = serving(echo, by_file=True)
    for _ in range(8):
        (before,) = server.serving()
        os.kill(before, signal.SIGKILL)
        until(lambda: server.serving() - {before}, "another serves", 10)
        assert server.get("/hello").status == 200
    assert server.status("web")["state"] == "serving"


def test_a_connection_that_waits_finds_the_next_worker(serving, echo):
    server = serving(echo, by_file=True)
    os.kill(server.worker, signal.SIGKILL)
    assert server.get("/hello").status == 200, "the socket is the supervisor's, and queues"


@pytest.mark.parametrize("names", [True, False], ids=["named", "nameless"])
@pytest.mark.parametrize("keepalive", [16, 0], ids=["kept", "not kept"])
@pytest.mark.parametrize("path", ["/crash", "/exit"])
def test_one_request_kills_one_worker(four, folder, names, keepalive, path):
    """nginx passes a request whose connection has died on to the next worker, which refuses it if it has killed one."""
    folder.chmod(0o777)
    front = nginx_kept(folder, four.fastcgi_socket, keepalive, again=4, names=names)
    try:
        port = front.ports["kept"]
        # Connections to each of the workers are kept; without that, nginx would make a new one for each try.
        load = PacedLoad(port, rate=200, clients=8, get="/pid?ms=20", post=None)
        until(lambda: load.count > 50, "the load runs", 20)
        before = four.serving()
        assert ask(port, path).status == 500
        until(lambda: four.status("web")["crashes"], "a worker has died", 10)
        four.wait_for_line("is not given to another one")
        until(lambda: len(four.serving()) == 4, "another one serves in its place", 20)
        assert four.status("web")["crashes"] == 1 and len(before & four.serving()) == 3
        # Somebody else's request for the same is another one.
        assert ask(port, path).status == 500
        until(lambda: four.status("web")["crashes"] == 2, "another worker has died", 10)
        load.stop()
        assert not load.failures, load.failures[:5]
    finally:
        load.stop()
        front.stop()


def test_a_worker_that_leaves_is_replaced(serving):
    server = serving(modules.build("worker"), by_file=True)
    (before,) = server.serving()
    with server.connect() as connection:
        connection.send(fastcgi.request("/exit"))
        connection.at_end()
    until(lambda: server.serving() - {before}, "another serves", 10)
    server.wait_for_line("left with status 0")
    assert server.get("/pid").status == 200


def test_only_the_requests_of_a_crashed_worker_fail(four):
    with contextlib.ExitStack() as stack:
        # Connections are balanced; each worker says which ones it has.
        by_worker = {}
        while len(by_worker) < 4:
            connection = stack.enter_context(four.connect())
            by_worker.setdefault(int(connection.request("/pid", keep=True).body), connection)
        (victim, crashing), *others = by_worker.items()
        for _, connection in others:
            connection.send(fastcgi.request("/pid?ms=1000", keep=True))
        crashing.send(fastcgi.request("/crash"))
        crashing.at_end()
        four.wait_for_line(f"(pid {victim}) was killed")
        for pid, connection in others:
            assert int(connection.response().body) == pid


def crash(server, target="/crash"):
    """End the worker by a request; returns when the connection has ended."""
    with server.connect() as connection:
        connection.send(fastcgi.request(target))
        connection.at_end()


def test_a_crash_loop_is_slow_and_disturbs_nobody(folder, echo):
    """At most 20 starts a minute, however often it crashes, and the other pool is not disturbed."""
    pools = {name: {"listen": [f"fastcgi:{folder}/{name}.sock"], "modules": [{"mount": "/", "path": str(echo)}],
                    "quarantine": "off"} for name in ("bad", "good")}
    server = serve_configuration(folder, {"pools": pools}, fastcgi_socket=str(folder / "bad.sock"))
    try:
        good = server.serving("good")
        began, cpu = time.monotonic(), procfs.cpu_seconds(server.pid)
        at_first = server.status("bad")["spawned"]
        with fastcgi.Connection(folder / "good.sock") as connection:
            while time.monotonic() - began < LOOP_SECONDS:
                # As soon as there is a worker, it crashes.
                crash(server)
                assert connection.request("/hello", keep=True).status == 200
        report = server.status("bad")
        seconds = time.monotonic() - began
        spawned = report["spawned"] - at_first
        said = sum(len(line) + 1 for line in server.lines())
        used = procfs.cpu_seconds(server.pid) - cpu
        print(f"{seconds:.0f} s: {report['crashes']} crashes, {spawned} workers started, {said} bytes of log, "
              f"{100 * used / seconds:.1f} % CPU")
        assert 3 <= report["crashes"] and spawned <= 20 * max(1, seconds / 60)
        assert report["state"] == "degraded" and "GET /crash" in report["lastCrash"]
        assert said <= (1 << 20) * max(1, seconds / 60)
        assert server.serving("good") == good and server.status("good")["state"] == "serving"
    finally:
        assert server.stop() == 0
