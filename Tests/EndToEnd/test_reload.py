"""Reloading under load: nothing is lost, whatever is wrong with what comes next."""

import contextlib
import os
import shutil
import signal

import pytest

from harness import control, fastcgi, modules, paths, procfs
from harness.client import can_connect, connect, free_ports, read_to_end
from harness.gatehouse import serve_configuration, shared_socket
from harness.nginx import nginx_kept
from harness.paced_load import PacedLoad
from harness.waiting import until
from test_loading import (INIT_HUNG, INIT_THREW, INIT_TRAPPED, NO_INPUT, NOT_A_SHARED_OBJECT, OTHER_SDK, PERMISSION,
                          STAMP, UNLOADABLE, UNSTAMPED, changed_stamp)

RELOADS = int(os.environ.get("GATEHOUSE_RELOADS", "5"))
RATE = int(os.environ.get("GATEHOUSE_RELOAD_RATE", "300"))
USAGE, CONFIGURATION = 64, 78


def web(folder, module, name="web", **more):
    """A pool of one module on a socket of its own."""
    return {"listen": [f"fastcgi:{folder}/{name}.sock"], "modules": [{"mount": "/", "path": str(module)}],
            "socket": shared_socket(), **more}


@pytest.fixture
def start(folder):
    """Start Gatehouse with these pools: `start(web=…)`. It is stopped after the test, and ends well."""
    started = []

    def begin(**pools):
        server = serve_configuration(folder, {"pools": pools}, fastcgi_socket=str(folder / "web.sock"))
        started.append(server)
        return server

    yield begin
    for server in started:
        assert server.stop() == 0, server.lines()[-20:]


@pytest.fixture
def under_load(folder):
    """`with under_load(server) as load:` — at its end, every request must have been answered, and well."""

    @contextlib.contextmanager
    def run_load(server, keepalive=16, *, rate=RATE, get="/hello"):
        folder.chmod(0o777)
        front = nginx_kept(folder, server.fastcgi_socket, keepalive)
        load = PacedLoad(front.ports["kept"], rate=rate, get=get)
        try:
            until(lambda: load.count > 20, "the load runs", 10)
            yield load
            before = load.count
            until(lambda: load.count > before + 50, "the load goes on", 20)
            achieved = load.stop()
            print(f"{load.answered} requests, {achieved:.0f} a second, {len(load.failures)} failures")
            assert not load.failures, (load.failures[:5], server.lines()[-10:])
            assert not [line for line in front.lines() if "[error]" in line]
        finally:
            load.stop()
            front.stop()

    return run_load


@pytest.mark.parametrize("keepalive", [16, 0])
def test_reloads_under_load_lose_nothing(start, under_load, folder, echo, keepalive):
    server = start(web=web(folder, echo, workers=2))
    before = server.serving()
    with under_load(server, keepalive) as load:
        for number in range(RELOADS):
            server.configuration["pools"]["web"]["environment"] = {"NUMBER": str(number)}
            server.rewrite()
            asked = load.count
            assert server.command("reload").done == "reloaded"
            now = server.serving()
            assert len(now) == 2 and not now & before
            before = now
            until(lambda: load.count > asked + 30, "the load goes on", 20)
    report = server.status("web")
    assert report["generation"] == RELOADS + 1
    until(lambda: server.workers == before, "the old generations have left", 10)
    assert report["crashes"] == 0


def test_sighup_reloads(start, under_load, folder, echo):
    server = start(web=web(folder, echo))
    before = server.serving()
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    with under_load(server):
        server.send_signal(signal.SIGHUP)
        server.wait_for_line("gatehouse: reloaded")
        assert len(server.serving()) == 2 and not server.serving() & before


def test_a_module_that_was_built_anew_is_a_change(start, folder, echo):
    module = modules.variant(echo, "rebuilt")
    server = start(web=web(folder, module))
    before = server.serving()
    assert server.command("reload").done
    assert server.serving() == before, "nothing has changed"
    # As `gatehouse build` writes it: in place of the old file, whose pages the old workers still run.
    os.replace(modules.variant(modules.build("mounted"), "rebuilt-anew"), module)
    assert server.command("reload").done
    assert not server.serving() & before
    # An old worker may still accept in the moment in which its order to drain is on its way.
    until(lambda: server.get("/x").body == b"mounted at , asked for /x\n", "the new module answers", 10)


def test_a_pool_that_did_not_change_keeps_its_workers(start, folder, echo):
    server = start(web=web(folder, echo, workers=2), other=web(folder, echo, "other"))
    web_before, other_before = server.serving("web"), server.serving("other")
    server.configuration["pools"]["other"]["log-level"] = "debug"
    server.rewrite()
    assert server.command("reload").done
    assert server.serving("web") == web_before
    assert not server.serving("other") & other_before
    assert server.status("web")["generation"] == 1 and server.status("other")["generation"] == 2


def test_lines_that_move_are_no_change(start, folder, echo):
    """A comment above a pool makes none of its workers another one's."""
    pool = web(folder, echo)
    pool["modules"][0]["settings"] = {"title": "Notes"}
    server = start(web=pool)
    before = server.serving()
    server.rewrite("# A comment, and\n# a second line of it.\n" + server.file.read_text())
    assert server.command("reload").done
    assert server.serving() == before and server.status("web")["generation"] == 1


def test_one_pool_alone(start, folder, echo):
    """Named, a pool gets new workers though nothing has changed, and the others stay as they are though they have."""
    server = start(web=web(folder, echo), other=web(folder, echo, "other"))
    web_before, other_before = server.serving("web"), server.serving("other")
    server.configuration["pools"]["other"]["workers"] = 3
    server.rewrite()
    assert server.command("reload", pool="web").done
    assert not server.serving("web") & web_before
    assert server.serving("other") == other_before
    refused = server.command("reload", pool="nobody")
    assert "nobody" in refused.message and refused.status in (USAGE, CONFIGURATION)


# What is wrong, and with which exit status it is said; `spoil` below makes it so.
FAULTS = {
    "a missing file": NO_INPUT, "not ELF": NOT_A_SHARED_OBJECT, "no stamp": UNSTAMPED, "another SDK": OTHER_SDK,
    "a missing symbol": UNLOADABLE, "init traps": INIT_TRAPPED, "init throws": INIT_THREW, "init hangs": INIT_HUNG,
    "writable by others": PERMISSION, "not YAML": CONFIGURATION,
}


def spoil(fault, echo):
    """A module with that fault, and a word that the message must have."""
    match fault:
        case "a missing file":
            return "/no/such/module.so", "/no/such/module.so"
        case "not ELF":
            file = paths.ARTEFACTS / "reload-text.so"
            file.write_text("this is no library\n" * 100)
            return file, "gatehouse build"
        case "no stamp":
            return modules.variant(echo, "reload-unstamped", "--remove-section", STAMP), "reload-unstamped.so"
        case "another SDK":
            return changed_stamp(echo, "reload-othersdk", sdk="0123456789" * 4), "0123456789"
        case "a missing symbol":
            file = paths.ARTEFACTS / "reload-unlinked.so"
            file.write_bytes(echo.read_bytes().replace(b"\0swift_release\0", b"\0swift_missing\0"))
            return file, "swift_missing"
        case "init traps":
            return modules.build("init-traps"), "init-traps.so"
        case "init throws":
            return modules.build("init-throws"), "DatabaseIsAway"
        case "init hangs":
            return modules.build("init-hangs"), "init-hangs.so"
        case "writable by others":
            file = modules.variant(echo, "reload-writable")
            file.chmod(0o775)
            return file, "chmod go-w"


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_the_next_generation_does_not_touch_this_one(start, under_load, folder, echo, fault):
    server = start(web=web(folder, echo, workers=2), other=web(folder, echo, "other"))
    before, other = server.serving("web"), server.serving("other")
    with under_load(server):
        if fault == "not YAML":
            server.rewrite("pools: { web: [ }")
            wanted = f"{server.file}:1:"
        else:
            module, wanted = spoil(fault, echo)
            pool = server.configuration["pools"]["web"]
            server.configuration["pools"]["web"] = {
                **pool, "modules": [{"mount": "/", "path": str(module)}], "limits": {"load": "500ms"}}
            if fault == "init traps":
                # A trap under load takes its time: the backtrace.
                server.configuration["pools"]["web"]["limits"] = {"load": "20s"}
            server.rewrite()
        refused = server.command("reload")
        assert refused.status == FAULTS[fault], refused
        assert wanted in refused.message
        assert server.serving("web") == before and server.serving("other") == other
        until(lambda: server.workers == before | other, "nothing is left of the attempt", 10)
    report = server.status()
    assert wanted in report["lastReloadFailure"]
    assert report["pools"][1]["generation"] == 1 and report["pools"][1]["crashes"] == 0
    assert any("what served before goes on" in line for line in server.lines())


def test_after_a_failed_reload_a_good_one_succeeds(start, folder, echo):
    server = start(web=web(folder, echo))
    server.rewrite("nonsense")
    assert server.command("reload").status == CONFIGURATION
    server.rewrite()
    assert server.command("reload").done
    assert "lastReloadFailure" not in server.status()


def test_pools_and_endpoints_come_and_go(start, under_load, folder, echo):
    server = start(web=web(folder, echo))
    keeps = server.serving("web")
    first = dict(server.configuration["pools"])
    with under_load(server):
        # A pool comes.
        server.configuration["pools"] = {**first, "second": web(folder, echo, "second")}
        server.rewrite()
        assert server.command("reload").done
        with fastcgi.Connection(folder / "second.sock") as connection:
            assert connection.request("/hello").status == 200
        # An endpoint of it comes, and another goes.
        server.configuration["pools"]["second"]["listen"] = [f"fastcgi:{folder}/third.sock"]
        server.rewrite()
        assert server.command("reload").done
        assert not (folder / "second.sock").exists()
        with fastcgi.Connection(folder / "third.sock") as connection:
            assert connection.request("/hello", keep=True).status == 200
            # The pool goes, while it has a request.
            connection.send(fastcgi.request("/sleep?ms=500"))
            until(lambda: b"live=1" in counters(folder / "third.sock"), "the handler runs", 5)
            server.configuration["pools"] = first
            server.rewrite()
            assert server.command("reload").done
            assert connection.response().body == b"slept\n"
        assert not (folder / "third.sock").exists()
        until(lambda: [pool["name"] for pool in server.status()["pools"]] == ["web"], "it is forgotten", 10)
    assert server.serving("web") == keeps
    until(lambda: server.workers == keeps, "its worker has left", 5)


def counters(path):
    with fastcgi.Connection(path) as connection:
        return connection.request("/counters").body


def overwrite(module, content):
    """What cp(1), scp and rsync --inplace do: the same file becomes another one, and is empty meanwhile."""
    with open(module, "r+b") as file:
        file.truncate(0)
        file.write(content)


def test_a_module_that_is_copied_over_harms_nobody(start, folder, echo):
    """What serves goes on with what it has, also what is started meanwhile; the next reload has the new one."""
    module = folder / "changing.so"
    shutil.copy(echo, module)
    server = start(web=web(folder, module, workers=2))
    first = server.serving()
    overwrite(module, b"")
    # Only the old module has this route.
    for _ in range(20):
        assert server.get("/counters").status == 200
    assert server.serving() == first
    os.kill(min(first), signal.SIGKILL)
    until(lambda: server.serving() - first, "another worker serves", 10)
    for _ in range(20):
        assert server.get("/counters").status == 200
    before = server.serving()
    refused = server.command("reload")
    assert refused.status == NOT_A_SHARED_OBJECT and "changing.so" in refused.message
    assert server.serving() == before and server.get("/counters").status == 200
    overwrite(module, modules.build("hello").read_bytes())
    assert server.command("reload").done
    assert server.get("/hello").status == 200 and server.get("/counters").status == 404
    assert not [line for line in server.lines() if "SIGSEGV" in line or "SIGBUS" in line]


def test_workers_share_one_copy_of_a_module(start, folder, echo):
    """Its code is in memory once, however many workers there are."""
    server = start(web=web(folder, echo, workers=3))
    mapped = set()
    for worker in server.serving():
        files = {line.split()[4] for line in open(f"/proc/{worker}/maps") if "memfd:echo.so" in line}
        assert len(files) == 1, "one module, one file"
        mapped |= files
    assert len(mapped) == 1


def test_a_pool_that_comes_and_cannot_start_is_not_there(start, folder, echo):
    server = start(web=web(folder, echo))
    before = server.serving("web")
    server.configuration["pools"]["bad"] = web(folder, modules.build("init-throws"), "bad")
    server.rewrite()
    refused = server.command("reload")
    assert refused.status == INIT_THREW and "DatabaseIsAway" in refused.message
    until(lambda: [pool["name"] for pool in server.status()["pools"]] == ["web"], "it is forgotten", 10)
    assert not (folder / "bad.sock").exists()
    assert server.serving("web") == before


def test_an_endpoint_that_cannot_be_had_changes_nothing(start, folder, echo):
    server = start(web=web(folder, echo))
    before = server.serving()
    server.configuration["pools"]["web"]["listen"].append("fastcgi:/no/such/folder/web.sock")
    server.rewrite()
    refused = server.command("reload")
    assert refused.status and "/no/such/folder/web.sock" in refused.message
    assert server.serving() == before and server.get("/hello").status == 200


def test_a_pool_that_comes_and_cannot_have_its_log_keeps_no_other_from_its_new_part(start, folder, echo):
    server = start(web=web(folder, echo))
    before = server.serving("web")
    server.configuration["pools"]["web"]["workers"] = 2
    server.configuration["pools"]["bad"] = web(folder, echo, "bad", **{"access-log": "/no/such/folder/bad.log"})
    server.rewrite()
    refused = server.command("reload")
    assert refused.status and "pool bad: " in refused.message and "/no/such/folder/bad.log" in refused.message
    assert len(server.serving("web")) == 2 and not server.serving("web") & before
    assert not (folder / "bad.sock").exists()
    assert [pool["name"] for pool in server.status()["pools"]] == ["web"]

@pytest.mark.parametrize("key", ["log", "state", "control"])
def test_what_is_beside_the_pools_and_cannot_be_had_is_said_to_who_reloads(start, folder, echo, key):
    """The next start would fail for it."""
    server = start(web=web(folder, echo))
    server.rewrite({**server.configuration, key: f"{folder}/missing/place"})
    failed = server.command("reload")
    assert failed.status and f'"{key}" stays as it was: ' in failed.message, failed
    assert f"{folder}/missing/place" in failed.message
    assert f'"{key}" stays as it was' in server.status()["lastReloadFailure"]
    server.rewrite()
    assert server.command("reload").done and server.get("/hello").status == 200


def test_a_port_that_is_given_up_stops_listening_though_a_loop_is_held(start, folder, echo):
    ports = free_ports(2)
    server = start(web=web(folder, echo, listen=[f"fastcgi:127.0.0.1:{port}" for port in ports]))
    (worker,) = server.serving()
    used = procfs.cpu_seconds(worker)
    held = connect(ports[1], fastcgi.request("/spin?ms=4000"))
    until(lambda: procfs.cpu_seconds(worker) > used + 0.1, "the handler runs", 5)
    server.configuration["pools"]["web"]["listen"].pop()
    server.rewrite()
    server.send_signal(signal.SIGHUP)
    until(lambda: not can_connect(ports[1]), "new connections are refused", 3)
    assert can_connect(ports[0])
    assert b"spun" in read_to_end(held)


def test_the_control_socket_moves(start, folder, echo):
    server = start(web=web(folder, echo))
    old, new = server.control_socket, str(folder / "elsewhere.sock")
    before = server.serving()
    server.configuration["control"] = new
    server.rewrite()
    assert server.command("reload").done, "the answer still comes on the connection that asked"
    server.control_socket = new
    assert server.serving() == before
    assert not os.path.exists(old)


def test_two_who_reload_at_once_are_both_answered(start, folder, echo):
    """The second of them may have written its configuration after the first one was read."""
    server = start(web=web(folder, echo))
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    clients = [control.connect(server.control_socket) for _ in range(3)]
    for client in clients:
        control.send(client, "reload")
    assert [control.receive(client).done for client in clients] == ["reloaded"] * 3
    assert len(server.serving()) == 2
    assert server.status("web")["generation"] == 2, "only the first of them found a change"


def test_pools_that_are_named_while_another_reloads_each_get_new_workers_and_no_other_does(start, folder, echo):
    names = ("web", "second", "third", "fourth")
    server = start(**{name: web(folder, echo, name) for name in names})
    before = {name: server.serving(name) for name in names}
    server.configuration["pools"]["fourth"]["workers"] = 2
    server.rewrite()
    # While the first is on trial, the others wait, and who is not there fails for itself alone.
    asked = [control.connect(server.control_socket) for _ in range(5)]
    for client, name in zip(asked, ("web", "second", "third", "nobody", "second")):
        control.send(client, "reload", pool=name)
    replies = [control.receive(client) for client in asked]
    assert [reply.done for reply in replies] == ["reloaded"] * 3 + [None, "reloaded"]
    assert "nobody" in replies[3].message
    for name in names[:3]:
        assert not server.serving(name) & before[name]
        assert server.status(name)["generation"] == 2, name
    assert server.serving("fourth") == before["fourth"] and server.status("fourth")["wantedWorkers"] == 1


def test_whoever_reloads_may_leave_before_the_answer(start, folder, echo):
    server = start(web=web(folder, echo))
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    client = control.connect(server.control_socket)
    control.send(client, "reload")
    client.close()
    until(lambda: len(server.serving()) == 2, "it has been reloaded all the same", 10)


def test_an_idle_connection_belongs_to_the_new_generation(start, folder, echo):
    server = start(web=web(folder, echo))
    with server.connect() as kept:
        assert kept.request("/hello", keep=True).status == 200
        before = server.workers
        server.configuration["pools"]["web"]["log-level"] = "debug"
        server.rewrite()
        assert server.command("reload").done
        until(lambda: not before & server.workers, "the old generation has left", 10)
        answer = kept.request("/echo", method="POST", body=b"still here", keep=True)
        assert (answer.status, answer.body) == (200, b"still here")


def test_endpoints_that_move_keep_their_connections(start, folder, echo):
    """Each goes to where its own endpoint now stands in the list; one whose endpoint is gone is closed."""
    endpoints = {name: f"fastcgi:{folder}/{name}.sock" for name in ("first", "web", "last")}
    server = start(web={**web(folder, echo), "listen": list(endpoints.values())})
    with contextlib.ExitStack() as stack:
        kept = {name: stack.enter_context(fastcgi.Connection(folder / f"{name}.sock")) for name in endpoints}
        for connection in kept.values():
            assert connection.request("/hello", keep=True).status == 200
        before = server.workers
        server.configuration["pools"]["web"]["listen"] = [endpoints["last"], endpoints["web"]]
        server.rewrite()
        assert server.command("reload").done
        until(lambda: not before & server.workers, "the old generation has left", 10)
        for name in ("last", "web"):
            answer = kept[name].request("/echo", method="POST", body=b"still here", keep=True)
            assert (answer.status, answer.body) == (200, b"still here"), name
        assert kept["first"].socket.recv(1) == b""


def hold_up(server, stack):
    """Have connections wait with the supervisor: more leave one worker than the other, which stands still, takes.

    That worker's process id, the connections, and how many descriptors the supervisor had before."""
    slow = min(server.status("web")["workers"], key=lambda worker: worker["number"])["pid"]
    before = procfs.descriptors(server.pid)
    os.kill(slow, signal.SIGSTOP)
    stack.callback(os.kill, slow, signal.SIGCONT)
    until(lambda: procfs.is_stopped(slow), "it stands still", 10)
    # Everybody connects to the other worker.
    kept = [stack.enter_context(server.connect()) for _ in range(700)]
    for connection in kept:
        assert connection.request("/hello", keep=True).status == 200
    assert server.command("scale", pool="web", workers=1).done
    until(lambda: procfs.descriptors(server.pid) > before + 50, "connections wait with the supervisor", 20)
    return slow, kept, before


def test_connections_wait_for_a_worker_that_takes_its_time(start, folder, echo):
    """More of them than its channel holds: the others wait with the supervisor and with the worker that drains."""
    server = start(web=web(folder, echo, workers=2, limits={"drain": "120s"}))
    with contextlib.ExitStack() as stack:
        slow, kept, before = hold_up(server, stack)
        os.kill(slow, signal.SIGCONT)
        until(lambda: server.workers == {slow}, "the other one has handed over everything", 30)
        assert {connection.request("/hello", keep=True).status for connection in kept} == {200}
    until(lambda: procfs.descriptors(server.pid) <= before, "nothing is left with the supervisor", 10)


def test_connections_that_wait_are_let_go_when_all_stops(start, folder, echo):
    server = start(web=web(folder, echo, workers=2, limits={"drain": "120s"}))
    with contextlib.ExitStack() as stack:
        _, _, before = hold_up(server, stack)
        server.send_signal(signal.SIGTERM)
        until(lambda: procfs.descriptors(server.pid) <= before, "nothing is left with the supervisor", 10)
