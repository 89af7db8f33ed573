"""A pool's processes have exactly the rights and resources that the configuration says (rows E5, E9)."""

import os
import pwd
import re
import resource
import shutil
import stat

import pytest

from harness import fastcgi, modules, paths, procfs
from harness.exit_statuses import PERMISSION
from harness.gatehouse import serve_configuration
from harness.marks import as_root
from harness.procfs import environment_of, status_of
from harness.waiting import until, until_steady

NOBODY = 65534


def serve_with(serving, **settings):
    """One pool with these settings; its worker's pid."""
    server = serving(modules.build("worker"), pool=settings, by_file=True)
    return server, server.worker


@as_root
def test_a_pool_runs_as_its_user(serving):
    server, worker = serve_with(serving, user=paths.FRONT_USER)
    account = pwd.getpwnam(paths.FRONT_USER)
    found = status_of(worker)
    # Real, effective, saved and of the file system: there is no way back.
    assert found["Uid"] == [str(account.pw_uid)] * 4
    assert found["Gid"] == [str(account.pw_gid)] * 4
    assert sorted(map(int, found["Groups"])) == sorted(set(os.getgrouplist(account.pw_name, account.pw_gid)))
    assert all(int(found[name][0], 16) == 0 for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
    environment = environment_of(worker)
    assert environment["HOME"] == account.pw_dir and environment["USER"] == account.pw_name
    assert status_of(server.pid)["Uid"][0] == "0", "the supervisor stays who it is"
    assert server.get("/pid").body == str(worker).encode()


@as_root
def test_a_group_instead_of_the_users_own(serving):
    _, worker = serve_with(serving, user=paths.FRONT_USER, group="nogroup")
    found = status_of(worker)
    assert found["Uid"] == [str(pwd.getpwnam(paths.FRONT_USER).pw_uid)] * 4
    assert found["Gid"] == [str(NOBODY)] * 4


@as_root
def test_a_module_that_its_user_cannot_read_is_not_read_for_it(serving, folder):
    """The supervisor could, and a link that the user has made can lead to anything."""
    secret = folder / "secret.so"
    shutil.copy(modules.build("worker"), secret)
    secret.chmod(0o600)
    server = serving(secret, pool={"user": paths.FRONT_USER}, wait=False)
    assert server.wait(20) == PERMISSION
    assert "secret.so" in "\n".join(server.lines())


@as_root
def test_the_supervisor_is_itself_after_it_has_read_a_module_as_another(serving):
    server, _ = serve_with(serving, user=paths.FRONT_USER)
    found, own = status_of(server.pid), status_of("self")
    # Real, effective, saved and of the file system.
    assert found["Uid"] == found["Gid"] == ["0"] * 4
    assert found["Groups"] == own["Groups"] and found["CapEff"] == own["CapEff"]


@as_root
def test_a_crash_of_another_users_worker_is_found_in_its_source(serving):
    server = serving(modules.build("deaths"), pool={"user": paths.FRONT_USER})
    with server.connect() as connection:
        connection.send(fastcgi.request("/index"))
        assert not any(record.kind == fastcgi.END_REQUEST for record in connection.at_end())
    assert "Index out of range, in static Deaths.pick(_:_:) at " in server.wait_for_line("crashed: ")


@as_root
def test_two_pools_two_users(folder):
    module = {"mount": "/", "path": str(modules.build("worker"))}
    server = serve_configuration(folder, {"pools": {
        name: {"listen": [f"fastcgi:{folder}/{name}.sock"], "modules": [module], "user": name}
        for name in (paths.FRONT_USER, "nobody")}})
    try:
        for name in (paths.FRONT_USER, "nobody"):
            (worker,) = server.serving(name)
            assert status_of(worker)["Uid"] == [str(pwd.getpwnam(name).pw_uid)] * 4
    finally:
        assert server.stop() == 0


@as_root
def test_a_worker_that_replaces_another_has_no_more_rights(serving):
    server, worker = serve_with(serving, user=paths.FRONT_USER)
    os.kill(worker, 9)
    until(lambda: server.serving() - {worker}, "another serves", 10)
    (after,) = server.serving()
    assert status_of(after)["Uid"] == [str(pwd.getpwnam(paths.FRONT_USER).pw_uid)] * 4


def test_limits_niceness_and_processors(serving):
    processor = min(os.sched_getaffinity(0))
    _, worker = serve_with(
        serving, rlimits={"open-files": 512, "core": "0", "file-size": "1MiB"}, nice=5, cpus=[processor])
    assert resource.prlimit(worker, resource.RLIMIT_NOFILE) == (512, 512)
    assert resource.prlimit(worker, resource.RLIMIT_CORE) == (0, 0)
    assert resource.prlimit(worker, resource.RLIMIT_FSIZE) == (1 << 20, 1 << 20)
    assert os.getpriority(os.PRIO_PROCESS, worker) == 5
    # Every thread has it: the event loops' are made after the settings.
    for thread in os.listdir(f"/proc/{worker}/task"):
        assert os.sched_getaffinity(int(thread)) == {processor}


def test_what_is_not_said_is_inherited(serving):
    server, worker = serve_with(serving)
    assert os.getpriority(os.PRIO_PROCESS, worker) == os.getpriority(os.PRIO_PROCESS, server.pid)
    assert os.sched_getaffinity(worker) == os.sched_getaffinity(server.pid)


def test_the_environment_is_what_the_configuration_says(serving):
    server = serving(modules.build("worker"), pool={"environment": {"LANG": "C.UTF-8", "EMPTY": ""}},
                     env={"SECRET": "of the supervisor", "LD_LIBRARY_PATH": "/tmp", "LISTEN_FDNAMES": "x"})
    found = environment_of(server.worker)
    known = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "EMPTY"}
    assert set(found) <= known, set(found) - known
    assert found["LANG"] == "C.UTF-8" and found["EMPTY"] == "" and "/usr/bin" in found["PATH"].split(":")


def test_on_the_command_line_the_environment_is_the_callers(serving):
    """Somebody tries a module, and sets what it reads in front of the command."""
    server = serving(modules.build("worker"), env={"DATABASE": "test.db"})
    assert environment_of(server.worker)["DATABASE"] == "test.db"


def test_the_directory_is_the_root_unless_told(serving, folder):
    _, worker = serve_with(serving)
    assert os.readlink(f"/proc/{worker}/cwd") == "/"
    _, worker = serve_with(serving, directory=str(folder))
    assert os.readlink(f"/proc/{worker}/cwd") == str(folder)


@as_root
def test_a_directory_that_only_the_user_may_not_enter(serving, folder):
    """The user has no right there, though root has: that is said at the start, and not by the first request."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = serving(modules.build("worker"), pool={"user": paths.FRONT_USER, "directory": str(closed)}, wait=False)
    assert server.wait(20) != 0
    assert any(str(closed) in line for line in server.lines()), server.lines()


# A worker's inherited descriptors in order from 0 on (DESIGN.md), by the text of their links.
GIVEN = [r"/dev/null", r"pipe:", r"pipe:", r"socket:", r"/memfd:gatehouse-plan", r"socket:",
         r"/memfd:gatehouse-scoreboard", r"/memfd:gatehouse-crash", r"/memfd:gatehouse-balance"]
# The descriptors of its event loops, and the copies of its modules, which come after its listeners.
OWN = r"anon_inode:\[(eventpoll|eventfd|timerfd|signalfd)\]|socket:|^/memfd:worker.so"


def descriptors_of(pid):
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            pass
    return found


def listening_inodes(server):
    """The supervisor's listening sockets."""
    with open(f"/proc/{server.pid}/net/unix") as file:
        # Flag 00010000 is "accepts connections".
        rows = [line.split() for line in file.readlines()[1:]]
    return {row[7]: row[6] for row in rows if len(row) > 7 and row[3] == "00010000"}


def test_a_worker_has_no_descriptor_that_it_should_not_have(folder, tmp_path):
    """None is the supervisor's, another pool's or another worker's, or one that the supervisor inherited (row E9)."""
    pools = {name: {"listen": [f"fastcgi:{folder}/{name}.sock"], "workers": 2,
                    "modules": [{"mount": "/", "path": str(modules.build("worker"))}]} for name in ("web", "other")}
    leaked = os.open(tmp_path / "leaked", os.O_RDWR | os.O_CREAT)
    server = serve_configuration(folder, {"pools": pools, "log": str(folder / "log")}, pass_fds=[leaked], wait=False)
    try:
        until(lambda: "ready" in (folder / "log").read_text() if (folder / "log").exists() else False, "ready", 30)
        inodes = listening_inodes(server)
        for name in ("web", "other"):
            for worker in server.serving(name):
                found = descriptors_of(worker)
                assert not [link for link in found.values() if "leaked" in link or link.endswith("/log")], found
                listening = {path for path, inode in inodes.items() if f"socket:[{inode}]" in found.values()}
                assert listening == {f"{folder}/{name}.sock"}, found
                for number, link in found.items():
                    given = GIVEN[number] if number < len(GIVEN) else "^$"
                    # The worker closes some, such as the plan's, and may have opened another under that number.
                    assert re.search(given if number < 3 else f"{given}|{OWN}", link), (number, link, found)
    finally:
        os.close(leaked)
        assert server.stop() == 0


def test_descriptors_do_not_pile_up(serving):
    """Neither in the supervisor nor in later workers, however many came before."""
    server = serving(modules.build("worker"), pool={"workers": 2})
    until(lambda: len(server.serving()) == 2, "both serve", 10)
    # A first crash may open something for good.
    for round in range(6):
        victim, *survivors = sorted(server.serving())
        survivors = set(survivors)
        os.kill(victim, 9)
        until(lambda: len(server.serving() - {victim}) == 2, "another serves", 10)
        (youngest,) = server.serving() - survivors
        if round == 0:
            before = until_steady(lambda: procfs.descriptors(server.pid), "the supervisor has what it needs")
            newest = until_steady(lambda: procfs.descriptors(youngest), "the worker has what it needs")
    until(lambda: procfs.descriptors(server.pid) <= before, "no more descriptors than after the first", 5)
    until(lambda: procfs.descriptors(youngest) <= newest, "the last worker has no more than the first", 5)


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_sockets_are_never_wider_than_configured(serving, mask):
    """The mask of the shell that started it does not matter (row E5)."""
    server = serving(modules.build("worker"), socket={"mode": "0600"}, by_file=True, umask=mask)
    for path in (server.fastcgi_socket, server.scgi_socket, server.control_socket):
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600


@as_root
@pytest.mark.parametrize("command", ["reload", "upgrade"])
def test_who_may_connect_changes_with_the_configuration(serving, command):
    server = serving(modules.build("worker"), socket={"mode": "0600"}, by_file=True)
    first = os.lstat(server.fastcgi_socket)
    for socket_settings, mode, group in (({"mode": "0660", "group": "nogroup"}, 0o660, NOBODY),
                                         ({"mode": "0600"}, 0o600, first.st_gid)):
        server.configuration["pools"]["web"]["socket"] = socket_settings
        server.rewrite()
        assert server.command(command).done
        for path in (server.fastcgi_socket, server.scgi_socket):
            found = os.lstat(path)
            assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (mode, first.st_uid, group)
        assert os.lstat(server.fastcgi_socket).st_ino == first.st_ino, "it is the same socket"
        assert server.get("/pid").status == 200


@pytest.mark.parametrize("fault", ["in a module", "in an endpoint"])
def test_a_reload_that_fails_lets_nobody_else_in(serving, fault):
    server = serving(modules.build("worker"), socket={"mode": "0600"}, by_file=True)
    pools = server.configuration["pools"]
    pools["web"]["socket"] = {"mode": "0666"}
    if fault == "in a module":
        pools["web"]["modules"][0]["path"] = str(modules.build("init-throws"))
    else:
        # The first endpoints are open already when the last one turns out to be impossible.
        pools["web"]["listen"].append("fastcgi:/no/such/folder/web.sock")
    server.rewrite()
    assert server.command("reload").message
    for path in (server.fastcgi_socket, server.scgi_socket):
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600


def test_the_mask_of_a_worker(serving):
    server = serving(modules.build("worker"), by_file=True, umask=0o027)
    assert server.get("/mask").body == b"27"
