"""A worker's scoreboard, which outlives it, and its log: requests in flight, crashes, stalls, quarantine."""

import os
import pathlib
import signal
import sys

import pytest

from harness import fastcgi, modules, without_ptrace
from harness.bare_worker import BareWorker, listen
from harness.scoreboard import HANDLING, RESPONDING, Scoreboard
from harness.waiting import until


@pytest.fixture(scope="module")
def deaths():
    return modules.build("deaths")


class Observed:
    """A worker with a scoreboard, a crash file and an access log, and the socket that it serves."""

    def __init__(self, folder, module, prefix=(), **plan):
        self.path = str(folder / "t.sock")
        self.board = Scoreboard()
        self.crash = os.memfd_create("crash")
        self.log = folder / "access.log"
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with listen(self.path) as listener:
            self.worker = BareWorker(
                listener, {"/": module}, shares={"scoreboard": self.board.descriptor, "crash": self.crash},
                inherits=[log], prefix=prefix,
                plan={"accessLog": {"descriptor": log, "format": "$status $request_uri $request_id"}, **plan})
        os.close(log)
        self.worker.wait_for("ready")

    def connect(self):
        return fastcgi.Connection(self.path)

    def get(self, path, **variables):
        with self.connect() as connection:
            return connection.request(path, **variables)

    def crash_lines(self):
        return os.pread(self.crash, 1 << 20, 0).decode().splitlines()

    def close(self):
        self.worker.stop(signal.SIGINT)
        self.board.close()
        os.close(self.crash)


@pytest.fixture
def observed(folder):
    started = []

    def start(module, **options):
        started.append(Observed(folder, module, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_the_scoreboard_says_who_is_in_flight(observed, echo):
    one = observed(echo)
    with one.connect() as connection:
        connection.send(fastcgi.request("/sleep?ms=60000", REQUEST_ID="sleeper-1"))
        found = until(one.board.requests, "the request is on the board")
        assert list(found.values()) == [("GET", "/sleep?ms=60000", "Echo", "sleeper-1")]
        board = one.board.read()
        (number,) = found
        assert board.version == 1 and board.loop_count == 1
        assert board.slots[number].state == HANDLING
        cell = board.loops[0]
        assert (cell.in_flight, cell.connections, cell.accepted, cell.requests) == (1, 1, 1, 1)
        until(lambda: one.board.read().loops[0].busy_since == 0, "the loop waits")
        assert one.board.read().loops[0].current_slot == -1
    until(lambda: not one.board.requests(), "the client's leaving ends the request")
    until(lambda: one.board.read().loops[0].connections == 0, "the connection is gone")
    assert one.board.read().loops[0].in_flight == 0
    until(lambda: one.log.read_text() == "499 /sleep?ms=60000 sleeper-1\n", "the access log says that it was given up")


def test_a_streaming_response_is_responding(observed, echo):
    one = observed(echo)
    with one.connect() as connection:
        connection.send(fastcgi.request("/events?n=1000&ms=20"))
        connection.until_head()
        (slot,) = until(one.board.requests, "the request is on the board")
        until(lambda: one.board.read().slots[slot].response_bytes > 50, "bytes are counted as they go")
        assert one.board.read().slots[slot].state == RESPONDING


@pytest.mark.parametrize("path, numbers", [
    ("/trap", {signal.SIGILL, signal.SIGTRAP}), ("/trap-after-await", {signal.SIGILL, signal.SIGTRAP}),
    ("/null", {signal.SIGSEGV}), ("/abort", {signal.SIGABRT}), ("/overflow", {signal.SIGSEGV}),
])
def test_a_crash_names_its_request_among_others(observed, deaths, path, numbers):
    one = observed(deaths)
    with one.connect() as bystander, one.connect() as culprit:
        bystander.send(fastcgi.request("/wait", REQUEST_ID="bystander"))
        until(one.board.requests, "the bystander waits")
        culprit.send(fastcgi.request(path, REQUEST_ID="culprit"))
        status = one.worker.wait()
        assert -status in numbers, one.worker.lines()
    board = one.board.read()
    assert board.crash_signal == -status
    assert board.crash_thread == board.loops[0].thread
    assert board.slots[board.crash_slot].text("id") == "culprit"
    assert board.slots[board.crash_slot].text("path") == path
    assert "bystander" in [request[3] for request in one.board.requests().values()]
    assert any("deaths.so+0x" in line for line in one.crash_lines()), one.crash_lines()


def test_a_signal_from_outside_has_no_request(observed, echo):
    one = observed(echo)
    os.kill(one.worker.pid, signal.SIGABRT)
    assert one.worker.wait() == -signal.SIGABRT
    board = one.board.read()
    assert (board.crash_signal, board.crash_slot) == (signal.SIGABRT, -1)


def test_a_stall_names_its_request_and_shows_where(observed, echo):
    one = observed(echo, stalls={"reportAfter": 300, "backtraceAfter": 600})
    assert one.get("/spin?ms=2500", REQUEST_ID="spinner").status == 200
    line = one.worker.wait_for_line("has been held for")
    assert "[spinner]" in line and "GET /spin?ms=2500" in line and "module=Echo" in line
    one.worker.wait_for_line("this is where")
    one.worker.wait_for_line("echo.so+0x")
    one.worker.wait_for_line("works again")
    said = [text for text in one.worker.lines() if "its other requests wait meanwhile" in text]
    assert len(said) == 1, "once a stall"


@pytest.mark.parametrize("call", ["usleep", "poll"])
def test_looking_at_a_handler_that_sleeps_does_not_wake_it(observed, call):
    one = observed(modules.build("sleeps"), stalls={"reportAfter": 300, "backtraceAfter": 500})
    assert one.get(f"/{call}?ms=2500").body == b"0\n", "it has slept for as long as it wanted to"
    one.worker.wait_for_line("this is where")
    frames = [line for line in one.worker.lines() if "  #" in line]
    assert any(f" {call}+0x" in line and "libc.so" in line for line in frames), frames
    assert any("module sleeps.so+0x" in line for line in frames), "which of them are the module's"
    assert not any("module lib" in line for line in frames), frames


NO_PTRACE = (sys.executable, pathlib.Path(without_ptrace.__file__))


@pytest.mark.parametrize("call, words", [("usleep", "clock_nanosleep(2): it sleeps"), ("poll", "poll(2): it waits")])
def test_a_handler_that_sleeps_where_nobody_can_look_is_not_woken_either(observed, call, words):
    """A sandbox may forbid ptrace(2)."""
    one = observed(modules.build("sleeps"), prefix=NO_PTRACE, stalls={"reportAfter": 300, "backtraceAfter": 500})
    assert one.get(f"/{call}?ms=2500").body == b"0\n"
    one.worker.wait_for_line(f"is held in {words}")


def test_a_handler_that_computes_is_found_without_ptrace_too(observed, echo):
    one = observed(echo, prefix=NO_PTRACE, stalls={"reportAfter": 300, "backtraceAfter": 600})
    assert one.get("/spin?ms=2500").status == 200
    one.worker.wait_for_line("this is where")
    one.worker.wait_for_line("module echo.so+0x")


def test_a_worker_traces_its_loops_when_told_to(observed, echo):
    one = observed(echo)
    one.worker.order("backtrace")
    one.worker.wait_for("traced")
    one.worker.wait_for_line("backtrace of event loop 0")
    one.worker.wait_for_line("epoll_wait")
    assert one.get("/hello").status == 200


def test_a_quarantined_route_never_reaches_its_module(observed, deaths):
    route = {"method": "GET", "path": "/trap", "retryAfter": 60}
    one = observed(deaths, quarantine=[route])
    answer = one.get("/trap?again=1")
    assert answer.status == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert one.get("/hello").status == 200
    one.worker.wait_for_line("quarantined")
    one.worker.order("quarantine", _0=[])
    with one.connect() as connection:
        connection.send(fastcgi.request("/hello"))
        assert connection.response().status == 200


def test_the_access_log_is_whole_when_the_worker_has_ended(observed, echo):
    one = observed(echo)
    for number in range(20):
        assert one.get(f"/hello?{number}", REQUEST_ID=f"r{number}").status == 200
    one.worker.order("drain", handsOver=False)
    assert one.worker.wait() == 0
    assert one.log.read_text().splitlines() == [f"200 /hello?{number} r{number}" for number in range(20)]
