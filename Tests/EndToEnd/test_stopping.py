"""Stopping, and a worker that dies."""

import signal
import socket
import threading

import pytest

from harness import fastcgi, modules, paths, procfs, programs
from harness.client import ask, can_connect, connect, free_ports, read_to_end
from harness.gatehouse import Gatehouse, serve_configuration, shared_socket
from harness.nginx import nginx
from harness.program import Program
from harness.waiting import until


def test_sigterm_finishes_what_is_in_flight_and_exits_0(serving, echo):
    server = serving(echo)
    with server.connect() as connection, server.connect() as stream:
        connection.send(fastcgi.request("/sleep?ms=1000"))
        stream.send(fastcgi.request("/events?n=5&ms=200"))
        stream.until_head()
        until(lambda: server.counters()["live"] == 2, "both handlers run", 5)
        server.send_signal(signal.SIGTERM)
        response = connection.response()
        assert (response.status, response.body) == (200, b"slept\n")
        rest = b""
        while (got := stream.read_record()).kind != fastcgi.END_REQUEST:
            rest += got.content
        assert b"data: 4\n\n" in rest
    assert server.wait(10) == 0
    with pytest.raises(OSError):
        server.connect()


def test_a_draining_worker_answers_the_next_request_on_a_kept_connection(serving, echo):
    """A kept-alive connection that just closed would cost its front server the POST that is on its way."""
    server = serving(echo)
    with server.connect() as kept, server.connect() as busy:
        assert kept.request("/hello", keep=True).status == 200
        busy.send(fastcgi.request("/sleep?ms=1500"))
        until(lambda: server.counters()["live"] == 1, "the handler runs", 5)
        worker = server.worker
        before = procfs.descriptors(worker)
        server.send_signal(signal.SIGTERM)
        until(lambda: procfs.descriptors(worker) < before, "the worker listens no more", 5)
        response = kept.request("/echo", method="POST", body=b"still here", keep=True)
        assert response.body == b"still here"
        assert busy.response().status == 200
    assert server.wait(10) == 0


@pytest.mark.parametrize("loops", [1, 2])
def test_a_port_stops_listening_at_once(folder, echo, loops):
    """A client that comes while the last request is being answered is refused, and can try another server."""
    (port,) = free_ports(1)
    server = Gatehouse(
        folder, ["--module", echo, "--listen", f"fastcgi:127.0.0.1:{port}", "--event-loops", str(loops)])
    busy = connect(port, fastcgi.request("/sleep?ms=3000"))
    until(lambda: b"live=1" in read_to_end(connect(port, fastcgi.request("/counters"))), "the handler runs", 5)
    server.send_signal(signal.SIGTERM)
    until(lambda: not can_connect(port), "new connections are refused", 2)
    assert server.running
    assert b"slept" in read_to_end(busy)
    assert server.wait(10) == 0


def test_a_port_stops_listening_though_a_loop_is_held(folder, echo):
    (port,) = free_ports(1)
    server = Gatehouse(folder, ["--module", echo, "--listen", f"fastcgi:127.0.0.1:{port}"])
    used = procfs.cpu_seconds(server.worker)
    held = connect(port, fastcgi.request("/spin?ms=3000"))
    until(lambda: procfs.cpu_seconds(server.worker) > used + 0.1, "the handler runs", 5)
    server.send_signal(signal.SIGTERM)
    until(lambda: not can_connect(port), "new connections are refused", 2)
    assert server.running
    assert b"spun" in read_to_end(held)
    assert server.wait(20) == 0
    assert not any("cannot accept" in line for line in server.lines())


def test_a_port_that_a_reload_has_opened_stops_listening_with_the_others(folder, echo):
    """The reload's new workers have not even loaded, and what serves before them has a request in flight."""
    ports = free_ports(2)
    pool = {"listen": [f"fastcgi:127.0.0.1:{ports[0]}"], "modules": [{"mount": "/", "path": str(echo)}]}
    server = serve_configuration(folder, {"pools": {"web": pool}})
    busy = connect(ports[0], fastcgi.request("/sleep?ms=3000"))
    until(lambda: b"live=1" in read_to_end(connect(ports[0], fastcgi.request("/counters"))), "the handler runs", 5)
    pool = server.configuration["pools"]["web"]
    pool["listen"].append(f"fastcgi:127.0.0.1:{ports[1]}")
    pool["modules"][0]["path"] = str(modules.build("init-hangs"))
    server.rewrite()
    server.send_signal(signal.SIGHUP)
    until(lambda: can_connect(ports[1]), "the reload has begun", 5)
    server.send_signal(signal.SIGTERM)
    for port in ports:
        until(lambda port=port: not can_connect(port), "new connections are refused", 2)
    assert server.running
    assert b"slept" in read_to_end(busy)
    assert server.wait(10) == 0


def test_a_programs_port_stops_listening_at_once(folder):
    (port,) = free_ports(1)
    pool = {"listen": [f"fastcgi:127.0.0.1:{port}"], "command": [programs.libfcgi_program()], "stop-signal": "USR1"}
    server = serve_configuration(folder, {"pools": {"c": pool}})
    busy = connect(port, fastcgi.request("/whoami?ms=3000"))
    (worker,) = server.serving("c")
    until(lambda: procfs.descriptors(worker) == 4, "it has accepted", 5)
    server.send_signal(signal.SIGTERM)
    until(lambda: not can_connect(port), "new connections are refused", 2)
    assert server.running
    assert read_to_end(busy)
    assert server.wait(10) == 0


def test_descriptor_0_is_listened_on_no_more_once_everybody_has_closed_it(folder, echo):
    """Its maker has passed it on, and keeps none."""
    path = folder / "spawned.sock"
    server = Program(["spawn-fcgi", "-n", "-s", path, "--", paths.GATEHOUSE, "serve", "--module", echo])
    server.wait_for_line("gatehouse: ready")
    with fastcgi.Connection(path) as busy:
        busy.send(fastcgi.request("/sleep?ms=3000"))
        with fastcgi.Connection(path) as other:
            until(lambda: b"live=1" in other.request("/counters", keep=True).body, "the handler runs", 5)
        server.send_signal(signal.SIGTERM)

        def is_refused():
            try:
                fastcgi.Connection(path, 1).close()
            except ConnectionRefusedError:
                return True

        until(is_refused, "new connections are refused", 2)
        assert busy.response().status == 200
    assert server.wait(10) == 0


def test_descriptor_0_goes_on_for_those_who_share_it(folder, echo):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "shared.sock"))
    listener.listen(100)
    first, second = (Program([paths.GATEHOUSE, "serve", "--module", echo], stdin=listener) for _ in range(2))
    try:
        for server in (first, second):
            server.wait_for_line("gatehouse: ready")
        listener.close()
        assert first.stop() == 0
        with fastcgi.Connection(folder / "shared.sock") as connection:
            assert connection.request("/hello").status == 200
    finally:
        assert second.stop() == 0


def test_who_waits_for_a_drained_pool_is_answered_when_everything_stops(folder, echo):
    """Another pool's last request takes its time; nobody waits for that who cannot be served."""
    pools = {name: {"listen": [f"fastcgi:{folder}/{name}.sock"], "modules": [{"mount": "/", "path": str(echo)}]}
             for name in ("web", "drained")}
    server = serve_configuration(folder, {"pools": pools}, fastcgi_socket=f"{folder}/web.sock")
    assert server.command("drain", pool="drained").done
    until(lambda: not server.status("drained")["workers"], "it is drained", 10)
    with server.connect() as busy, fastcgi.Connection(f"{folder}/drained.sock") as waiting:
        waiting.send(fastcgi.request("/hello"))
        busy.send(fastcgi.request("/sleep?ms=3000"))
        until(lambda: server.counters()["live"] == 1, "the handler runs", 5)
        server.send_signal(signal.SIGTERM)
        assert waiting.response().status == 503
        server.wait_for_line("drained: the supervisor is stopping: waiting clients are answered 503")
        assert server.running
        assert busy.response().status == 200
    assert server.wait(10) == 0


def test_sigint_leaves_at_once(serving, echo):
    server = serving(echo)
    with server.connect() as connection:
        connection.send(fastcgi.request("/sleep?ms=30000"))
        until(lambda: server.counters()["live"] == 1, "the handler runs", 5)
        server.send_signal(signal.SIGINT)
        assert server.wait(5) in (0, 130, -signal.SIGINT)


def test_requests_that_outlast_the_drain_are_cancelled(serving, echo):
    server = serving(echo, limits={"drain": "300ms"})
    with server.connect() as connection:
        connection.send(fastcgi.request("/sleep?ms=30000"))
        until(lambda: server.counters()["live"] == 1, "the handler runs", 5)
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def test_a_worker_that_crashes_is_reported_and_replaced(serving, echo):
    server = serving(echo)
    before = server.worker
    with server.connect() as connection:
        connection.send(fastcgi.request("/crash"))
        connection.at_end()
    server.wait_for_line("while it served")
    said = "\n".join(server.lines())
    assert "as you asked" in said, "the reason that the handler gave"
    assert f"(pid {before})" in said
    assert server.get("/hello").status == 200, "the next worker serves"
    assert server.running and server.worker != before
    assert server.stop() == 0


def test_a_supervisor_that_is_killed_takes_its_worker_along(serving, echo):
    server = serving(echo)
    worker = server.worker
    server.send_signal(signal.SIGKILL)
    server.wait(5)
    until(lambda: not procfs.exists(worker), "the worker has ended", 5)


def test_under_load_sigterm_loses_no_request(serving, echo, folder):
    """Through nginx with kept-alive connections: each request that was sent is answered."""
    server = serving(echo, socket=shared_socket())
    place = folder / "nginx"
    place.mkdir()
    place.chmod(0o777)
    front = nginx(place, server)
    port, answers = front.ports["nginx fastcgi keep-alive"], []

    def load():
        while server.running:
            before = server.running
            answer = ask(port, "/sleep?ms=20")
            answers.append((before, answer.status))
            if answer.status != 200:
                return

    threads = [threading.Thread(target=load) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        until(lambda: len(answers) > 50, "the load runs", 10)
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        for thread in threads:
            thread.join(20)
    finally:
        front.stop()
    # After the end nobody listens, so each client's last answer may be nginx's own 502: never an answer cut short.
    assert {status for _, status in answers} <= {200, 502}
    assert [status for _, status in answers].count(502) <= len(threads)
