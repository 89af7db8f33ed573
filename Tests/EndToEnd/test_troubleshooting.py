"""TROUBLESHOOTING.md: each line that it quotes is what a real nginx writes when that has happened."""

import os
import re
import socket

import pytest

from harness import documents, modules, nginx, paths
from harness.client import ask
from harness.front_servers import numbered
from harness.gatehouse import run, serve, serve_configuration, shared_socket
from harness.waiting import until

as_root = pytest.mark.skipif(not paths.IS_ROOT, reason="needs root to have nginx run as another user")

# By the heading in the document: nginx's directives for the location, and the status that a client gets.
SCENES = {
    "502: permission denied": ("fastcgi_pass unix:{closed};", 502),
    "502: connection refused": ("fastcgi_pass unix:{abandoned};", 502),
    "502: no such file or directory": ("fastcgi_pass unix:{missing};", 502),
    "502: resource temporarily unavailable": ("fastcgi_pass unix:{full};", 502),
    "502: the connection ended before an answer": ("fastcgi_pass unix:{ours}; fastcgi_param REQUEST_URI /crash;", 502),
    "502: connection reset by peer": ("fastcgi_pass unix:{scgi};", 502),
    "502: too big a header":
        ("fastcgi_pass unix:{ours}; fastcgi_param REQUEST_URI /big-headers?count=200;", 502),
    "504 Gateway Timeout":
        ("fastcgi_pass unix:{ours}; fastcgi_read_timeout 100ms; fastcgi_param REQUEST_URI /sleep?ms=60000;", 504),
    "413 Content Too Large": ("fastcgi_pass unix:{ours}; client_max_body_size 1k;", 413),
}


def quoted(heading):
    """The lines that a section quotes, as expressions."""
    lines = documents.blocks(documents.sections("TROUBLESHOOTING.md")[heading], "text")
    return [".+".join(map(re.escape, line.strip().split("…"))) for line in lines]


@pytest.fixture(scope="module")
def sockets(run_folder, echo):
    """A Gatehouse that works, and sockets of every kind that does not."""
    folder = run_folder / "troubles"
    folder.mkdir()
    ours = serve(folder, echo, socket=shared_socket(), by_file=True)
    closed = serve(folder, echo, socket={"mode": "0600"}, by_file=True)
    found = {"ours": ours.fastcgi_socket, "closed": closed.fastcgi_socket, "missing": folder / "missing.sock",
             "abandoned": folder / "abandoned.sock", "full": folder / "full.sock", "scgi": ours.scgi_socket}
    held = [listening(found["abandoned"]), listening(found["full"])]
    held.pop(0).close()
    while True:
        waiting = socket.socket(socket.AF_UNIX)
        waiting.setblocking(False)
        held.append(waiting)
        try:
            waiting.connect(str(found["full"]))
        except BlockingIOError:
            break
    yield {"folder": folder, "server": ours, **found}
    for one in held:
        one.close()
    assert (ours.stop(), closed.stop()) == (0, 0)


def listening(path):
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    os.chmod(path, 0o666)
    made.listen(0)
    return made


@pytest.fixture(scope="module")
def front(sockets):
    """An nginx with a location for each scene."""
    folder = sockets["folder"] / "nginx"
    folder.mkdir()
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    ports = numbered(["nginx"])
    params = "".join(f"fastcgi_param {name} ${name.lower()};\n"
                     for name in ("REQUEST_METHOD", "CONTENT_LENGTH", "SERVER_PROTOCOL"))
    locations = "".join(f"location = /{number} {{ {params} {directives.format(**sockets)} }}\n"
                        for number, (directives, _) in enumerate(SCENES.values()))
    started = nginx.start(folder, ports, f"server {{ listen 127.0.0.1:{ports['nginx']}; {locations} }}", level="error")
    yield started
    started.stop()


@as_root
@pytest.mark.parametrize("heading", SCENES)
def test_nginx_says_what_the_page_quotes(front, heading):
    number, (_, status) = list(SCENES).index(heading), SCENES[heading]
    before = front.mark()
    body = bytes(4096) if status == 413 else None
    assert ask(front.ports["nginx"], f"/{number}", "POST" if body else "GET", body).status == status
    until(lambda: front.lines(before), "nginx has said why", 10)
    assert re.search(quoted(heading)[0], front.lines(before)[0]), front.lines(before)


def test_every_line_of_nginx_that_is_quoted_is_tried():
    text = documents.text("TROUBLESHOOTING.md")
    assert len(documents.blocks(text, "text")) == len(SCENES) + 1, "the last one is ours"


@as_root
def test_the_same_request_without_nginx_says_it_too(sockets):
    text = documents.sections("TROUBLESHOOTING.md")
    result = run("request", "GET", "/hello", "--via", f"fastcgi:{sockets['closed']}", user=paths.FRONT_USER)
    assert result.returncode == 77 and re.search(quoted("502: permission denied")[1], result.stderr), result.stderr
    result = run("request", "GET", "/hello", "--via", f"fastcgi:{sockets['abandoned']}", user=paths.FRONT_USER)
    said = "nobody is listening there"
    assert result.returncode == 74 and said in result.stderr
    assert said in text["502: connection refused"]


def test_gatehouses_log_says_why_a_connection_ended(sockets):
    part = documents.sections("TROUBLESHOOTING.md")["502: the connection ended before an answer"]
    server = sockets["server"]
    for said, cause in (("was killed by signal", lambda: server.get("/crash")),
                        ("the front server broke the protocol", lambda: speak_http(server.fastcgi_socket))):
        assert f'"{said}"' in part
        before = server.mark()
        try:
            cause()
        except (EOFError, ConnectionError):
            pass
        server.wait_for_line(said, after=before)


def speak_http(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        connection.sendall(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(1)


def test_a_quarantined_route_is_503_until_released(folder):
    part = documents.sections("TROUBLESHOOTING.md")["503 Service Unavailable"]
    web = {"listen": [f"fastcgi:{folder}/web.sock"], "modules": [{"path": str(modules.build("echo"))}],
           "quarantine": {"crashes": 1, "within": "1m", "for": "5m"}}
    server = serve_configuration(folder, {"pools": {"web": web}}, fastcgi_socket=str(folder / "web.sock"))
    try:
        try:
            server.get("/crash")
        except (EOFError, ConnectionError):
            pass
        until(lambda: server.status("web")["quarantines"], "it is quarantined", 20)
        assert server.get("/crash").status == 503
        assert "`gatehouse release`" in part
        assert run("release", "--control", server.control_socket).returncode == 0
        assert not server.status("web")["quarantines"]
    finally:
        server.stop()


def test_gatehouses_log_says_why_it_was_500_or_503(folder):
    text = documents.sections("TROUBLESHOOTING.md")
    web = {"listen": [f"fastcgi:{folder}/web.sock"], "modules": [{"path": str(modules.build("echo"))}],
           "quarantine": {"crashes": 2, "within": "1m", "for": "5m"}}
    server = serve_configuration(folder, {"pools": {"web": web}}, fastcgi_socket=str(folder / "web.sock"))

    def crash(number):
        with pytest.raises((EOFError, ConnectionError)):
            server.get("/crash", REQUEST_ID=number)
        until(lambda: server.status("web")["crashes"] == int(number), "it is counted", 20)

    def explained(path, status, said, **variables):
        (heading,) = [heading for heading in text if heading.startswith(str(status))]
        assert f'"{said}"' in text[heading]
        before = server.mark()
        assert server.get(path, **variables).status == status, path
        server.wait_for_line(said, after=before)

    try:
        explained("/throw", 500, "the handler threw")
        explained("/status-header", 500, "the response cannot be sent")
        crash("1")
        explained("/crash", 500, "has crashed a worker a moment ago", REQUEST_ID="1")
        crash("2")
        until(lambda: server.status("web")["quarantines"], "it is quarantined", 20)
        explained("/crash", 503, "the route is quarantined")
    finally:
        server.stop()
