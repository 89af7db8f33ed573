"""Fixtures: modules are built once, and servers that tests do not disturb are started once. Nothing is left behind.

`gatehouse` is shared by all tests that leave it as it was; `front`, `port_of` and `front_of` are front servers before
it. `serving` starts one for a test, with modules and settings; `serving_pools` one with several pools; `upgradable` one
whose program can be replaced."""

import contextlib
import os
import pathlib
import resource
import shutil
import signal
import tempfile

import pytest

from database_fixtures import (mariadb, mariadb_server, own_mariadb, own_postgres, pgbouncer, postgres,  # noqa: F401
                               postgres_server, querying)
from harness import front_servers, modules, once, paths, procfs, upgrading
from harness.apache import apache, mod_fcgid
from harness.gatehouse import serve, serve_configuration, shared_socket
from harness.nginx import VARIANTS, nginx, nginx_kept
from harness.paced_load import PacedLoad
from harness.systemd import Systemd
from harness.waiting import until

# Every front server's variant that answers the basic table.
FRONTS = [
    *VARIANTS, "lighttpd fastcgi", "lighttpd scgi", "lighttpd uwsgi", "apache fastcgi", "apache fastcgi reuse",
    "apache scgi", "apache uwsgi", "haproxy fastcgi", "haproxy fastcgi multiplexed", "caddy fastcgi", "h2o fastcgi",
    "h2o fastcgi keep-alive", "mod_fcgid", "uwsgi-router uwsgi",
]

# Requests a second, of the load under which reloads are tested.
RELOAD_RATE = int(os.environ.get("GATEHOUSE_RELOAD_RATE", "300"))


def pytest_configure(config):
    # A time limit's SIGTERM ends the tests as Ctrl-C does, servers included.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Modules and sockets get the modes that a careful operator would set, independent of the shell's umask.
    os.umask(0o022)
    # The tests themselves hold thousands of connections.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20000), most))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    # True: it is done. Another process runs the tests of this file.
    return None if once.is_ours(item.path.name) else True


def pytest_unconfigure(config):
    modules.remove()


@pytest.fixture(scope="session")
def run_folder():
    """A folder that the front servers' account can enter; short, as a socket's path has 107 bytes."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gh-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(run_folder):
    """A folder for one test."""
    made = pathlib.Path(tempfile.mkdtemp(dir=run_folder))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def echo():
    """The sample module that most tests talk to."""
    return modules.build("echo")


class Shared:
    """The Gatehouse that most tests share."""

    def __init__(self, server):
        self.server = server


@pytest.fixture(scope="session")
def shared(run_folder, echo):
    """Gatehouse with the echo sample on every protocol, for tests that leave it as they found it."""
    holder = Shared(serve(run_folder, echo, socket=shared_socket(), nofile=8192))
    yield holder
    assert holder.server.stop() == 0


@pytest.fixture
def gatehouse(shared):
    """The shared Gatehouse. If its worker dies, the test fails that did it, and the next test gets a new one."""
    worker = shared.server.worker
    yield shared.server
    if not shared.server.running or not procfs.exists(worker):
        text = "\n".join(shared.server.lines()[-25:])
        shared.server.stop()
        shared.server = shared.server.again()
        pytest.fail("Gatehouse, or its worker, died under this test:\n" + text)


@pytest.fixture
def serving(folder):
    """Start further Gatehouse instances: `serving(modules, limits=…)`. They are stopped after the test."""
    started = []

    def start(*arguments, **options):
        started.append(serve(folder, *arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def serving_pools(folder):
    """Start Gatehouse with these pools: `serving_pools(web=…)`. It is stopped after the test, and ends well."""
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
    def run_load(server, keepalive=16, *, rate=RELOAD_RATE, get="/hello"):
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


@pytest.fixture
def upgradable(folder, monkeypatch):
    """Start a Gatehouse whose program can be replaced, `server.program`: `upgradable(web={…}, …)`."""
    started = []

    def begin(**pools):
        started.append(upgrading.start(folder, pools, monkeypatch))
        return started[-1]

    yield begin
    for server in started:
        assert server.stop() == 0, server.lines()[-20:]


@pytest.fixture(scope="session")
def front_of(run_folder, shared, echo):
    """Find the front server of a variant, by the first word of its name; each is started when it is first used."""
    def spawning(folder, gatehouse):
        # mod_fcgid starts a Gatehouse of its own.
        return mod_fcgid(folder, f"{paths.GATEHOUSE} serve --module {echo}")

    kinds = {"nginx": nginx, "lighttpd": front_servers.lighttpd, "apache": apache, "haproxy": front_servers.haproxy,
             "caddy": front_servers.caddy, "h2o": front_servers.h2o, "mod_fcgid": spawning,
             "uwsgi-router": front_servers.uwsgi_router}
    started = {}

    def find(variant):
        kind = variant.split()[0]
        if kind not in started:
            folder = run_folder / kind
            folder.mkdir()
            folder.chmod(0o777 if paths.IS_ROOT else 0o755)
            started[kind] = kinds[kind](folder, shared.server)
        return started[kind]

    yield find
    for server in started.values():
        server.stop()


@pytest.fixture
def port_of(front_of, gatehouse):
    """The port of a front server's variant, with the shared Gatehouse behind it."""
    return lambda variant: front_of(variant).ports[variant]


@pytest.fixture(scope="session")
def machine():
    """One systemd for all tests that need one: it starts in about a second."""
    made = Systemd()
    yield made
    made.close()


@pytest.fixture
def systemd(machine):
    """The systemd of `machine`, cleaned after the test."""
    yield machine
    machine.clean("gatehouse.socket", "gatehouse.service", "gatehouse@shop.socket", "gatehouse@shop.service")


@pytest.fixture(params=FRONTS, ids=lambda name: name.replace(" ", "-"))
def front(request, port_of):
    """The port of each front server's variant in turn."""
    request.node.variant = request.param
    return port_of(request.param)


@pytest.fixture
def variant(request, front):
    """The name of the variant behind `front`."""
    return request.node.variant


def pytest_collection_modifyitems(items):
    if not os.access(paths.GATEHOUSE, os.X_OK):
        pytest.exit(f"there is no {paths.GATEHOUSE}: run scripts/build first", 1)
