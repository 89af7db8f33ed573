"""Replacing the supervisor by the program on disk: in the same process, with sockets, workers and counts."""

import contextlib
import os
import socket
import sys

from harness import control, fastcgi, modules, procfs, programs
from harness.gatehouse import module_pool
from harness.nginx import nginx_kept
from harness.paced_load import PacedLoad
from harness.upgrading import replace
from harness.waiting import until


def test_an_upgrade_under_load_loses_nothing_and_goes_on_counting(upgradable, folder):
    server = upgradable(web=module_pool(folder, modules.build("worker"), workers=2))
    folder.chmod(0o777)
    front = nginx_kept(folder, server.fastcgi_socket, 16)
    load = PacedLoad(front.ports["kept"], rate=200, get="/pid", post=None)
    try:
        until(lambda: load.count > 50, "the load runs", 20)
        for _ in range(2):
            before, report, asked = server.serving(), server.status("web"), load.count
            assert server.command("upgrade").done == "reloaded"
            now = server.status("web")
            assert now["requests"] >= report["requests"] and now["spawned"] == report["spawned"] + 2
            assert now["generation"] == report["generation"] + 1 and not server.serving() & before
            until(lambda: load.count > asked + 50, "the load goes on", 20)
        load.stop()
        assert not load.failures, (load.failures[:5], server.lines()[-10:])
    finally:
        load.stop()
        front.stop()


def test_crashes_and_quarantines_outlive_an_upgrade(upgradable, folder):
    server = upgradable(web=module_pool(folder, modules.build("worker"),
                                quarantine={"crashes": 1, "within": "1m", "for": "5m"}))
    before = server.serving()
    with server.connect() as connection:
        connection.send(fastcgi.request("/crash"))
        connection.at_end()
    until(lambda: server.serving() - before, "another serves", 20)
    report = server.status("web")
    assert server.command("upgrade").done
    now = server.status("web")
    assert now["crashes"] == 1 and now["spawned"] == 3
    # The crash's place in the source may be known by now.
    assert now["lastCrash"].startswith(report["lastCrash"].partition("; it was at")[0])
    assert 0 < now["quarantines"][0]["left"] <= report["quarantines"][0]["left"]
    assert server.get("/crash").status == 503 and server.get("/pid").status == 200


@contextlib.contextmanager
def upgraded_without_its_pool(server, folder, target, seconds):
    """A request that the pool "old" still has after an upgrade to a configuration without it; then all of it goes."""
    (worker,) = server.serving("old")
    with fastcgi.Connection(folder / "old.sock") as asked:
        asked.send(fastcgi.request(target))
        until(lambda: in_flight(server) == 1, "the handler runs", 10)
        del server.configuration["pools"]["old"]
        server.rewrite()
        assert server.command("upgrade").done
        yield asked
    until(lambda: worker not in procfs.children(server.pid), "it has left, and somebody has asked how", seconds)
    until(lambda: [pool["name"] for pool in server.status()["pools"]] == ["web"], "it is forgotten", 10)


def test_workers_of_a_pool_that_has_gone_finish_and_are_watched(upgradable, folder, echo):
    server = upgradable(web=module_pool(folder, echo), old=module_pool(folder, echo, "old"))
    with upgraded_without_its_pool(server, folder, "/sleep?ms=3000", 20) as asked:
        assert asked.response().body == b"slept\n"


def test_a_worker_of_a_pool_that_has_gone_and_does_not_leave_is_killed(upgradable, folder, echo):
    server = upgradable(web=module_pool(folder, echo), old=module_pool(folder, echo, "old", limits={"drain": "1s"}))
    with upgraded_without_its_pool(server, folder, "/spin?ms=60000", 10):
        server.wait_for_line("did not leave in time")


def in_flight(server):
    return sum(len(worker["requestsInFlight"]) for worker in server.status("old")["workers"])


def test_a_new_pool_that_cannot_listen_fails_the_command_and_holds_up_nobody(upgradable, folder, echo):
    """Nor does the next reload take for done what the upgrade could not do."""
    server = upgradable(web=module_pool(folder, echo))
    before = server.serving()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"fastcgi:127.0.0.1:{taken.getsockname()[1]}"
        server.configuration["pools"]["new"] = {"listen": [endpoint], "modules": [{"mount": "/", "path": str(echo)}]}
        server.rewrite()
        refused = server.command("upgrade")
        assert refused.status and endpoint in refused.message
        assert [pool["name"] for pool in server.status()["pools"]] == ["web"]
        after = server.serving()
        assert after and not after & before and server.get("/hello").status == 200
    assert server.command("reload").done == "reloaded"
    assert server.serving("new") and server.serving() == after


def test_a_pool_that_could_not_be_started_is_answered_for_after_the_upgrade_as_well(upgradable, folder, echo):
    server = upgradable(web=module_pool(folder, echo), bad=module_pool(folder, modules.build("init-throws"), "bad"))
    for _ in range(2):
        assert "DatabaseIsAway" in server.command("upgrade").message
        assert "DatabaseIsAway" in server.status("bad")["startFailure"]
        with fastcgi.Connection(folder / "bad.sock") as connection:
            assert connection.request("/hello").status == 503
        assert server.get("/hello").status == 200
    server.configuration["pools"]["bad"] = module_pool(folder, echo, "bad")
    server.rewrite()
    assert server.command("upgrade").done
    with fastcgi.Connection(folder / "bad.sock") as connection:
        assert connection.request("/hello").status == 200


def test_where_no_new_worker_serves_the_old_ones_go_on_where_they_listen(upgradable, folder, echo):
    throwing = modules.build("init-throws")
    server = upgradable(web=module_pool(folder, echo))
    before = server.serving()
    server.configuration["pools"]["web"] = module_pool(folder, throwing, "moved")
    server.configuration["pools"]["bad"] = module_pool(folder, throwing, "bad")
    server.rewrite()
    refused = server.command("upgrade")
    assert "DatabaseIsAway" in refused.message
    assert server.serving() == before and server.get("/hello").status == 200
    assert not (folder / "moved.sock").exists() and not (folder / "bad.sock").exists()


def test_a_log_or_a_folder_that_cannot_be_had_ends_nothing(upgradable, folder, echo):
    server = upgradable(web=module_pool(folder, echo))
    before = server.serving()
    # Found neither by its check nor by the old program.
    replace(server.program, 'case $1 in check) exit 0 ;; esac\nmv "$REAL" "$0" && exec "$0" "$@"')
    for name in ("log", "state"):
        server.configuration[name] = str(folder / "missing" / name)
    server.configuration["pools"]["web"]["access-log"] = str(folder / "missing" / "access")
    server.rewrite()
    refused = server.command("upgrade")
    assert refused.status and "cannot write the log" in refused.message
    assert server.serving() == before and server.get("/hello").status == 200
    (folder / "missing").mkdir()
    (folder / "missing" / "state").mkdir()
    assert server.command("reload").done == "reloaded"
    assert not server.serving() & before
    access = folder / "missing" / "access"
    until(lambda: server.get("/hello").status == 200 and "/hello" in access.read_text(), "requests are logged", 10)


def test_programs_that_die_during_the_check_are_replaced_first(upgradable, folder):
    """The programs before them are being started again, and a new supervisor would not know."""
    pool = {"listen": [f"http:{folder}/late.sock"], "environment": {"LATE": "4"}, "limits": {"load": "20s"},
            "command": [sys.executable, str(programs.SOURCES / "late" / "late.py")]}
    server = upgradable(late=pool)
    pool["environment"] = {"LIVES": "2"}
    server.rewrite({"control": server.control_socket, "pools": {"late": pool}})
    assert server.command("reload").done
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    replace(server.program, f'case $1 in check) read go < {pipe}; exit 0 ;; esac\nexec "$REAL" "$@"')
    asked = control.connect(server.control_socket)
    control.send(asked, "upgrade")
    with open(pipe, "wb", buffering=0) as go:
        server.wait_for_line("the previous generation is started again")
        go.write(b"\n")
    assert "under way" in control.receive(asked).message
    server.wait_for_line("generation 3 serves")
    assert [name for name in os.listdir(folder) if name.startswith("late.sock")] == ["late.sock"]


def test_the_new_program_feeds_the_watchdog_at_once(upgradable, folder, echo, monkeypatch):
    """It cannot know how long ago the old one did."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "3600000000")
        server = upgradable(web=module_pool(folder, echo))
        assert server.command("upgrade").done
        while b"WATCHDOG=1" not in manager.recv(4_096).splitlines():
            pass
