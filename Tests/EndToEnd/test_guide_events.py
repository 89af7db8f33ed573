"""EVENTS.md: its module streams through real nginx; streams end with their client, and at a reload."""

import time

import pytest

from harness import guide, procfs
from harness.client import ask, connect, get
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over
from harness.waiting import until


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("EVENTS.md", tmp_path_factory.mktemp("page"))


@pytest.fixture
def ticker(folder, module):
    """The page's module behind nginx as it comes, which buffers."""
    (folder / "state").mkdir(mode=0o700)
    pool = module_pool(folder, module, workers=1)
    server = serve_configuration(
        folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
    (folder / "nginx").mkdir()
    (folder / "nginx").chmod(0o777)
    front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
    yield front.ports["all"], server
    front.stop()
    assert server.stop() == 0, server.lines()[-20:]


class Stream:
    def __init__(self, port, extra=""):
        self.connection = connect(port, get("/ticks", extra), timeout=20)
        self.received = b""

    def wait(self, text):
        while text not in self.received:
            more = self.connection.recv(65536)
            assert more, self.received[-300:]
            self.received += more

    def rest(self):
        while more := self.connection.recv(65536):
            self.received += more
        return self.received


def test_events_come_one_by_one(ticker):
    port, _ = ticker
    stream = Stream(port)
    stream.wait(b"tick 1\n")
    assert b"tick 3\n" not in stream.received
    stream.wait(b"data: tick 3\n\n")
    assert b"Content-Type: text/event-stream" in stream.received
    stream.connection.close()
    # The browser that comes again goes on behind the last event that it has seen.
    again = Stream(port, "Last-Event-ID: 41\r\n")
    again.wait(b"id: 42\ndata: tick 42\n\n")
    again.connection.close()
    assert b"EventSource" in ask(port, "/").body


@pytest.mark.parametrize("forged", ["9223372036854775807", "-9223372036854775808", "x", "%0a", "1" * 300])
def test_a_forged_id_ends_nothing(ticker, forged):
    """Row L8: the id is a stranger's text."""
    port, server = ticker
    worker = server.worker
    stream = Stream(port, f"Last-Event-ID: {forged}\r\n")
    stream.wait(b"event: tick\nid: ")
    stream.connection.close()
    assert ask(port, "/").status == 200 and server.worker == worker


def test_a_client_that_leaves_ends_its_stream(ticker):
    port, server = ticker
    worker = server.worker
    before = procfs.descriptors(worker)
    streams = [Stream(port) for _ in range(20)]
    for stream in streams:
        stream.wait(b"tick 1\n")
    assert procfs.descriptors(worker) >= before + 20
    for stream in streams:
        stream.connection.close()
    until(lambda: procfs.descriptors(worker) <= before + 1, "the streams end", 10)


def test_a_reload_does_not_wait_for_streams(ticker):
    port, server = ticker
    worker = server.worker
    stream = Stream(port)
    stream.wait(b"tick 1\n")
    # Another configuration, so that the pool gets new workers; the old one might take a minute to drain.
    server.configuration["pools"]["web"]["limits"] = {"drain": "60s", "concurrent-requests": 80}
    server.rewrite()
    began = time.monotonic()
    assert "reloaded" in repr(server.command("reload"))
    # A whole answer: the last piece of its chunked coding is there.
    assert stream.rest().endswith(b"0\r\n\r\n"), stream.received[-100:]
    until(lambda: not procfs.exists(worker), "the old worker has gone", 10)
    assert time.monotonic() - began < 15
    again = Stream(port)
    again.wait(b"tick 1\n")
    again.connection.close()
    assert not [line for line in server.lines() if " warning " in line or " error " in line]
