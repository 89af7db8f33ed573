"""Sockets: who may connect, which files are left alone, and sockets that somebody else opened (row E5)."""

import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess

import pytest

from harness import fastcgi, paths
from harness.client import ask, connect, free_ports
from harness.exit_statuses import CONFIGURATION, INPUT_OUTPUT, USAGE
from harness.front_servers import lighttpd_spawning
from harness.gatehouse import Gatehouse, run
from harness.marks import as_root
from harness.program import Program
from harness.waiting import until


def test_a_socket_is_created_0660(serving, echo):
    server = serving(echo)
    for path in (server.fastcgi_socket, server.scgi_socket, server.uwsgi_socket):
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o660


@pytest.mark.parametrize("by_file", [False, True])
def test_mode_and_group_are_what_the_operator_says(serving, echo, by_file):
    group = grp.getgrnam(paths.FRONT_USER) if paths.IS_ROOT else grp.getgrgid(os.getgid())
    server = serving(echo, socket={"mode": "0600", "group": group.gr_name}, by_file=by_file)
    found = os.lstat(server.fastcgi_socket)
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o600, group.gr_gid)


def test_sockets_are_gone_after_the_end(serving, echo):
    server = serving(echo)
    assert server.stop() == 0
    assert not os.path.exists(server.fastcgi_socket)
    assert not os.path.exists(server.scgi_socket)


def test_a_stale_socket_is_replaced(folder, echo):
    path = folder / "stale.sock"
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(str(path))
    left_behind.close()
    server = Gatehouse(folder, ["--module", echo, "--listen", f"fastcgi:{path}"], fastcgi_socket=str(path))
    assert server.get("/hello").status == 200
    assert server.stop() == 0


def test_a_socket_that_somebody_listens_on_is_left_alone(serving, echo):
    first = serving(echo)
    second = run("serve", "--module", echo, "--listen", f"fastcgi:{first.fastcgi_socket}")
    assert second.returncode == INPUT_OUTPUT, second.stderr
    assert first.fastcgi_socket in second.stderr
    assert first.get("/hello").status == 200


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_anything_else_under_the_name_is_left_alone(folder, echo, kind):
    path = folder / "taken"
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    else:
        (folder / "target").write_text("precious")
        path.symlink_to(folder / "target")
    before = os.lstat(path)
    result = run("serve", "--module", echo, "--listen", f"fastcgi:{path}")
    assert result.returncode == INPUT_OUTPUT, result.stderr
    assert str(path) in result.stderr
    assert os.lstat(path).st_ino == before.st_ino


def test_a_socket_that_replaced_ours_is_not_removed(serving, echo):
    server = serving(echo)
    os.unlink(server.fastcgi_socket)
    other = socket.socket(socket.AF_UNIX)
    other.bind(server.fastcgi_socket)
    server.stop()
    assert os.path.exists(server.fastcgi_socket)
    other.close()


CONNECT_AND_ASK = """
import sys
sys.path.insert(0, sys.argv[1])
from harness import fastcgi
with fastcgi.Connection(sys.argv[2]) as connection:
    try:
        connection.send(fastcgi.request("/hello"))
        print(connection.response().status)
    except OSError:
        print("closed")
    except EOFError:
        print("closed")
"""


def ask_as(user, server):
    result = subprocess.run(
        ["/usr/bin/python3", "-B", "-c", CONNECT_AND_ASK, paths.ROOT / "Tests" / "EndToEnd", server.fastcgi_socket],
        capture_output=True, text=True, user=user, group=user, extra_groups=[], stdin=subprocess.DEVNULL, timeout=30)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@as_root
@pytest.mark.parametrize("by_file", [False, True])
def test_only_allowed_users_are_answered(serving, echo, by_file):
    server = serving(echo, socket={"mode": "0666", "allow-users": [paths.FRONT_USER]}, by_file=by_file)
    assert ask_as(paths.FRONT_USER, server) == "200"
    mark = server.mark()
    assert ask_as("daemon", server) == "closed"
    line = server.wait_for_line(str(pwd.getpwnam("daemon").pw_uid), 5, after=mark)
    assert "allow" in line or "refus" in line


@as_root
def test_a_configured_group_lets_its_members_in(serving, echo):
    server = serving(echo, socket={"mode": "0660", "group": paths.FRONT_USER})
    assert ask_as(paths.FRONT_USER, server) == "200"
    with pytest.raises(AssertionError, match="PermissionError"):
        ask_as("daemon", server)


def test_tcp_on_the_loopback_address(folder, echo):
    (port,) = free_ports(1)
    server = Gatehouse(folder, ["--module", echo, "--listen", f"fastcgi:127.0.0.1:{port}"])
    client = connect(port, fastcgi.request("/hello"))
    received = b""
    while more := client.recv(65536):
        received += more
    client.close()
    assert b"Hello from Gatehouse\n" in received
    assert server.stop() == 0


def test_tcp_for_everybody_needs_a_flag(echo):
    """Whoever reaches the port can name any user, so it is not open by mistake (row C4)."""
    result = run("serve", "--module", echo, "--listen", "fastcgi:0.0.0.0:9")
    assert result.returncode in (USAGE, CONFIGURATION)
    assert "0.0.0.0" in result.stderr


def test_spawn_fcgi_passes_the_socket_as_descriptor_0(folder, echo):
    path = folder / "spawned.sock"
    server = Program(["spawn-fcgi", "-n", "-s", path, "--", paths.GATEHOUSE, "serve", "--module", echo])
    try:
        server.wait_for_line("gatehouse: ready")
        with fastcgi.Connection(path) as connection:
            assert connection.request("/hello").body == b"Hello from Gatehouse\n"
    finally:
        assert server.stop() == 0
    assert path.exists(), "a socket that we did not make is not ours to remove"


def test_lighttpd_starts_it_with_its_own_socket(folder, echo):
    front = lighttpd_spawning(folder, f"{paths.GATEHOUSE} serve --module {echo}", folder / "lighttpd.sock")
    try:
        port = front.ports["lighttpd spawning"]
        answer = until(lambda: (lambda got: got if got.status != 503 else None)(ask(port, "/hello")), "a page", 15)
        assert (answer.status, answer.body) == (200, b"Hello from Gatehouse\n")
    finally:
        front.stop(signal.SIGTERM)


def test_cgi_fcgi_as_a_client(gatehouse):
    """libfcgi's own front server, for one request."""
    body = bytes(range(256)) * 300
    environment = {
        "REQUEST_METHOD": "POST", "REQUEST_URI": "/echo", "SCRIPT_NAME": "/echo", "CONTENT_LENGTH": str(len(body)),
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "PATH": os.environ["PATH"],
    }
    result = subprocess.run([shutil.which("cgi-fcgi"), "-bind", "-connect", gatehouse.fastcgi_socket], input=body,
                            capture_output=True, env=environment, timeout=30)
    head, _, answer = result.stdout.partition(b"\r\n\r\n")
    assert b"application/octet-stream" in head.lower()
    assert answer == body


def test_gatehouse_request_is_a_front_server_for_one_request(gatehouse):
    result = run("request", "/hello", "--via", f"fastcgi:{gatehouse.fastcgi_socket}")
    assert result.returncode == 0, result.stderr
    assert "Hello from Gatehouse" in result.stdout
    result = run("request", "GET", "/path?x=1", "--via", f"scgi:{gatehouse.scgi_socket}")
    assert result.returncode == 0, result.stderr
    assert "/path" in result.stdout
    result = run("request", "POST", "/count", "--via", f"uwsgi:{gatehouse.uwsgi_socket}", "--data", "hello", "-i")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Status: 200 OK\r\n" if "\r" in result.stdout else "Status: 200 OK\n")
    assert result.stdout.endswith("\n\n5\n")


def test_a_request_that_fails_does_not_fail_without_a_word(gatehouse):
    result = run("request", "/no-such-route", "--via", f"fastcgi:{gatehouse.fastcgi_socket}")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "gatehouse: the response's status is 404 Not Found\n"
    sockets = {"fastcgi": gatehouse.fastcgi_socket, "scgi": gatehouse.scgi_socket, "uwsgi": gatehouse.uwsgi_socket}
    for spoken, other in itertools.permutations(sockets, 2):
        result = run("request", "/hello", "--via", f"{spoken}:{sockets[other]}")
        assert result.returncode == INPUT_OUTPUT, result.stderr
        assert "it may speak another protocol than this" in result.stderr
    result = run("request", "/hello", "--via", f"uwsgi:{gatehouse.uwsgi_socket}", "-P", "LONG=" + "x" * 65_536)
    assert result.returncode == USAGE and "a uwsgi packet has 65535 at most" in result.stderr, result.stderr


@pytest.mark.parametrize("form", ["fastcgi:{run}/x.sock", "fastcgi:unix:{whole}/{run}/x.sock", "scgi:unix:{run}/y.sock",
                                  "scgi:./{run}/y.sock"])
def test_a_request_names_its_endpoint_as_a_configuration_does(serving, echo, folder, form):
    """Each form is first one to listen on; a relative path begins in the folder that the command is typed in."""
    (folder / "run").mkdir()
    endpoint = form.format(run="run", whole=folder)
    server = Program([paths.GATEHOUSE, "serve", "--module", echo, "--listen", endpoint], cwd=folder)
    try:
        server.wait_for_line("gatehouse: ready")
        result = run("request", "GET", "/hello", "--via", endpoint, cwd=folder)
        assert (result.returncode, result.stdout) == (0, "Hello from Gatehouse\n"), result.stderr
    finally:
        server.stop()


@pytest.mark.parametrize("endpoint, said", [
    ("x.sock", "names no protocol"), ("fastcgi:x.sock", "neither a path nor host:port"),
    ("http:/run/x.sock", "a request is sent by fastcgi:, scgi: or uwsgi:"),
    ("fastcgi:systemd:web", "cannot be connected to: write the path"), ("scgi:stdin", "cannot be connected to")])
def test_a_request_to_what_is_no_endpoint_says_why(endpoint, said):
    result = run("request", "GET", "/hello", "--via", endpoint)
    assert result.returncode == USAGE and said in result.stderr and endpoint in result.stderr, result.stderr
