"""The commands as an operator types them: their output, exit status and effect."""

import json
import os
import re
import socket
import subprocess
import threading

import pytest

from harness import fastcgi, paths
from harness.exit_statuses import CONFIGURATION, INPUT_OUTPUT, NO_INPUT, PERMISSION, USAGE
from harness.gatehouse import run, serve_configuration
from harness.marks import as_root
from harness.waiting import until

# Each command that asks a supervisor, with what it needs besides.
COMMANDS = [["status"], ["status", "--json"], ["reload"], ["drain", "web"], ["scale", "web", "2"], ["release"],
            ["stop"], ["stop", "--now"], ["upgrade"], ["reopen"]]

@pytest.fixture
def server(folder, echo):
    """Gatehouse with one pool, "web", of one worker; a route that has crashed once is quarantined."""
    web = {"listen": [f"fastcgi:{folder}/web.sock"], "modules": [{"mount": "/", "path": str(echo)}], "workers": 1,
           "access-log": f"{folder}/access.log", "quarantine": {"crashes": 1, "within": "1m", "for": "5m"}}
    started = serve_configuration(folder, {"pools": {"web": web}}, fastcgi_socket=str(folder / "web.sock"))
    yield started
    started.stop()


@pytest.fixture
def typed(server):
    """Type a command for that Gatehouse: `typed("drain", "web")`. It must succeed; its output."""

    def type_it(*words, status=0):
        result = run(*words, "--config", server.file)
        assert result.returncode == status, result.stderr
        # A failure is one line on standard error.
        assert (result.stdout, result.stderr.count("\n")) == ("", 1) if status else True, result
        return result.stderr if status else result.stdout

    return type_it


def in_flight(server, target):
    """A request that is being handled, on a connection of its own."""
    connection = server.connect(timeout=60)
    connection.send(fastcgi.request(target))
    until(lambda: any(worker["requestsInFlight"] for worker in server.status("web")["workers"]), "the handler runs")
    return connection


def is_serving(server, workers):
    return len(server.serving()) == workers and len(server.workers) == workers


def test_status_shows_pools_workers_and_what_is_in_flight(server, typed):
    with in_flight(server, "/sleep?ms=60000"):
        text = typed("status")
        assert re.match(r"gatehouse [\d.]+, pid %d, up " % server.pid, text)
        assert f"configuration {server.file}, read " in text
        assert "\npool web: serving, generation 1, 1 worker\n" in text
        assert re.search(rf"  fastcgi:{server.fastcgi_socket} \(06\d\d \w+:[\w-]+\): queue 0", text)
        assert re.search(r"^ +1 +%d +1 +serving .* 1$" % server.worker, text, re.M), text
        request = re.search(r"^ +[\d.ms]+ +GET +/sleep\S* +\S+ +\S+ +\S+ +1$", text, re.M)
        assert request, text
        report = json.loads(typed("status", "--json", "--pool", "web"))
        (worker,) = report["pools"][0]["workers"]
        (flying,) = worker["requestsInFlight"]
        assert (worker["pid"], flying["method"]) == (server.worker, "GET")
        assert flying["path"].startswith("/sleep") and flying["id"] in request.group()


def test_reload_takes_what_has_changed(server, typed):
    before = server.worker
    assert typed("reload") == "reloaded\n"
    assert server.worker == before, "nothing has changed"
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    assert typed("reload") == "reloaded\n"
    assert len(server.serving()) == 2 and before not in server.serving()
    now = server.serving()
    assert typed("reload", "--pool", "web") == "reloaded\n"
    assert not server.serving() & now


def test_a_wrong_configuration_is_not_taken(server, typed):
    before = server.worker
    server.rewrite("pools:\n  web:\n    listne: [fastcgi:/x.sock]\n")
    said = run("reload", "--control", server.control_socket)
    assert (said.returncode, said.stdout) == (CONFIGURATION, "")
    assert f'{server.file}:3:5: unknown key "listne"' in said.stderr
    server.rewrite()
    assert (server.worker, server.get("/hello").status) == (before, 200)
    assert "the last reload has failed, and the old workers go on serving: " in typed("status")


def test_a_module_that_is_gone_is_not_taken(server, typed):
    before = server.worker
    server.configuration["pools"]["web"]["modules"][0]["path"] = "/no/such/libBlog.so"
    server.rewrite()
    assert "/no/such/libBlog.so" in typed("reload", status=NO_INPUT)
    assert server.worker == before


def test_drain_and_scale(server, typed):
    assert typed("drain", "web") == "draining web: it takes nothing new until it is scaled or reloaded\n"
    until(lambda: not server.workers, "the worker has left", 20)
    assert "\npool web: drained, generation 1, 0 workers\n" in typed("status")
    assert typed("scale", "web", "2") == "web gets 2 workers, until the next reload\n"
    until(lambda: is_serving(server, 2), "two workers serve", 20)
    assert typed("scale", "web", "1") == "web gets 1 worker, until the next reload\n"
    until(lambda: is_serving(server, 1), "one worker serves", 20)


def has_crashed(server):
    """Whether a request has crashed the worker; for a moment after a release, a worker may still refuse it."""
    try:
        assert server.get("/crash").status == 503
        return False
    except (EOFError, ConnectionError):
        return True


def test_release_lifts_a_quarantine(server, typed):
    assert "there is no such quarantine" in typed("release", status=USAGE)
    for words in ([], ["/crash"], ["GET", "/crash"], ["GET /crash"], ["--pool", "web", "/crash"]):
        until(lambda: has_crashed(server), "the worker crashes", 20)
        until(lambda: server.status("web")["quarantines"], "it is quarantined", 20)
        assert "  quarantined: GET /crash, 1 crash, released in " in typed("status")
        assert "there is no such quarantine" in typed("release", "POST", "/crash", status=USAGE)
        assert typed("release", *words) == "released: GET /crash\n"
        until(lambda: is_serving(server, 1), "the next worker serves", 20)


def test_reopen_makes_a_new_access_log(server, typed):
    log = server.folder / "access.log"
    log.rename(server.folder / "access.log.1")
    assert typed("reopen") == "log files have been reopened\n"
    assert server.get("/hello").status == 200
    until(lambda: "/hello" in log.read_text(), "the request is in the new log")
    assert "/hello" not in (server.folder / "access.log.1").read_text()


def test_upgrade_stays_the_same_process(server, typed):
    before = server.worker
    result = run("upgrade", "--config", server.file)
    assert (result.returncode, result.stdout) == (0, "reloaded\n"), result
    assert "the supervisor is replaced by " in result.stderr
    assert server.running and server.status()["pid"] == server.pid
    assert server.serving() != {before} and server.get("/hello").status == 200


def test_stop_finishes_what_is_in_flight(server, typed):
    with in_flight(server, "/sleep?ms=1000") as connection:
        assert typed("stop") == "stopping: the requests in flight are finished first\n"
        assert connection.response().status == 200
        assert server.wait() == 0


def test_stop_now_waits_for_nothing(server, typed):
    with in_flight(server, "/sleep?ms=60000"):
        assert typed("stop", "--now") == "stopping\n"
        assert server.wait() == 0


@pytest.mark.parametrize("words", [
    ["drain", "wep"], ["scale", "wep", "2"], ["status", "--pool", "wep"], ["release", "--pool", "wep"]], ids=" ".join)
def test_a_pool_that_there_is_not(typed, words):
    assert "there is no pool wep: there is web" in typed(*words, status=USAGE)


def test_a_pool_that_the_configuration_does_not_have(typed):
    assert "there is no pool wep in the configuration" in typed("reload", "--pool", "wep", status=CONFIGURATION)


@pytest.mark.parametrize("words, says", [
    (["scale", "web", "0"], "to have none, drain it"),
    (["scale", "web", "many"], "'many' is invalid"),
    (["scale", "web"], "Missing expected argument '<workers>'"),
    (["drain"], "Missing expected argument '<pool>'"),
    (["release", "crash"], '"crash" is not a route: write /path, or METHOD /path'),
    (["status", "--control", "/run/g.sock"], "--config and --control exclude each other"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_arguments(server, words, says):
    result = run(*words, "--config", server.file)
    assert result.returncode == USAGE, result
    assert result.stdout == "" and says in result.stderr
    assert server.get("/hello").status == 200


def test_a_command_that_there_is_not():
    result = run("stauts")
    assert (result.returncode, result.stdout) == (USAGE, "") and "'stauts'" in result.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_where_no_supervisor_runs(folder, words):
    (folder / "file").touch()
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(folder / "stale"))
    stale.close()
    for name in ("nothing", "file", "file/below", "stale"):
        result = run(*words, "--control", folder / name)
        assert (result.returncode, result.stdout) == (INPUT_OUTPUT, "")
        assert f"no supervisor at {folder / name} (" in result.stderr
        assert "start one with \"gatehouse serve --config FILE\"" in result.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("answer, says", [
    (b"", "has ended before it answered"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is not a supervisor"),
    (b'{"done":{"_0":"\\u001b[2Jdone"}}\n', None),
], ids=["hangs up", "speaks HTTP", "commands the terminal"])
def test_a_socket_that_is_not_ours(folder, words, answer, says):
    path = folder / "other.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve_one():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        serving = threading.Thread(target=serve_one)
        serving.start()
        result = run(*words, "--control", path)
        serving.join()
    assert "\x1b" not in result.stdout + result.stderr
    if says:
        assert (result.returncode, result.stdout) == (INPUT_OUTPUT, "")
        assert str(path) in result.stderr and says in result.stderr
    elif words[0] == "status":
        assert result.returncode == INPUT_OUTPUT and "another question" in result.stderr
    else:
        assert (result.returncode, result.stdout) == (0, "\\x1b[2Jdone\n")


def test_the_socket_of_an_application(server, typed):
    result = run("status", "--control", server.fastcgi_socket)
    assert result.returncode == INPUT_OUTPUT and server.fastcgi_socket in result.stderr
    assert "pool web: serving" in typed("status"), "it has done no harm"


@as_root
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_another_user_is_refused(server, words):
    def ask():
        return subprocess.run(
            [paths.GATEHOUSE, *words, "--control", server.control_socket], capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, user=paths.FRONT_USER, group=paths.FRONT_USER, extra_groups=[])

    result = ask()
    assert (result.returncode, result.stdout) == (PERMISSION, "")
    assert f"the supervisor at {server.control_socket} may not be asked by user " in result.stderr
    # The file's mode is not all that keeps others away.
    os.chmod(server.control_socket, 0o666)
    result = ask()
    assert (result.returncode, result.stdout) == (PERMISSION, "")
    assert "only root and the supervisor's own user may give it orders" in result.stderr
    assert server.running


def test_a_configuration_without_a_control_socket(folder, echo):
    file = folder / "off.yaml"
    file.write_text(f"control: off\npools:\n  web:\n    listen: [fastcgi:{folder}/a.sock]\n"
                    f"    modules: [{{ mount: /, path: {echo} }}]\n")
    result = run("status", "--config", file)
    assert result.returncode == CONFIGURATION
    assert f'{file} says "control: off": its supervisor cannot be asked anything' in result.stderr
    result = run("status", "--config", folder / "none.yaml")
    assert result.returncode == NO_INPUT and str(folder / "none.yaml") in result.stderr


def test_check_says_what_would_be_served(server, typed):
    said = typed("check")
    assert said.startswith(f"ok: 1 pool, 1 module\nweb: 1 module, 1 worker, on fastcgi:{server.fastcgi_socket} (06")
    server.configuration["pools"]["web"]["modules"][0]["path"] = "/no/such/libBlog.so"
    server.rewrite()
    assert "/no/such/libBlog.so" in typed("check", status=NO_INPUT)
    server.rewrite("pools:\n  web:\n    listne: []\n    workers: some\n")
    result = run("check", "--config", server.file)
    assert (result.returncode, result.stdout) == (CONFIGURATION, "")
    assert f'{server.file}:3:5: unknown key "listne"' in result.stderr and f"{server.file}:4:14: " in result.stderr
