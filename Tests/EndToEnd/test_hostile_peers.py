"""Bytes that no well-behaved front server sends, straight to the sockets. Rows are those of Tests/HOSTILE_INPUT.md."""

import socket
import struct
import threading

import pytest

from harness import fastcgi, procfs, scgi, uwsgi
from harness.fastcgi import ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, begin, head, params, record, request, stream
from harness.waiting import until


@pytest.fixture(autouse=True)
def worker_survives(gatehouse):
    worker = gatehouse.worker
    yield
    assert gatehouse.worker == worker
    assert gatehouse.get("/hello").status == 200


@pytest.mark.parametrize("bytes_sent", [
    record(9, b"", version=2),
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    bytes(64),
    b"\xff" * 4096,
    record(1, b"\0\1\0"),
    record(PARAMS, b"", id=0),
    begin() + record(fastcgi.STDOUT, b"x"),
    begin() + begin(),
    begin() + params({"REQUEST_METHOD": "GET"})[:-8] + record(PARAMS, b"\x7f"),
], ids=["version-2", "http", "zeros", "ones", "short-begin", "id-0", "stdout-from-client", "id-twice", "half-a-pair"])
def test_what_breaks_the_protocol_has_an_end(gatehouse, bytes_sent):
    """The worker sends no more than it has to, and keeps nothing (row A10)."""
    with gatehouse.connect() as connection:
        connection.send(bytes_sent)
        connection.socket.shutdown(1)
        for got in connection.at_end():
            assert got.kind in (fastcgi.STDOUT, END_REQUEST, fastcgi.UNKNOWN_TYPE, fastcgi.GET_VALUES_RESULT)


@pytest.mark.parametrize("name_length", [0, 1, 127, 128, 255, 65535, 1 << 24, (1 << 31) - 2, (1 << 31) - 1])
@pytest.mark.parametrize("value_length", [0, 127, 65535, 1 << 24, (1 << 31) - 1])
def test_announced_lengths_cost_nothing(gatehouse, name_length, value_length):
    """No memory is taken for a length before its bytes have come (row A1)."""
    worker = gatehouse.worker
    before = procfs.memory(worker)
    announced = struct.pack(">II", name_length | 1 << 31, value_length | 1 << 31)
    with gatehouse.connect() as connection:
        connection.send(begin() + record(PARAMS, announced + b"abc") + record(PARAMS))
        connection.socket.shutdown(1)
        for got in connection.at_end():
            assert got.kind in (fastcgi.STDOUT, END_REQUEST)
    assert procfs.memory(worker) - before < 1 << 20


def test_a_full_record_with_padding_is_followed_by_the_next(gatehouse):
    """65,535 bytes and 255 of padding do not wrap around (row A3)."""
    body = bytes(65535)
    with gatehouse.connect() as connection:
        connection.send(head("/count", "POST", CONTENT_LENGTH=str(2 * len(body))),
                        record(STDIN, body, padding=255), record(STDIN, body, padding=255), record(STDIN))
        assert connection.response().body == b"131070\n"


def test_management_records_are_answered_at_any_time(gatehouse):
    """GET_VALUES and unknown types have their answers even between the records of a request (rows B2, A10)."""
    with gatehouse.connect() as connection:
        connection.send(begin(keep=True))
        connection.send(record(fastcgi.GET_VALUES, fastcgi.pair("FCGI_MPXS_CONNS", "") + fastcgi.pair("X", ""), id=0))
        got = connection.read_record()
        assert (got.kind, got.id) == (fastcgi.GET_VALUES_RESULT, 0)
        assert got.content == fastcgi.pair("FCGI_MPXS_CONNS", "1")
        connection.send(record(77, b"what", id=0))
        got = connection.read_record()
        assert (got.kind, got.content[0]) == (fastcgi.UNKNOWN_TYPE, 77)
        connection.send(params(fastcgi.variables()), record(STDIN))
        assert connection.response().status == 200


def test_more_parameters_than_allowed_are_answered_and_others_served(gatehouse):
    """An operator finds 431 in nginx's access log, and not a 502 without a reason (row B1)."""
    long_ones = {f"HTTP_X_{number}": "v" * 60_000 for number in range(5)}
    with gatehouse.connect() as connection:
        connection.send(begin(keep=True), params({**fastcgi.variables(), **long_ones}), record(STDIN))
        assert connection.response().status == 431
    assert scgi.exchange(gatehouse.scgi_socket, scgi.request(**long_ones)).startswith(b"Status: 431")


def test_a_broken_protocol_is_logged_in_one_line(gatehouse):
    """Even within a request: we close then, so nothing is said of a front server that left."""
    said = len(gatehouse.lines())
    with gatehouse.connect() as connection:
        connection.send(begin(), b"\x09" + bytes(7))
        connection.at_end()
    assert gatehouse.get("/hello").status == 200
    until(lambda: any("broke the protocol" in line for line in gatehouse.lines()[said:]), "it is logged", 5)
    assert not [line for line in gatehouse.lines()[said:] if "ended its connection" in line]


def test_parameters_that_do_not_end_have_a_budget_for_each_connection(gatehouse):
    """A hundred requests on each of twelve connections send parameters without an end (rows B1, B2)."""
    worker = gatehouse.worker
    before = procfs.memory(worker)
    said = len(gatehouse.lines())
    value = b"v" * 60_000
    unfinished = b"".join(fastcgi.pair(b"HTTP_" + name, value) for name in (b"A", b"B", b"C", b"D"))
    held = []
    try:
        for _ in range(12):
            connection = gatehouse.connect()
            held.append(connection)
            for id in range(1, 101):
                connection.send(begin(id, keep=True), stream(PARAMS, unfinished, id))
            # The budget has room for four such requests. Each of the others is answered.
            answers = connection.responses(range(5, 101))
            assert {(answer.status, answer.protocol_status) for answer in answers.values()} == {
                (503, fastcgi.OVERLOADED)}
        assert procfs.memory(worker) - before < 12 * 4 << 20
        assert gatehouse.get("/hello").status == 200
    finally:
        for connection in held:
            connection.close()
    assert any("parameters that have not ended of more than 1048576 bytes" in line for line in gatehouse.lines()[said:])


def test_parameters_that_do_not_end_have_a_budget_for_the_worker(serving, echo):
    """Each connection is below its own budget. Those that hold most are closed, and the log says why (row B1)."""
    server = serving(echo, limits={"heads-per-worker": "2MiB", "heads-per-connection": "1MiB"})
    piece = stream(PARAMS, bytes(250_000))
    with server.connect() as bystander:
        bystander.send(begin(keep=True), record(PARAMS, params(fastcgi.variables())[8:20]))
        held = [server.connect() for _ in range(9)]
        for connection in held:
            connection.send(begin(), piece)
        server.wait_for_line("connections closed, those with most of the parameters that have not ended")
        server.wait_for_line("heads-per-worker")
        # Those that were begun before are as they were.
        bystander.send(record(PARAMS, params(fastcgi.variables())[20:-8]), record(PARAMS), record(STDIN))
        assert bystander.response().status == 200
        for connection in held:
            connection.close()


def test_beginning_every_id_costs_no_more_than_the_limit(gatehouse):
    """65,535 requests are begun and never described (row B2)."""
    worker = gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    with gatehouse.connect() as connection:
        refused = []
        reader = threading.Thread(
            target=lambda: refused.extend(got.id for got in connection.at_end() if got.kind == END_REQUEST))
        reader.start()
        try:
            for first in range(1, 65536, 256):
                connection.send(*(begin(id, keep=True) for id in range(first, min(first + 256, 65536))))
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The worker may have closed the connection.
        reader.join(20)
        assert not reader.is_alive()
    assert len(refused) == len(set(refused))
    assert procfs.memory(worker, "VmHWM") - before < 16 << 20


def test_an_unknown_role_is_refused(gatehouse):
    with gatehouse.connect() as connection:
        connection.send(begin(role=9, keep=True), params(fastcgi.variables()), record(STDIN))
        assert connection.response().protocol_status == fastcgi.UNKNOWN_ROLE


ABORTED_AFTER = {
    "begin": begin(keep=True),
    "half-of-params": begin(keep=True) + record(PARAMS, fastcgi.pair("REQUEST_METHOD", "GET") + b"\x0b"),
    "params": head("/count", "POST", keep=True),
    "half-of-stdin": head("/count", "POST", keep=True, CONTENT_LENGTH="1000") + record(STDIN, b"x" * 400),
    "stdin": request("/sleep?ms=30000", keep=True),
}


@pytest.mark.parametrize("state", ABORTED_AFTER)
def test_an_abort_ends_the_request_and_nothing_else(gatehouse, state):
    """The request ends with exactly one END_REQUEST, and the connection serves the next one (row B4)."""
    with gatehouse.connect() as connection:
        connection.send(ABORTED_AFTER[state], record(ABORT_REQUEST))
        connection.response()
        connection.send(record(ABORT_REQUEST))  # The request has ended already.
        assert connection.request("/hello", keep=True).body == b"Hello from Gatehouse\n"


def test_an_abort_while_the_response_streams(gatehouse):
    with gatehouse.connect() as connection:
        connection.send(request("/stream?mib=1024", keep=True))
        connection.until_head()
        connection.send(record(ABORT_REQUEST))
        while connection.read_record().kind != END_REQUEST:
            pass
        assert connection.request("/hello", keep=True).status == 200
    until(lambda: gatehouse.counters()["live"] == 0, "the handler is gone", 5)


@pytest.mark.parametrize("keep", [True, False])
def test_an_early_response_drains_the_rest(gatehouse, keep):
    """A peer that is still sending its body gets the whole response, and no reset."""
    body = bytes(5 << 20)
    with gatehouse.connect() as connection:
        connection.send(head("/ignore-body", "POST", keep=keep, CONTENT_LENGTH=str(len(body))))
        connection.send(stream(STDIN, body[:100_000]))
        response = connection.until_head()
        assert response.status == 200
        if keep:
            connection.send(stream(STDIN, body[100_000:]), record(STDIN))
            connection.finish(response)
            assert connection.request("/hello", keep=True).status == 200
        else:
            connection.finish(response)


@pytest.mark.parametrize("length", ["-2", "+5", "5,5", "0x5", "99999999999999999999"])
def test_a_content_length_that_is_none_is_400(gatehouse, length):
    """A CONTENT_LENGTH that is not a number is refused before the handler is called (row B3)."""
    with gatehouse.connect() as connection:
        connection.send(request("/count", method="POST", body=b"hello", CONTENT_LENGTH=length))
        assert connection.response().status == 400


def test_a_content_length_of_minus_one_is_not_known(gatehouse):
    """Caddy means it so. FastCGI's stream has an end of its own; SCGI's body has none, and it is refused (row B3)."""
    with gatehouse.connect() as connection:
        connection.send(request("/count", method="POST", body=b"hello", CONTENT_LENGTH="-1"))
        response = connection.response()
        assert (response.status, response.body) == (200, b"5\n")
    assert scgi.exchange(gatehouse.scgi_socket, scgi.request("/count", "POST", b"hello", length=-1)) == b""
    answer = uwsgi.exchange(gatehouse.uwsgi_socket, uwsgi.request("/count", "POST", b"hello", length=-1))
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("lengths, status", [
    (["5", ""], 200), (["7", ""], 200), (["5", "", "5"], 200), (["5", "5"], 200), (["5", "", "6"], 400)])
def test_of_several_content_lengths_the_last_counts(gatehouse, lengths, status):
    """An empty one takes the one before it back, and then only the stream's end counts (rows B3, C2)."""
    pairs = [*fastcgi.variables("/count", "POST").items(), *(("CONTENT_LENGTH", length) for length in lengths)]
    with gatehouse.connect() as connection:
        connection.send(begin(), params(pairs), record(STDIN, b"hello"), record(STDIN))
        assert connection.response().status == status


def test_two_different_content_lengths_are_400(gatehouse):
    """A front server and a handler that each believe another one could be made to disagree (rows B3, C2)."""
    pairs = [*fastcgi.variables("/count", "POST").items(), ("CONTENT_LENGTH", "5"), ("CONTENT_LENGTH", "6")]
    with gatehouse.connect() as connection:
        connection.send(begin(), params(pairs), record(STDIN, b"hello"), record(STDIN))
        assert connection.response().status == 400


def test_a_short_body_does_not_pass_for_a_whole_one(gatehouse):
    """Over FastCGI the end of the stream shows it; over SCGI the length is the body's only end (rows B3, A11)."""
    with gatehouse.connect() as connection:
        connection.send(request("/count", method="POST", body=b"hello", CONTENT_LENGTH="10", keep=True))
        assert connection.response().status != 200
    answer = scgi.exchange(gatehouse.scgi_socket, scgi.request("/count", "POST", b"hello", length=5))
    assert answer.endswith(b"\r\n\r\n5\n")


@pytest.mark.parametrize("sent", [
    b"99999999999:", b"007:abc,", b"-1:,", b"abc", b"4:a\0b\0;", b"3:a\0b,", scgi.netstring(b"SCGI\x001\0"),
    scgi.netstring(b"CONTENT_LENGTH\x000\0SCGI\x001\0SCGI\x001\0"), scgi.netstring(b"CONTENT_LENGTH\x000\0\0x\0"),
], ids=["huge", "leading-zero", "negative", "letters", "no-comma", "odd", "no-length", "twice", "empty-name"])
def test_malformed_scgi_reaches_no_handler(gatehouse, sent):
    """A netstring or a head that breaks SCGI's rules is refused (row A11)."""
    answer = scgi.exchange(gatehouse.scgi_socket, sent)
    assert not answer or answer.startswith((b"Status: 400", b"Status: 431", b"Status: 413"))


def test_a_proxy_parameter_is_no_header(gatehouse):
    """HTTP_PROXY, and names with other characters than A to Z, digits and `_`, are no headers (rows C1, C2)."""
    answer = gatehouse.get("/headers", HTTP_PROXY="evil:80", **{"HTTP_X-DASH": "1", "HTTP_x.dot": "2"})
    names = {line.partition(":")[0] for line in answer.body.decode().splitlines()}
    assert "proxy" not in names
    assert not {name for name in names if "dot" in name or "dash" in name}
