"""Reloading under load loses nothing (row E4)."""

import os
import shutil
import signal

import pytest

from harness import control, fastcgi, modules, procfs
from harness.client import can_connect, connect, free_ports, read_to_end
from harness.exit_statuses import CONFIGURATION, NOT_A_SHARED_OBJECT, USAGE
from harness.gatehouse import module_pool
from harness.waiting import until

RELOADS = int(os.environ.get("GATEHOUSE_RELOADS", "5"))


@pytest.mark.parametrize("keepalive", [16, 0])
def test_reloads_under_load_lose_nothing(serving_pools, under_load, folder, echo, keepalive):
    server = serving_pools(web=module_pool(folder, echo, workers=2))
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


def test_sighup_reloads(serving_pools, under_load, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    before = server.serving()
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    with under_load(server):
        server.send_signal(signal.SIGHUP)
        server.wait_for_line("gatehouse: reloaded")
        assert len(server.serving()) == 2 and not server.serving() & before


def test_a_module_that_was_built_anew_is_a_change(serving_pools, folder, echo):
    module = modules.variant(echo, "rebuilt")
    server = serving_pools(web=module_pool(folder, module))
    before = server.serving()
    assert server.command("reload").done
    assert server.serving() == before, "nothing has changed"
    # As `gatehouse build` writes it: in place of the old file, whose pages the old workers still run.
    os.replace(modules.variant(modules.build("mounted"), "rebuilt-anew"), module)
    assert server.command("reload").done
    assert not server.serving() & before
    # An old worker may still accept while its order to drain is on its way.
    until(lambda: server.get("/x").body == b"mounted at , asked for /x\n", "the new module answers", 10)


def test_a_pool_that_did_not_change_keeps_its_workers(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo, workers=2), other=module_pool(folder, echo, "other"))
    web_before, other_before = server.serving("web"), server.serving("other")
    server.configuration["pools"]["other"]["log-level"] = "debug"
    server.rewrite()
    assert server.command("reload").done
    assert server.serving("web") == web_before
    assert not server.serving("other") & other_before
    assert server.status("web")["generation"] == 1 and server.status("other")["generation"] == 2


def test_lines_that_move_are_no_change(serving_pools, folder, echo):
    """A comment above a pool moves its lines and changes nothing."""
    pool = module_pool(folder, echo)
    pool["modules"][0]["settings"] = {"title": "Notes"}
    server = serving_pools(web=pool)
    before = server.serving()
    server.rewrite("# A comment, and\n# a second line of it.\n" + server.file.read_text())
    assert server.command("reload").done
    assert server.serving() == before and server.status("web")["generation"] == 1


def test_one_pool_alone(serving_pools, folder, echo):
    """A pool that is named gets new workers even without a change; the others keep theirs even with one."""
    server = serving_pools(web=module_pool(folder, echo), other=module_pool(folder, echo, "other"))
    web_before, other_before = server.serving("web"), server.serving("other")
    server.configuration["pools"]["other"]["workers"] = 3
    server.rewrite()
    assert server.command("reload", pool="web").done
    assert not server.serving("web") & web_before
    assert server.serving("other") == other_before
    refused = server.command("reload", pool="nobody")
    assert "nobody" in refused.message and refused.status in (USAGE, CONFIGURATION)


def test_pools_and_endpoints_come_and_go(serving_pools, under_load, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    keeps = server.serving("web")
    first = dict(server.configuration["pools"])
    with under_load(server):
        # A pool comes.
        server.configuration["pools"] = {**first, "second": module_pool(folder, echo, "second")}
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
    """Write over a file as cp(1), scp and rsync --inplace do: it is empty for a moment."""
    with open(module, "r+b") as file:
        file.truncate(0)
        file.write(content)


def test_a_module_that_is_copied_over_harms_nobody(serving_pools, folder, echo):
    """Workers, even those that start meanwhile, keep the old copy until the next reload takes the new one."""
    module = folder / "changing.so"
    shutil.copy(echo, module)
    server = serving_pools(web=module_pool(folder, module, workers=2))
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


def test_workers_share_one_copy_of_a_module(serving_pools, folder, echo):
    """Its code is in memory once, however many workers there are."""
    server = serving_pools(web=module_pool(folder, echo, workers=3))
    mapped = set()
    for worker in server.serving():
        files = {line.split()[4] for line in open(f"/proc/{worker}/maps") if "memfd:echo.so" in line}
        assert len(files) == 1, "one module, one file"
        mapped |= files
    assert len(mapped) == 1


def test_a_port_that_is_given_up_stops_listening_though_a_loop_is_held(serving_pools, folder, echo):
    ports = free_ports(2)
    server = serving_pools(web=module_pool(folder, echo, listen=[f"fastcgi:127.0.0.1:{port}" for port in ports]))
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


def test_the_control_socket_moves(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    old, new = server.control_socket, str(folder / "elsewhere.sock")
    before = server.serving()
    server.configuration["control"] = new
    server.rewrite()
    assert server.command("reload").done, "the answer still comes on the connection that asked"
    server.control_socket = new
    assert server.serving() == before
    assert not os.path.exists(old)


def test_two_who_reload_at_once_are_both_answered(serving_pools, folder, echo):
    """The second of them may have written its configuration after the first one was read."""
    server = serving_pools(web=module_pool(folder, echo))
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    clients = [control.connect(server.control_socket) for _ in range(3)]
    for client in clients:
        control.send(client, "reload")
    assert [control.receive(client).done for client in clients] == ["reloaded"] * 3
    assert len(server.serving()) == 2
    assert server.status("web")["generation"] == 2, "only the first of them found a change"


def test_pools_that_are_named_while_another_reloads_each_get_new_workers_and_no_other_does(serving_pools, folder, echo):
    names = ("web", "second", "third", "fourth")
    server = serving_pools(**{name: module_pool(folder, echo, name) for name in names})
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


def test_whoever_reloads_may_leave_before_the_answer(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    server.configuration["pools"]["web"]["workers"] = 2
    server.rewrite()
    client = control.connect(server.control_socket)
    control.send(client, "reload")
    client.close()
    until(lambda: len(server.serving()) == 2, "it has been reloaded all the same", 10)
