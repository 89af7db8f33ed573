"""Stopping, and a worker that dies."""

import signal

import pytest

from harness import fastcgi, procfs
from harness.client import ask
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
    import threading

    from harness.gatehouse import shared_socket
    from harness.nginx import nginx

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
