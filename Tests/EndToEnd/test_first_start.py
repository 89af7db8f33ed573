"""The first start, pool by pool, and the 503 that clients get while nobody can serve them."""

import contextlib
import os
import signal
import socket

import pytest

from harness import fastcgi, modules, paths, procfs, scgi
from harness.apache import apache
from harness.client import ask, free_ports
from harness.exit_statuses import INIT_THREW, INPUT_OUTPUT
from harness.front_servers import caddy, h2o, haproxy, lighttpd
from harness.gatehouse import Gatehouse, serve_configuration, shared_socket
from harness.nginx import nginx, nginx_over
from harness.waiting import let_pass, until


class Site:
    """A pool "web" that works and a pool "needy" whose module needs a file that is not there."""

    def __init__(self, folder, echo, wait=True, web=None, has_file=False, **needy):
        self.file = folder / "needed"
        if has_file:
            self.file.touch()
        self.fastcgi_socket, self.scgi_socket = f"{folder}/needy.sock", f"{folder}/needy-scgi.sock"
        self.uwsgi_socket = f"{folder}/needy-uwsgi.sock"
        needy_pool = {
            "listen": [f"fastcgi:{self.fastcgi_socket}", f"scgi:{self.scgi_socket}", f"uwsgi:{self.uwsgi_socket}"],
            "socket": shared_socket(),
            "modules": [{"mount": "/", "path": str(modules.build("init-needs")), "settings": {"file": str(self.file)}}],
            **needy}
        web = web or {"listen": [f"fastcgi:{folder}/web.sock"], "modules": [{"mount": "/", "path": str(echo)}]}
        pools = {"web": web, "needy": needy_pool}
        self.server = serve_configuration(folder, {"pools": pools}, fastcgi_socket=f"{folder}/web.sock", wait=wait)


@pytest.fixture
def site(folder, echo):
    """`site(workers=2)`"""
    started = []

    def start(**options):
        started.append(Site(folder, echo, **options))
        return started[-1]

    yield start
    for one in started:
        one.server.stop()


@pytest.fixture
def front(folder):
    """`front(site)`: an nginx in front of the needy pool."""
    started = []

    def start(one):
        place = folder / "nginx"
        place.mkdir()
        place.chmod(0o777)
        started.append(nginx(place, one))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def refused(path, **options):
    """The answer of a FastCGI socket that closes the connection after it."""
    with fastcgi.Connection(path) as connection:
        response = connection.request("/hello", **options)
        assert connection.read_record() is None
    return response


def served(path):
    with fastcgi.Connection(path) as connection:
        return connection.request("/hello").status == 200


def test_one_bad_pool_does_not_stop_the_others(site, front):
    one = site(workers=2)
    assert "needy (" in one.server.ready_line and "FileIsMissing" in one.server.ready_line
    assert "web: fastcgi:" in one.server.ready_line
    assert one.server.get("/hello").status == 200
    status = one.server.status("needy")
    assert status["state"] == "degraded" and "FileIsMissing" in status["startFailure"]
    assert "no worker can be started, clients are answered 503" in one.server.status_text()

    # Clients get it at once, through nginx in every shape, uploads included.
    before = front(one)
    for variant, port in before.ports.items():
        for method, body in (("GET", None), ("POST", b"x" * 3_000_000)):
            answer = ask(port, "/hello", method, body)
            assert (answer.status, answer.body) == (503, b""), variant
            assert 1 <= int(answer.headers["Retry-After"]) <= 60

    # When the missing file is there, the pool starts by itself.
    one.file.touch()
    until(lambda: ask(before.ports["nginx fastcgi"], "/hello").status == 200, "it serves by itself", 20)
    until(lambda: len(one.server.serving("needy")) == 2, "with all its workers", 20)
    assert one.server.status("needy")["state"] == "serving"
    assert one.server.status("needy")["refusedConnections"] >= 2 * len(before.ports)
    one.server.wait_for_line("connections were answered 503 meanwhile")
    assert one.server.get("/hello").status == 200 and one.server.stop() == 0


@pytest.mark.parametrize("start", [lighttpd, apache, haproxy, caddy, h2o], ids=lambda start: start.__name__)
def test_every_front_server_passes_the_answer_on(site, folder, start):
    one = site()
    place = folder / "front"
    place.mkdir()
    place.chmod(0o777)
    server = start(place, one)
    try:
        for variant, port in server.ports.items():
            for method, body in (("GET", None), ("HEAD", None), ("POST", b"x" * 1_000_000)):
                # Twice, as some front servers leave a server alone for a while after a failure.
                for _ in range(2):
                    answer = ask(port, "/hello", method, body)
                    assert answer.status == 503 and "Retry-After" in answer.headers, (variant, method)
    finally:
        server.stop()


def test_a_reload_tries_again_at_once(site):
    one = site()
    assert refused(one.fastcgi_socket).status == 503
    assert one.server.command("reload").status == INIT_THREW
    assert refused(one.fastcgi_socket).status == 503
    one.file.touch()
    assert one.server.command("reload").done
    assert served(one.fastcgi_socket)


def test_where_nothing_can_be_started_the_reason_is_the_status(folder, echo):
    alone = {"listen": [f"fastcgi:{folder}/other.sock"], "command": ["/bin/sh", "-c", "exit 3"]}
    one = Site(folder, echo, wait=False, web=alone)
    assert one.server.wait(20) in (3, INIT_THREW)
    assert not os.path.exists(one.fastcgi_socket) and not os.path.exists(f"{folder}/other.sock")
    assert not any("gatehouse: ready" in line for line in one.server.lines())


def test_strict_means_all_or_nothing(folder, echo):
    one = Site(folder, echo)
    assert one.server.stop() == 0
    strict = Gatehouse(folder, ["--config", one.server.file, "--strict"], wait=False)
    assert strict.wait(20) == INIT_THREW
    assert not any("gatehouse: ready" in line for line in strict.lines())


def test_a_port_that_is_taken_is_tried_again(site):
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        one = site(listen=[f"fastcgi:127.0.0.1:{port}"], modules=[
            {"mount": "/", "path": str(modules.build("worker"))}])
        assert f"127.0.0.1:{port}: Address already in use" in one.server.ready_line
        assert one.server.get("/hello").status == 200
        # Its neighbour can be reloaded meanwhile.
        before = one.server.serving("web")
        assert one.server.command("reload", pool="web").done and not one.server.serving("web") & before
        one.server.configuration["pools"]["web"]["workers"] = 2
        one.server.rewrite()
        assert one.server.command("reload").status == INPUT_OUTPUT
        assert len(one.server.serving("web")) == 2
    until(lambda: one.server.serving("needy"), "it serves when the port is free", 20)


def test_a_pool_whose_workers_fail_later_is_answered_for_as_well(site):
    needy = site()
    needy.file.touch()
    until(lambda: needy.server.serving("needy"), "it serves", 20)
    needy.file.unlink()
    (worker,) = needy.server.serving("needy")
    os.kill(worker, signal.SIGKILL)
    until(lambda: needy.server.status("needy").get("startFailure"), "its workers fail", 20)
    assert refused(needy.fastcgi_socket).status == 503
    answer = scgi.exchange(needy.scgi_socket, scgi.request("/hello", "POST", b"x" * 1_000_000))
    assert answer.startswith(b"Status: 503 Service Unavailable\r\n")
    needy.file.touch()
    until(lambda: served(needy.fastcgi_socket), "it serves again", 20)


def test_peers_that_are_slow_or_malformed_hold_up_nobody(site):
    one = site()
    descriptors = procfs.descriptors(one.server.pid)
    silent = [fastcgi.Connection(one.fastcgi_socket) for _ in range(300)]
    slow = [fastcgi.Connection(one.fastcgi_socket) for _ in range(300)]
    for number, connection in enumerate(slow):
        with contextlib.suppress(BrokenPipeError):  # The oldest have had to make room.
            connection.send(fastcgi.begin()[: number % 8] if number % 2 else b"\xff" * 50)
    assert refused(one.fastcgi_socket).status == 503
    assert scgi.exchange(one.scgi_socket, b"malformed") == b""
    assert one.server.get("/hello").status == 200 and one.server.status("needy")
    assert procfs.descriptors(one.server.pid) <= descriptors + 100
    for connection in silent + slow:
        assert connection.at_end() == [], "none is kept for long"
        connection.close()
    until(lambda: procfs.descriptors(one.server.pid) <= descriptors, "and nothing is left of them", 20)


def test_a_flood_of_requests_on_one_connection_is_read_away(site):
    one = site()
    with fastcgi.Connection(one.fastcgi_socket) as connection:
        try:
            for _ in range(200):
                connection.send(fastcgi.request("/hello", keep=True) * 1_000)
        except OSError:
            pass
        assert one.server.get("/hello").status == 200
    assert refused(one.fastcgi_socket).status == 503


@pytest.mark.skipif(not paths.IS_ROOT, reason="needs root to become another user")
def test_who_may_not_talk_to_the_workers_is_not_answered_either(site):
    one = site(socket={"mode": "0666", "allow-users": [paths.FRONT_USER]})
    with fastcgi.Connection(one.fastcgi_socket) as connection:
        # It may be closed already when this is sent.
        with contextlib.suppress(BrokenPipeError):
            connection.send(fastcgi.request("/hello"))
        assert connection.at_end() == []


@pytest.mark.parametrize("scheme, directive", [
    ("http", "proxy_pass http://unix:{}:;"), ("uwsgi", "uwsgi_pass unix:{};"), ("fastcgi", "fastcgi_pass unix:{};")])
def test_a_program_that_cannot_start_is_answered_for_in_its_own_protocol(site, folder, scheme, directive):
    path = f"{folder}/program.sock"
    bad = {"listen": [f"{scheme}:{path}"], "socket": shared_socket(), "command": ["/bin/sh", "-c", "exit 3"]}
    site(web=bad, has_file=True)
    folder.chmod(0o777)
    front = nginx_over(folder, {"/": directive.format(path)})
    try:
        for method in ("GET", "HEAD", "POST"):
            answer = ask(front.ports["all"], "/hello", method, b"x" * 1_000_000 if method == "POST" else None)
            assert answer.status == 503 and "Retry-After" in answer.headers
    finally:
        front.stop()


def test_a_command_that_cannot_be_accepted_for_want_of_descriptors_costs_no_time(folder, echo):
    pools = {"web": {"listen": [f"fastcgi:{folder}/web.sock"], "modules": [{"mount": "/", "path": str(echo)}]},
             "needy": {"listen": [f"fastcgi:{folder}/needy.sock"], "modules": [{"mount": "/", "path": "/no.so"}]}}
    server = serve_configuration(folder, {"pools": pools}, nofile=40)
    with contextlib.ExitStack() as stack:
        def connected(path):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.settimeout(20)
            client.connect(str(path))
            return client

        for _ in range(60):
            connected(f"{folder}/needy.sock")
        until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) == 40, "no descriptor is left", 5)
        used = procfs.cpu_seconds(server.pid)
        command = connected(server.control_socket)
        let_pass(1)
        assert procfs.cpu_seconds(server.pid) - used < 0.3
        command.close()
    assert [pool["name"] for pool in server.status()["pools"]] == ["needy", "web"]
    assert server.stop() == 0
