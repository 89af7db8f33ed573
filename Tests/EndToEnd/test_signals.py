"""After a storm of signals, with workers being killed meanwhile, everything is as it should be (row E3)."""

import os
import random
import signal
import time

import pytest

from harness import documents, fastcgi, procfs
from harness.waiting import until

STORMS = int(os.environ.get("GATEHOUSE_STORMS", "3"))
WORKERS = 3
# The number of signals of a storm, and the longest pause between two, in milliseconds.
COUNT, LONGEST_PAUSE = 25, 24
# The goal is 2 s, on a machine that does nothing else.
SETTLING = float(os.environ.get("GATEHOUSE_SETTLING_SECONDS", "10"))


def storm(server, seed, numbers):
    """Send signals to the supervisor one after another, and kill a worker now and then; `seed` decides which and when.

    Before each SIGHUP something is changed; returns what was written last."""
    choices = random.Random(seed)
    written = None
    for number in range(COUNT):
        # Different pauses make the storm: each signal arrives at another stage of the previous one's work.
        time.sleep(choices.randint(0, LONGEST_PAUSE) / 1000)
        victims = sorted(server.workers) if choices.random() < 0.2 else []
        if victims:
            try:
                os.kill(choices.choice(victims), signal.SIGKILL)
            except ProcessLookupError:
                pass
        what = choices.choice(numbers)
        if what == signal.SIGHUP:
            written = write_number(server, number)
        server.send_signal(what)
    return written


def write_number(server, number):
    """Change the configuration, so that there is a reason to reload."""
    server.configuration["pools"]["web"]["environment"] = {"NUMBER": str(number)}
    server.rewrite()
    return str(number)


def number_of(pid):
    """The change with which a worker was started."""
    try:
        with open(f"/proc/{pid}/environ") as file:
            return dict(pair.partition("=")[::2] for pair in file.read().split("\0") if pair).get("NUMBER")
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_settled(server, written):
    """Whether the newest generation alone is there, with as many as there should be and what was written last."""
    report = server.status("web")
    workers = report["workers"]
    return (len(workers) == WORKERS and server.workers == {worker["pid"] for worker in workers}
            and all((worker["state"], worker["generation"]) == ("serving", report["generation"]) for worker in workers)
            and {number_of(worker["pid"]) for worker in workers} == {written})


def has_failed_by_a_kill(server):
    """Whether the last reload ended because one of its workers was killed before it served."""
    return "SIGKILL" in (server.status().get("lastReloadFailure") or "")


@pytest.mark.parametrize("seed", range(STORMS))
def test_after_a_storm_the_newest_generation_serves(serving, echo, seed):
    server = serving(echo, pool={"workers": WORKERS})
    written = storm(server, seed, [signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD])
    wanted = f"{WORKERS} workers with the configuration that was written last"
    until(lambda: is_settled(server, written) or has_failed_by_a_kill(server), wanted, SETTLING)
    # If the storm killed a worker of the last candidate generation, that reload has failed, and says so.
    if not is_settled(server, written):
        assert server.command("reload").done
        until(lambda: is_settled(server, written), wanted, SETTLING)
    assert server.running and server.get("/hello").status == 200
    assert server.status()["pid"] == server.pid
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0
    assert not procfs.session_members(server.pid)


def test_generations_that_chase_each_other(serving, echo):
    """Each SIGHUP finds another configuration than the one before, while workers of earlier ones still start."""
    server = serving(echo, pool={"workers": WORKERS})
    choices = random.Random(7)
    for number in range(10):
        written = write_number(server, number)
        server.send_signal(signal.SIGHUP)
        time.sleep(choices.randint(0, LONGEST_PAUSE) / 1000)
    # All workers have the last one that was written; those between may have been skipped.
    until(lambda: is_settled(server, written), "the last word counts", SETTLING)
    assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_storm_that_ends_with_the_end(serving, echo, number):
    server = serving(echo, pool={"workers": WORKERS})
    storm(server, 11, [signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD])
    server.send_signal(number)
    # Signals that come after the end has begun change nothing.
    for late in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM, signal.SIGCHLD):
        if server.running:
            server.send_signal(late)
    assert server.wait(10) == 0
    assert not procfs.session_members(server.pid)
    assert not os.path.exists(server.fastcgi_socket)


# Signals that somebody sends by habit or by mistake, or that the kernel sends.
HARMLESS = [signal.SIGPIPE, signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT, signal.SIGALRM,
            signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGSTKFLT, signal.SIGTTIN,
            signal.SIGTTOU, signal.SIGXFSZ, signal.SIGRTMIN, signal.SIGRTMIN + 3, signal.SIGRTMAX]


def test_signals_that_mean_nothing_to_it_do_nothing(serving, echo):
    server = serving(echo, by_file=True)
    before = server.serving()
    for number in HARMLESS:
        server.send_signal(number)
    assert server.get("/hello").status == 200
    assert server.running and server.serving() == before
    # They are described in the document for operators.
    text = documents.text("SIGNALS.md")
    for number in HARMLESS:
        if isinstance(number, signal.Signals) and number not in (signal.SIGRTMIN, signal.SIGRTMAX):
            assert number.name in text, number


def test_signals_that_mean_nothing_to_a_worker_do_nothing(serving, echo):
    """`pkill -HUP gatehouse` finds workers, too."""
    server = serving(echo, by_file=True)
    (worker,) = server.serving()
    for number in [*HARMLESS, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2]:
        os.kill(worker, number)
    assert server.get("/hello").status == 200
    assert server.serving() == {worker} and server.status("web")["spawned"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_a_worker_that_is_told_to_leave_is_replaced(serving, echo, number):
    server = serving(echo, by_file=True)
    (worker,) = server.serving()
    os.kill(worker, number)
    until(lambda: worker not in server.workers and server.serving(), "another one serves")
    assert not [line for line in server.lines() if "crashed" in line.lower()]


def test_sigquit_finishes_what_is_in_flight(serving, echo):
    """As nginx and PHP-FPM have it; Swift's runtime would take it for a crash."""
    server = serving(echo)
    with server.connect() as connection:
        connection.send(fastcgi.request("/sleep?ms=700"))
        until(lambda: server.counters()["live"] == 1, "the request runs")
        server.send_signal(signal.SIGQUIT)
        assert connection.response(1).status == 200
    assert server.wait(20) == 0 and not os.path.exists(server.fastcgi_socket)
    assert not [line for line in server.lines() if "crashed" in line.lower()]


def test_a_stopped_worker_goes_on(serving, echo):
    """SIGSTOP and SIGCONT are an operator's, with a debugger perhaps: a short one is no fault."""
    server = serving(echo, by_file=True)
    (worker,) = server.serving()
    os.kill(worker, signal.SIGSTOP)
    os.kill(worker, signal.SIGCONT)
    assert server.get("/hello").status == 200 and server.serving() == {worker}


def test_an_idle_worker_that_stays_stopped_is_replaced(serving, echo):
    """Its loops wait for something to do, which is all that its scoreboard shows: only its silence tells."""
    server = serving(echo, by_file=True, limits={"request": "300ms"})
    (worker,) = server.serving()
    os.kill(worker, signal.SIGSTOP)
    server.wait_for_line("has not answered for 5 s", 15)
    until(lambda: server.serving() and worker not in server.serving(), "another one serves", 10)
    assert server.get("/hello").status == 200
