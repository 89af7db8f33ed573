"""When a program is up: not because it lives, but because its socket answers; until then the old one serves."""

import http.client
import os
import signal
import socket
import sys
import threading
import time

import pytest

from harness import programs
from harness.client import free_ports
from harness.exit_statuses import INIT_HUNG
from harness.gatehouse import serve_configuration
from harness.waiting import until

LATE = [sys.executable, str(programs.SOURCES / "late" / "late.py")]
# On "unix" the new program shares its socket with the old one; on "tcp" it has one of its own.
KINDS = ["unix", "tcp"]


class Site:
    """A pool of one such program."""

    def __init__(self, folder, kind, wait=True, limits=None, probe=None, **environment):
        self.folder = folder
        self.path = f"{folder}/late.sock"
        self.port = free_ports(1)[0] if kind == "tcp" else None
        self.listen = f"http:127.0.0.1:{self.port}" if self.port else f"http:{self.path}"
        pool = {"listen": [self.listen], "command": LATE, "environment": {"GREETING": "first", **environment},
                "limits": {"load": "20s", **(limits or {})}}
        if probe:
            pool["probe"] = probe
        self.server = serve_configuration(folder, {"pools": {"late": pool}}, wait=wait)

    def ask(self, path="/", seconds=20):
        """The process id of the program that answers, and its greeting."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port or 80, timeout=seconds)
        if not self.port:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(seconds)
            connection.sock.connect(self.path)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            pid, _, greeting = answer.read().decode().partition(" ")
            return int(pid), greeting
        finally:
            connection.close()

    def change(self, **environment):
        """Another program from the next reload on."""
        pool = self.server.configuration["pools"]["late"]
        pool["environment"] = {"GREETING": "second", **environment}
        self.server.rewrite()

    def reload(self, **environment):
        self.change(**environment)
        return self.server.command("reload")

    def greeting(self):
        return self.ask()[1]


@pytest.fixture
def site(folder):
    """`site("unix", LATE="1")`"""
    started = []

    def start(kind, **options):
        started.append(Site(folder, kind, **options))
        return started[-1]

    yield start
    for one in started:
        if one.server.running:
            assert one.server.stop() == 0, one.server.lines()[-20:]
    assert not [name for name in os.listdir(folder) if ".sock.g" in name], "no socket is left behind"


class Load:
    """Asks again and again, and notes who answers."""

    def __init__(self, site):
        self.answers, self.failures = [], []
        self._ends = threading.Event()
        self._site = site
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self._ends.is_set():
            try:
                self.answers.append(self._site.ask())
            except Exception as error:
                self.failures.append(repr(error))

    def stop(self):
        self._ends.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.parametrize("kind", KINDS)
def test_ready_is_said_when_it_answers(site, kind):
    late = site(kind, LATE="2")
    said = late.server.lines()
    accepts = next(index for index, line in enumerate(said) if line.endswith(": accepts"))
    ready = next(index for index, line in enumerate(said) if "gatehouse: ready" in line)
    assert accepts < ready, said


@pytest.mark.parametrize("kind", KINDS)
def test_until_the_new_one_answers_the_old_one_serves(site, kind):
    late = site(kind)
    load = Load(late)
    try:
        until(lambda: len(load.answers) > 20, "the load runs", 20)
        assert late.reload(LATE="3").done
        # A program that has been told to leave may still accept connections on a socket that both have.
        assert kind == "tcp" or late.greeting() == "second"
        mark = len(load.answers)
        until(lambda: len(load.answers) > mark + 20, "the load goes on", 20)
    finally:
        load.stop()
    assert not load.failures, (load.failures[:5], late.server.lines()[-10:])
    assert load.answers[-1][1] == "second"
    seen = [greeting for _, greeting in load.answers]
    assert seen.count("first") > 20 and seen.count("second") > 20


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_never_answers_is_given_up_and_said(site, kind):
    late = site(kind)
    late.server.configuration["pools"]["late"]["limits"]["load"] = "2s"
    load = Load(late)
    try:
        began = time.monotonic()
        refused = late.reload(LATE="1000")
        assert refused.status == INIT_HUNG and time.monotonic() - began >= 2
        assert 'did not answer within 2 s: the limit is "load" in limits' in refused.message
        until(lambda: len(load.answers) > 20, "the load runs", 20)
    finally:
        load.stop()
    assert not load.failures, load.failures[:5]
    assert {greeting for _, greeting in load.answers} == {"first"}


def test_at_the_first_start_one_that_never_answers_is_given_up(site):
    late = site("unix", wait=False, limits={"load": "1s"}, LATE="1000")
    assert late.server.wait(20) == INIT_HUNG
    assert any("did not answer within 1 s" in line for line in late.server.lines())


def test_no_client_meets_one_that_does_not_answer_its_probe_well(site):
    late = site("unix", probe="/health")
    late.server.configuration["pools"]["late"]["limits"]["load"] = "2s"
    load = Load(late)
    try:
        refused = late.reload(HEALTH="503")
        assert refused.status == INIT_HUNG and "GET /health at http:" in refused.message
        assert "is answered 503" in refused.message
        until(lambda: len(load.answers) > 20, "the load runs", 20)
    finally:
        load.stop()
    assert not load.failures, load.failures[:5]
    assert {greeting for _, greeting in load.answers} == {"first"}
    assert late.reload(HEALTH="204").done
    assert late.greeting() == "second"


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_last_makes_room_for_what_was_before(site, kind):
    late = site(kind)
    # On a socket that both share it may take a while until the new one gets a connection.
    assert late.reload(LIVES="1" if kind == "unix" else "5").done
    late.server.wait_for_line("the previous generation is started again")
    until(lambda: late.greeting() == "first", "the first one's settings serve", 20)
    report = late.server.status()
    assert "left with status 3" in report["lastReloadFailure"]
    until(lambda: len(late.server.status("late")["workers"]) == 1, "nobody else is left", 20)
    # The file still says the other: a reload tries it again.
    assert late.reload().done
    until(lambda: late.greeting() == "second", "the other one serves", 5)


def test_a_connection_finds_somebody_while_what_was_before_is_started(site):
    late = site("unix")
    assert late.reload(LIVES="1").done
    late.server.wait_for_line("is started again")
    assert late.ask()[1] in ("first", "second"), "it waits in the queue"


def test_of_the_programs_one_is_killed_from_outside_on_probation(site):
    late = site("unix")
    assert late.reload().done
    pid, _ = late.ask()
    os.kill(pid, signal.SIGKILL)
    after, greeting = late.ask()
    assert after != pid and greeting == "second"
    assert not any("the previous generation" in line for line in late.server.lines())


def test_who_connects_while_a_lost_socket_is_made_anew_is_answered(site):
    late = site("unix")
    os.unlink(late.path)
    late.change(LATE="2")
    late.server.send_signal(signal.SIGHUP)
    until(lambda: os.path.exists(late.path), "the socket is made anew", 10)
    assert late.greeting() == "second", "it waits in the queue"
    # The one without a file is given up with the program that has it.
    until(lambda: len(late.server.status("late")["workers"]) == 1, "nobody else is left", 20)
    assert late.greeting() == "second"


@pytest.mark.parametrize("kind", KINDS)
def test_a_worn_program_is_replaced_and_no_request_lost(site, kind):
    late = site(kind, limits={"worker-age": "1s"})
    load = Load(late)
    try:
        until(lambda: len({pid for pid, _ in load.answers}) >= 3, "each is replaced by another", 30)
    finally:
        load.stop()
    assert not load.failures, (load.failures[:5], late.server.lines()[-10:])
    assert any("served for long enough" in line for line in late.server.lines())
