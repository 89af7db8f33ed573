"""Fixtures: modules built once, servers started once where tests do not disturb each other, nothing left behind."""

import os
import pathlib
import resource
import shutil
import signal
import tempfile

import pytest

from harness import front_servers, modules, paths, procfs
from harness.apache import apache, mod_fcgid
from harness.gatehouse import serve, shared_socket
from harness.nginx import VARIANTS, nginx
from harness.systemd import Systemd

# Every front server's variant that answers the basic table.
FRONTS = [
    *VARIANTS, "lighttpd fastcgi", "lighttpd scgi", "apache fastcgi", "apache fastcgi reuse", "apache scgi",
    "haproxy fastcgi", "haproxy fastcgi multiplexed", "caddy fastcgi", "h2o fastcgi", "h2o fastcgi keep-alive",
    "mod_fcgid",
]


def pytest_configure(config):
    # A time limit's SIGTERM ends the tests as Ctrl-C does, servers included.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Modules and sockets are what a careful operator would make them, whatever the shell's mask.
    os.umask(0o022)
    # The tests themselves hold thousands of connections.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20000), most))


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
    """Gatehouse with the echo sample on both protocols, for every test that leaves it as it was."""
    holder = Shared(serve(run_folder, echo, socket=shared_socket(), nofile=8192))
    yield holder
    assert holder.server.stop() == 0


@pytest.fixture
def gatehouse(shared):
    """The shared Gatehouse. Where its worker dies, the test that saw that has failed; the next one gets a new one."""
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


@pytest.fixture(scope="session")
def front_of(run_folder, shared, echo):
    """Which front server, by the first word of a variant's name; each is started when it is first asked for."""
    def spawning(folder, gatehouse):
        # The one that starts a Gatehouse of its own.
        return mod_fcgid(folder, f"{paths.GATEHOUSE} serve --module {echo}")

    kinds = {"nginx": nginx, "lighttpd": front_servers.lighttpd, "apache": apache, "haproxy": front_servers.haproxy,
             "caddy": front_servers.caddy, "h2o": front_servers.h2o, "mod_fcgid": spawning}
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
    """The same, as a test finds it and leaves it."""
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
