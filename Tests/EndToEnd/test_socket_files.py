"""Socket files: what happens when somebody removes or replaces one, and who may connect to them."""

import os
import signal
import socket
import stat
import subprocess

import pytest

from harness import fastcgi, modules, paths, procfs
from harness.exit_statuses import INPUT_OUTPUT
from harness.gatehouse import run, serve_configuration
from harness.marks import as_root
from harness.waiting import until


def lost(status):
    """Why nobody can connect, for each endpoint."""
    problems = [endpoint.get("problem", "") for endpoint in status["endpoints"]]
    return [problem if problem.startswith("nobody") else "" for problem in problems]


def test_a_socket_file_that_was_removed_is_made_again_by_a_reload(serving, echo):
    server = serving(echo, by_file=True)
    before = server.serving()
    os.unlink(server.fastcgi_socket)
    server.wait_for_line("nobody can connect: its socket file is gone")
    problems = lost(server.status("web"))
    assert "its socket file is gone" in problems[0] and problems[1] == ""
    assert f"fastcgi:{server.fastcgi_socket}: nobody can connect: its socket file is gone" in server.status_text()
    with socket.socket(socket.AF_UNIX) as scgi:
        scgi.connect(server.scgi_socket)
        assert server.command("reload").done
    assert server.get("/hello").status == 200
    assert stat.S_IMODE(os.lstat(server.fastcgi_socket).st_mode) == 0o660
    assert not any(lost(server.status("web"))) and not server.serving() & before
    mark = server.status("web")["generation"]
    assert server.command("reload").done and server.status("web")["generation"] == mark, "once is enough"
    assert server.stop() == 0
    assert not os.path.exists(server.fastcgi_socket)


def test_what_waits_in_the_queue_of_such_a_socket_is_answered(serving, echo):
    server = serving(echo, by_file=True)
    (worker,) = server.serving()
    used = procfs.cpu_seconds(worker)
    with server.connect() as held, server.connect() as waiting:
        held.send(fastcgi.request("/spin?ms=2000"))
        until(lambda: procfs.cpu_seconds(worker) > used + 0.1, "its loop is held", 5)
        waiting.send(fastcgi.request("/hello"))
        os.unlink(server.fastcgi_socket)
        assert server.command("reload").done
        assert held.response().status == 200 and waiting.response().status == 200


def test_a_socket_file_in_whose_place_is_another(serving, echo):
    server = serving(echo, by_file=True)
    before = server.serving()
    os.unlink(server.fastcgi_socket)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.fastcgi_socket)
        other.listen()
        assert "another file has taken the place" in lost(server.status("web"))[0]
        refused = server.command("reload")
        assert refused.status == INPUT_OUTPUT and "another process listens" in refused.message
        assert server.serving() == before
    # Nobody listens on it any more: it is stale, as any file that a dead process has left.
    assert server.command("reload").done
    assert server.get("/hello").status == 200


def test_a_reload_that_fails_leaves_no_socket_that_nobody_serves(serving, echo):
    server = serving(echo, by_file=True)
    os.unlink(server.fastcgi_socket)
    module = server.configuration["pools"]["web"]["modules"][0]
    good, module["path"] = module["path"], str(modules.build("init-throws"))
    server.rewrite()
    assert server.command("reload").message
    assert not os.path.exists(server.fastcgi_socket) and "is gone" in lost(server.status("web"))[0]
    module["path"] = good
    server.rewrite()
    assert server.command("reload").done
    assert server.get("/hello").status == 200


def test_a_control_socket_that_was_removed_is_made_again_by_sighup(serving, echo):
    server = serving(echo, by_file=True)
    before = server.serving()
    os.unlink(server.control_socket)
    answer = run("status", "--control", server.control_socket)
    assert answer.returncode == INPUT_OUTPUT and "SIGHUP makes it again" in answer.stderr
    server.send_signal(signal.SIGHUP)
    until(lambda: os.path.exists(server.control_socket), "it is made again", 10)
    assert server.serving() == before, "nothing else has changed"


def can_connect_as(user, path):
    result = subprocess.run(
        ["/usr/bin/python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])", path],
        capture_output=True, text=True, user=user, group=user, extra_groups=[], stdin=subprocess.DEVNULL, timeout=30)
    assert result.returncode == 0 or "PermissionError" in result.stderr
    return result.returncode == 0


@as_root
@pytest.mark.parametrize("change, who, why", [
    ({}, "0660 root:www-data", None),
    ({"group": "root"}, "0660 root:root", "it is 0660 root:root"),
    ({"mode": "0600"}, "0600 root:www-data", "it is 0600 root:www-data"),
    ({"mode": "0666", "group": "root"}, "0666 root:root", None),
    ({"folder": 0o700}, "0660 root:www-data, but group www-data cannot enter", "cannot enter"),
])
def test_who_may_connect_is_said_and_what_only_root_can_is_warned_of(folder, echo, change, who, why):
    """By `check` before, by `serve` at the start, by `status` at any time; and nginx finds it so."""
    inside = folder / "inside"
    inside.mkdir()
    os.chmod(inside, change.pop("folder", 0o755))
    settings = {"mode": "0660", "group": paths.FRONT_USER, **change}
    pool = {"listen": [f"fastcgi:{inside}/web.sock"], "socket": settings,
            "modules": [{"mount": "/", "path": str(echo)}]}
    server = serve_configuration(folder, {"pools": {"web": pool}}, fastcgi_socket=f"{inside}/web.sock")
    who = who.replace("www-data", paths.FRONT_USER)
    try:
        check = run("check", "--config", server.file)
        assert check.returncode == 0, check.stderr
        endpoint = server.status("web")["endpoints"][0]
        assert f"({who}" in server.ready_line and f"({who}" in check.stdout and endpoint["access"].startswith(who)
        if why:
            line = server.wait_for_line("only root may connect")
            for said in (line, check.stdout, endpoint["problem"]):
                assert "only root may connect" in said and why.replace("www-data", paths.FRONT_USER) in said
        else:
            assert "problem" not in endpoint and "warning" not in check.stdout
        assert can_connect_as(paths.FRONT_USER, server.fastcgi_socket) == (not why)
    finally:
        assert server.stop() == 0
