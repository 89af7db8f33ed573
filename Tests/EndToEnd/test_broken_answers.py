"""An answer that breaks off must not be taken for a whole one by any front server (row D3)."""

import os
import pathlib
import re
import shutil
import socket
import tempfile
from signal import SIGKILL

import pytest

from harness import broken_answers, documents, fastcgi, modules, scgi, uwsgi
from harness.broken_answers import WAYS, Probe
from harness.client import connect, free_ports
from harness.gatehouse import serve_configuration
from harness.nginx import nginx_caching
from harness.waiting import until

# A row of SUPPORTED.md's table.
ROW = re.compile(r"^\| ([a-z0-9 -]+) \| (not announced|announced) \|(.*)\|$")


@pytest.fixture(scope="module")
def probe():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gh-broken-"))
    folder.chmod(0o755)
    made = Probe(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def documented():
    """The table of SUPPORTED.md: by way to end, what becomes of each variant's answer."""
    lines = documents.text("SUPPORTED.md").splitlines()
    head = next(line for line in lines if line.startswith("| front server | length |"))
    ways = [cell.strip() for cell in head.strip("|").split("|")[2:]]
    assert ways == list(WAYS)
    table = {way: {} for way in ways}
    for row in filter(None, map(ROW.match, lines)):
        for way, cell in zip(ways, row[3].split("|")):
            if cell.strip():
                table[way][row[1], row[2] == "announced"] = cell.strip()
    return table


@pytest.mark.parametrize("way", WAYS)
def test_what_becomes_of_it_is_what_the_document_says(probe, documented, way):
    # A front server that has not passed anything on yet says so by a status instead of cutting its client's connection.
    found = {case: "cut" if outcome == "error" else outcome for case, outcome in probe.outcomes(way).items()}
    for case, outcome in documented[way].items():
        if outcome == "by chance" and found[case] in ("cut", "COMPLETE"):
            found[case] = outcome
    assert found == documented[way]


def test_no_answer_behind_nginx_looks_whole(documented):
    """The document promises it."""
    for way, outcomes in documented.items():
        assert not [case for case, outcome in outcomes.items()
                    if case[0].startswith(("nginx", "haproxy")) and outcome in broken_answers.WRONG], way


def test_it_is_not_cached(probe, folder):
    """nginx's cache does not keep the part that came."""
    place = folder / "cache"
    place.mkdir()
    place.chmod(0o777)
    with probe.serving() as gatehouse:
        server = nginx_caching(place, gatehouse.fastcgi_socket)
        try:
            for _ in range(2):
                assert broken_answers.outcome(server.ports["caching"], "/throw") == "cut"
            assert broken_answers.outcome(server.ports["caching"], "/whole") == "COMPLETE"
            assert gatehouse.status("web")["requests"] == 3, "each came to the handler"
        finally:
            server.stop()


def test_a_record_of_version_0_ends_it(serving):
    with serving(modules.build("breaking")).connect() as connection:
        connection.send(fastcgi.request("/throw"))
        records = connection.at_end()
    assert [record.kind for record in records[:-1]] == [fastcgi.STDOUT]
    assert records[-1] == fastcgi.Record(0, 0, 0, b"")


# The protocols that know no other end of an answer than the connection's.
SINGLE = pytest.mark.parametrize("protocol", [scgi, uwsgi], ids=["scgi", "uwsgi"])


def _socket(server, protocol):
    return server.scgi_socket if protocol is scgi else server.uwsgi_socket


@SINGLE
def test_a_reset_ends_it_over_scgi_and_uwsgi(serving, protocol):
    server = serving(modules.build("breaking"))
    with protocol.connect(_socket(server, protocol)) as connection:
        connection.sendall(protocol.request("/throw"))
        received = b""
        with pytest.raises(ConnectionResetError):
            while more := connection.recv(65536):
                received += more
    assert received.endswith(b"\r\n\r\n0123456789")


@SINGLE
@pytest.mark.parametrize("path, signal", [("/throw", None), ("/crash", None), ("/wait", SIGKILL)],
                         ids=["a throw", "a crash", "SIGKILL"])
def test_a_reset_ends_it_over_scgi_and_uwsgi_on_a_port(folder, protocol, path, signal):
    (port,) = free_ports(1)
    server = serve_configuration(folder, {"pools": {"web": {
        "listen": [f"{'scgi' if protocol is scgi else 'uwsgi'}:127.0.0.1:{port}"],
        "modules": [{"mount": "/", "path": str(modules.build("breaking"))}]}}})
    with connect(port, protocol.request("/whole"), timeout=10) as connection:
        assert b"".join(iter(lambda: connection.recv(65536), b"")).endswith(b"\r\n\r\nwhole\n"), "no reset"
    with connect(port, protocol.request(path), timeout=10) as connection:
        assert connection.recv(65536)
        if signal:
            # The worker's only loop answers this after it has finished everything about its earlier answers.
            with connect(port, protocol.request("/whole"), timeout=10) as other:
                assert other.recv(65536)
            os.kill(server.worker, signal)
        with pytest.raises(ConnectionResetError):
            while connection.recv(65536):
                pass
    assert server.stop() == 0


@SINGLE
@pytest.mark.parametrize("body", [b"", b"x", b"x" * 100_000], ids=["none", "a byte", "100,000 bytes"])
def test_a_whole_answer_over_scgi_and_uwsgi_ends_without_a_reset(gatehouse, protocol, body):
    with protocol.connect(_socket(gatehouse, protocol)) as connection:
        connection.sendall(protocol.request("/echo", "POST", body))
        received = b""
        while more := connection.recv(65536):
            received += more
    assert received.partition(b"\r\n\r\n")[2] == body


@SINGLE
def test_a_whole_answer_ends_without_a_reset_for_who_has_ended_its_side(gatehouse, protocol):
    with protocol.connect(_socket(gatehouse, protocol)) as connection:
        connection.sendall(protocol.request("/sleep?ms=50"))
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65536):
            received += more
    assert received.endswith(b"\r\n\r\nslept\n")


@pytest.mark.parametrize("late", [fastcgi.record(fastcgi.DATA), fastcgi.record(fastcgi.STDIN)],
                         ids=["an empty DATA", "an empty STDIN again"])
def test_a_late_record_does_not_cost_the_answer(serving, echo, late):
    """Clients such as flup's send one more record after STDIN's end."""
    with serving(echo).connect() as connection:
        connection.send(fastcgi.request("/hello"))
        assert connection.response().status == 200
        assert connection.read_record() is None, "our side has ended"
        connection.send(late)  # A socket that is closed would raise BrokenPipeError.


def test_data_that_is_late_is_read_on(serving, echo):
    """A Filter whose handler answers before DATA has ended."""
    head = fastcgi.begin(role=fastcgi.FILTER) + fastcgi.params(fastcgi.variables("/ignore-body", "POST"))
    with serving(echo).connect() as connection:
        connection.send(head, fastcgi.record(fastcgi.STDIN))
        assert connection.response().status == 200
        assert connection.read_record() is None, "our side has ended"
        for content in (b"x" * 60_000, b"y" * 60_000, b""):
            connection.send(fastcgi.record(fastcgi.DATA, content))


def test_a_connection_whose_front_server_never_closes_is_closed_in_the_end(serving, echo):
    server = serving(echo)
    with server.connect() as connection:
        assert connection.request("/hello").status == 200
        assert connection.read_record() is None
        until(lambda: server.worker and not connections(server.worker), "it is closed", 15)


def connections(worker):
    """The connected Unix sockets of the worker that are bound to nothing but their listener's path."""
    found = 0
    inodes = {os.readlink(f"/proc/{worker}/fd/{name}") for name in os.listdir(f"/proc/{worker}/fd")
              if os.path.islink(f"/proc/{worker}/fd/{name}")}
    for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        # State 3 is connected; the accepted end has the listener's path.
        if f"socket:[{fields[6]}]" in inodes and fields[5] == "03" and fields[7:] and fields[7].endswith(".sock"):
            found += 1
    return found
