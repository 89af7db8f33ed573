"""INSTALL.md's own commands, in its order, on a systemd of their own; and what it says of the sandbox."""

import pathlib
import shlex
import shutil
import subprocess

import pytest

from harness import documents, modules, paths
from harness.systemd import Systemd, needs_systemd
from harness.waiting import until

pytestmark = needs_systemd

SOURCE = "/usr/local/src/Hello/Sources/Hello.swift"


@pytest.fixture
def empty():
    """A machine without Gatehouse."""
    made = Systemd(empty=True)
    yield made
    made.close()


class Reader:
    """Somebody who does what INSTALL.md says, section by section, and types each block into a shell of its own."""

    def __init__(self, machine):
        self.machine = machine
        self._sections = list(documents.sections("INSTALL.md").items())

    def go_on(self, title):
        """The next section's commands, which must be the one with this title; what each block printed."""
        number_and_title, part = self._sections.pop(0)
        assert number_and_title.partition(" ")[2] == title
        return [self.type(block) for block in documents.blocks(part, "sh")]

    def type(self, commands):
        """Commands, each of which must succeed; what they printed."""
        in_the_checkout = f"cd {shlex.quote(str(paths.ROOT))}\n{commands}"
        return self.machine.run("bash", "-e", "-o", "pipefail", "-c", in_the_checkout, seconds=300).stdout

    def next_blocks(self):
        """The commands of the next section, which is not done."""
        return documents.blocks(self._sections.pop(0)[1], "sh")

    @property
    def has_more(self):
        return bool([part for _, part in self._sections if documents.blocks(part, "sh")])


def ask(machine, path, host="localhost"):
    return machine.run("curl", "-sS", "--fail", "-H", f"Host: {host}", f"http://127.0.0.1{path}").stdout


def test_from_an_empty_machine_to_a_service_with_two_pools_logs_and_a_way_back(empty):
    reader = Reader(empty)
    # The packages are the tests' own, and the build is the one that the tests run against: it is not repeated here.
    (update, packages, build), = [block.splitlines() for block in reader.next_blocks()]
    assert (update, build) == ("apt-get update", "scripts/build")
    for package in packages.removeprefix("apt-get install -y ").split():
        assert subprocess.run(["dpkg", "-s", package], capture_output=True).returncode == 0, package

    reader.go_on("Install")
    (hello,) = [block for block in documents.blocks(documents.text("README.md"), "swift") if "@main" in block]
    empty.write(SOURCE, hello)
    reader.go_on("A module")
    (said,) = reader.go_on("Configuration, and start")
    assert "ok: 1 pool, 1 module\n" in said and "\nHello from /\n" in said and "pool web: serving" in said
    assert reader.go_on("nginx")[0].endswith("Hello from /\n")

    said = reader.go_on("Two pools, each with a user of its own")
    assert "ok: 2 pools, 2 modules, 1 program\n" in said[1]
    assert said[2].endswith("Welcome from /blog/\nvisitor 1\n")
    assert owners(empty) == {"hello", "shop"}
    assert ask(empty, "/", "shop.example.org") == "visitor 2\n"

    log = pathlib.Path(empty.root + "/var/log/gatehouse/web.log")
    until(lambda: "/blog/hello" in log.read_text(), "the request is in the log")
    (said,) = reader.go_on("Logs")
    assert "\nweb.log.1\n" in f"\n{said}" and "gatehouse: ready" in said
    ask(empty, "/hello")
    until(lambda: "/hello" in log.read_text(), "the next request is in the new log")

    way_back(reader, hello)
    reader.go_on("Where a module may write")
    reader.go_on("Remove")
    assert not reader.has_more
    assert not empty.run("pgrep", "gatehouse", check=False).stdout


def owners(machine):
    """The users of all processes except the supervisor."""
    supervisor = machine.main_process()
    return {machine.run("stat", "-c", "%U", f"/proc/{process}").stdout.strip()
            for process in machine.processes() - {supervisor}}


def way_back(reader, hello):
    """Take back a version that does not start, and one that starts and is wrong."""
    machine = reader.machine
    deploy, take_back = reader.next_blocks()
    bad = hello.replace("        greeting = try", '        throw HTTPError(.badGateway, message: "no database")\n'
                        "        greeting = try")
    assert bad != hello
    machine.write(SOURCE, bad)
    reader.type(deploy)
    assert ask(machine, "/hello") == "Hello from /\n"
    assert "no database" in machine.journal("gatehouse.service")
    machine.run("systemctl", "restart", "gatehouse")
    assert ask(machine, "/hello") == "Hello from /\n", "a restart finds the old module"
    machine.write(SOURCE, hello.replace('"Hello"', '"Helo"'))
    reader.type(deploy)
    assert ask(machine, "/hello") == "Helo from /\n"
    reader.type(take_back)
    assert ask(machine, "/hello") == "Hello from /\n"


def test_the_readmes_configuration_is_the_one_that_is_installed():
    assert (paths.ROOT / "deploy/two-pools.yaml").read_text() in documents.blocks(documents.text("README.md"), "yaml")


@pytest.fixture
def writer(systemd):
    """Ask a module, under the unit as it is, to write somewhere."""
    module = "/usr/lib/gatehouse/modules/libWriter.so"
    shutil.copy(modules.build("writer"), systemd.root + module)
    systemd.configure(listen=["fastcgi:systemd:web"], modules=[{"mount": "/", "path": module}])
    systemd.run("systemctl", "start", "gatehouse.service")

    def write(folder):
        with systemd.connect() as connection:
            return connection.request(f"/write{folder}").body.decode()

    yield write
    systemd.run("rm", module)


def test_a_module_may_write_where_the_page_says_and_nowhere_else(writer):
    rows = documents.table(documents.sections("INSTALL.md")["9. Where a module may write"])
    assert len(rows) >= 9
    for place, may in rows:
        expected = "written" if may.startswith("yes") else "Read-only file system"
        assert writer(place.strip("`")) == expected, place
