"""uwsgi: clients and servers that are not ours, and packets that no front server may send."""

import socket
import subprocess

import pytest

from harness import fastcgi, paths, programs, uwsgi
from harness.client import ask, connect, free_ports
from harness.front_servers import FrontServer, numbered
from harness.nginx import nginx_over
from harness.program import Program
from harness.waiting import until

# Packets, and the beginning of their answer; nothing means that the connection is closed.
PACKETS = {
    "no variables": (uwsgi.packet(b""), b"HTTP/1.1 400 "),
    "an empty name": (uwsgi.packet(uwsgi.variables() + uwsgi.pair("", "x")), b"HTTP/1.1 400 "),
    "a name past the end": (uwsgi.packet(uwsgi.variables() + b"\xff\xffA"), b"HTTP/1.1 400 "),
    "a value past the end": (uwsgi.packet(uwsgi.variables() + b"\1\0A\xff\xffB"), b"HTTP/1.1 400 "),
    "half a length": (uwsgi.packet(uwsgi.variables() + b"\1\0A\1"), b"HTTP/1.1 400 "),
    "a size that ends within a name": (uwsgi.packet(uwsgi.variables(), size=20), b"HTTP/1.1 400 "),
    "a length that is no number": (uwsgi.request("/count", "POST", b"hello", length="+5"), b"HTTP/1.1 400 "),
    "two lengths": (uwsgi.packet(uwsgi.variables(CONTENT_LENGTH="1") + uwsgi.pair("CONTENT_LENGTH", "2"), b"ab"),
                    b"HTTP/1.1 400 "),
    "chunks without a length": (uwsgi.packet(uwsgi.variables(HTTP_TRANSFER_ENCODING="chunked")), b"HTTP/1.1 411 "),
    "a body without a length": (uwsgi.packet(uwsgi.variables(HTTP_CONTENT_LENGTH="5"), b"hello"), b"HTTP/1.1 411 "),
    "many variables": (uwsgi.packet(uwsgi.variables() + 1_000 * uwsgi.pair("A", "")), b"HTTP/1.1 431 "),
    "a long name": (uwsgi.packet(uwsgi.variables() + uwsgi.pair("A" * 1_025, "")), b"HTTP/1.1 431 "),
    "a long target": (uwsgi.request("/" + "a" * 32_768), b"HTTP/1.1 414 "),
    "Ruby": (uwsgi.packet(uwsgi.variables(), modifier1=7), b"HTTP/1.1 501 "),
    "a ping": (uwsgi.packet(b"", modifier1=100), b""),
    "a spooler's packet": (uwsgi.packet(uwsgi.pair("a", "b"), modifier1=17), b""),
    "code to be run": (uwsgi.packet(b"import os", modifier1=22), b""),
    "FastCGI": (fastcgi.request("/hello"), b""),
    "HTTP": (b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
}


@pytest.mark.parametrize("name", PACKETS)
def test_a_malformed_packet_is_answered_or_ends_its_connection(gatehouse, name):
    """None reaches a handler, and none is left waiting (row C5)."""
    sent, beginning = PACKETS[name]
    answer = uwsgi.exchange(gatehouse.uwsgi_socket, sent, timeout=10)
    assert answer.startswith(beginning) and bool(answer) == bool(beginning)
    assert uwsgi.exchange(gatehouse.uwsgi_socket, uwsgi.request()).endswith(b"\r\n\r\nHello from Gatehouse\n")


@pytest.mark.parametrize("sent, said", [
    (b"GET / HTTP/1.1\r\n\r\n", "bad-modifier: 71: does the client speak HTTP?"),
    (fastcgi.begin(), "bad-modifier: 1: does the front server speak FastCGI?"),
    (b"70:CONTENT_LENGTH", "bad-modifier: 55: does the front server speak SCGI?"),
    (uwsgi.packet(b"", modifier1=100), "bad-modifier: 100, which begins no request (nginx: remove uwsgi_modifier1)"),
    (uwsgi.packet(b""), "no REQUEST_METHOD: the front server sends no parameters"),
    (uwsgi.packet(b"", modifier1=14), "modifier1 14, which asks uWSGI for PHP; the only one served is 0"),
], ids=["HTTP", "FastCGI", "SCGI", "ping", "empty", "PHP"])
def test_the_log_says_what_came_instead(gatehouse, sent, said):
    known = len(gatehouse.lines())
    uwsgi.exchange(gatehouse.uwsgi_socket, sent)
    until(lambda: any(said in line for line in gatehouse.lines()[known:]), "it is logged", 5)


@pytest.mark.parametrize("place", ["stdin", "systemd:web", "127.0.0.1:{port}"])
def test_every_kind_of_address_is_served_by_uwsgi(folder, echo, place):
    """A socket that was passed as descriptor 0, one that systemd has passed, and a port."""
    path, (port,) = folder / "passed.sock", free_ports(1)
    serve = [paths.GATEHOUSE, "serve", "--module", echo, "--listen", f"uwsgi:{place.format(port=port)}"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        if place == "systemd:web":
            # The number of the process that is to have the socket, as descriptor 3, is known only to itself.
            script = 'exec 3<&$0; LISTEN_FDS=1 LISTEN_FDNAMES=web LISTEN_PID=$$ exec "$@"'
            server = Program(["bash", "-c", script, listener.fileno(), *serve], pass_fds=[listener.fileno()])
        else:
            server = Program(serve, stdin=listener if place == "stdin" else subprocess.DEVNULL)
    try:
        server.wait_for_line("gatehouse: ready")
        if "port" in place:
            with connect(port, uwsgi.request(), timeout=10) as connection:
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
        else:
            answer = uwsgi.exchange(path, uwsgi.request())
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\nHello from Gatehouse\n")
    finally:
        server.stop()


def test_bytes_after_the_body_are_no_second_request(gatehouse):
    answer = uwsgi.exchange(gatehouse.uwsgi_socket, uwsgi.request() + uwsgi.request())
    assert answer.count(b"HTTP/1.1") <= 1


def test_variables_of_uwsgi_itself_choose_nothing(gatehouse):
    """uWSGI would load a file, or another application, by these (row C4)."""
    more = {"UWSGI_FILE": "/etc/passwd", "UWSGI_SCRIPT": "os", "UWSGI_MODULE": "os", "UWSGI_CALLABLE": "abort",
            "UWSGI_APPID": "x", "UWSGI_SETENV": "A=b"}
    answer = uwsgi.exchange(gatehouse.uwsgi_socket, uwsgi.request(**more))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\nHello from Gatehouse\n")


@pytest.mark.parametrize("directives, status", [
    ("uwsgi_pass unix:{uwsgi};", 200),
    ("uwsgi_pass unix:{uwsgi}; uwsgi_modifier2 9;", 200),
    ("uwsgi_pass unix:{uwsgi}; uwsgi_modifier1 7;", 501),
    ("uwsgi_pass unix:{uwsgi}; uwsgi_modifier1 100;", 502),
    ("fastcgi_pass unix:{uwsgi};", 502),
    ("uwsgi_pass unix:{fastcgi};", 502),
    ("uwsgi_pass unix:{scgi};", 502),
])
def test_nginx_has_an_answer_whatever_it_was_told(gatehouse, folder, directives, status):
    if paths.IS_ROOT:
        folder.chmod(0o777)
    passing = directives.format(uwsgi=gatehouse.uwsgi_socket, fastcgi=gatehouse.fastcgi_socket,
                                scgi=gatehouse.scgi_socket)
    front = nginx_over(folder, {"/": passing})
    try:
        assert ask(front.ports["all"], "/hello", timeout=10).status == status
    finally:
        front.stop()


def test_uwsgi_curl_is_answered(gatehouse):
    """The client of uwsgi-tools, from PyPI. Its exit status is 0 for a status of 200 to 299."""
    def curl(*arguments):
        return subprocess.run([programs.python_with_uwsgi_tools() / "uwsgi_curl", gatehouse.uwsgi_socket, *arguments],
                              capture_output=True, text=True, timeout=60)

    result = curl("localhost/variables?x=%20y", "-H", "Accept: text/plain")
    assert result.returncode == 0, result.stderr
    head, _, body = result.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK\n")
    assert {"QUERY_STRING=x=%20y", "HTTP_ACCEPT=text/plain"} <= set(body.splitlines())
    assert curl("localhost/status?code=404").returncode == 1
    # It sends a body without a length, which uWSGI does not read either.
    assert curl("-X", "POST", "-d", "hello", "localhost/count").stdout.strip() == ""


@pytest.mark.skipif(not programs.UWSGI, reason="needs Debian's uwsgi-core")
@pytest.mark.parametrize("body", [b"", b"hello", b"x" * 300_000], ids=["none", "small", "large"])
def test_uwsgi_passes_requests_on(gatehouse, folder, body):
    """uWSGI itself as the front server, by its internal routing."""
    ports = numbered(["uwsgi"])
    front = FrontServer(folder, [
        programs.UWSGI, "--master", "--die-on-term", "--plugin", "router_uwsgi", "--http-socket",
        f"127.0.0.1:{ports['uwsgi']}", "--route-run", f"uwsgi:{gatehouse.uwsgi_socket},0,0"], ports)
    try:
        assert ask(ports["uwsgi"], "/hello").body == b"Hello from Gatehouse\n"
        assert ask(ports["uwsgi"], "/echo", "POST", body).body == body
    finally:
        front.stop()


@pytest.mark.skipif(not programs.UWSGI, reason="needs Debian's uwsgi-core")
@pytest.mark.parametrize("modifier, beginning", [("0", b"HTTP/1.1 200 "), ("7", b"HTTP/1.1 501 "), ("100", b"")])
def test_uwsgis_router_passes_its_modifier_on(gatehouse, folder, modifier, beginning):
    ports = numbered(["uwsgi"])
    front = FrontServer(folder, [
        programs.UWSGI, "--master", "--die-on-term", "--plugin", "http", "--http", f"127.0.0.1:{ports['uwsgi']}",
        "--http-to", gatehouse.uwsgi_socket, "--http-modifier1", modifier], ports)
    try:
        answer = raw(ports["uwsgi"])
        assert answer.startswith(beginning) and bool(answer) == bool(beginning)
    finally:
        front.stop()


def raw(port):
    """The bytes of the answer to a request for a page."""
    with connect(port, b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", timeout=10) as connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))
