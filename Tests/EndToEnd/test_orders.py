"""A supervisor's orders, given by hand: accept, probe, drain with and without hand-over."""

import os
import select
import signal

import pytest

from harness import fastcgi, procfs
from harness.bare_worker import BareWorker, Relay, balance_board, cell, listen
from harness.kept_load import KeptLoad
from harness.nginx import nginx_kept
from harness.waiting import until, until_steady


@pytest.fixture
def shared_listener(folder):
    """A listening socket, its path, and nobody who accepts on it yet."""
    path = folder / "w.sock"
    with listen(path) as listener:
        yield listener, str(path)


@pytest.fixture
def bare(shared_listener, echo):
    """Start workers on that socket: `bare(number=1, accepts=False, …)`. They are ended after the test."""
    started = []

    def start(modules=None, **options):
        worker = BareWorker(shared_listener[0], modules or {"/": echo}, **options)
        started.append(worker)
        worker.wait_for("ready")
        return worker

    yield start
    for worker in started:
        worker.stop(signal.SIGINT)


@pytest.fixture
def relay():
    made = Relay()
    yield made
    made.stop()


def test_a_worker_is_ready_before_it_may_accept(bare, shared_listener):
    worker = bare(accepts=False)
    with fastcgi.Connection(shared_listener[1], 20) as connection:
        connection.send(fastcgi.request("/hello"))
        worker.order("probe", number=7)
        worker.wait_for({"probed": {"number": 7}})
        assert not select.select([connection.socket], [], [], 0)[0], "nobody was told to accept"
        worker.order("accept")
        assert connection.response().status == 200


def test_a_held_loop_answers_no_probe(bare, shared_listener):
    worker = bare()
    with fastcgi.Connection(shared_listener[1], 20) as connection:
        before = procfs.cpu_seconds(worker.pid)
        connection.send(fastcgi.request("/spin?ms=2000"))
        until(lambda: procfs.cpu_seconds(worker.pid) > before + 0.1, "the handler spins", 10)
        worker.order("probe", number=1)
        until(lambda: procfs.cpu_seconds(worker.pid) > before + 0.3, "it goes on", 10)
        assert {"probed": {"number": 1}} not in worker.reports
        assert connection.response().status == 200
        worker.wait_for({"probed": {"number": 1}})


def test_no_request_from_outside_reaches_the_probe(bare, shared_listener):
    bare()
    with fastcgi.Connection(shared_listener[1], 20) as connection:
        assert b"gatehouse answers" not in connection.request("/").body


def test_an_order_that_is_not_understood_is_passed_over(bare):
    worker = bare()
    worker.control.sendall(b'{"dance":{}}\nmalformed\n{"probe":{"number":3}}\n')
    worker.wait_for({"probed": {"number": 3}})
    # Standard error is another channel than the reports, so it may be later.
    until(lambda: sum("an order is not understood" in line for line in worker.lines()) == 2, "both are passed over", 5)


def test_a_worker_whose_supervisor_has_gone_drains(bare, shared_listener):
    worker = bare()
    with fastcgi.Connection(shared_listener[1], 20) as connection:
        connection.send(fastcgi.request("/sleep?ms=700"))
        until(lambda: b"live=1" in _get(shared_listener[1], "/counters"), "the handler runs", 5)
        worker.hang_up()
        assert connection.response().body == b"slept\n"
    assert worker.wait(10) == 0


def test_a_worker_drains_although_nobody_reads_what_it_says(bare, shared_listener):
    """The supervisor reads standard error through a pipe; with the supervisor, its reader has gone."""
    read, write = os.pipe()
    worker = bare(stderr=write)
    os.close(write)
    os.close(read)
    with fastcgi.Connection(shared_listener[1], 20) as connection:
        assert connection.request("/throw", keep=True).status == 500
        connection.send(fastcgi.request("/sleep?ms=1500", keep=True))
        until(lambda: b"live=1" in _get(shared_listener[1], "/counters"), "the handler runs", 5)
        before = procfs.cpu_seconds(worker.pid)
        worker.hang_up()
        assert connection.response().body == b"slept\n"
        assert procfs.cpu_seconds(worker.pid) - before < 0.5, "it spins"
    assert worker.wait(10) == 0


def test_an_idle_connection_is_handed_over_with_what_is_on_its_way(bare, shared_listener, relay):
    old, new = bare(), bare(accepts=False)
    relay.add(old)
    relay.target = new
    with fastcgi.Connection(shared_listener[1], 20) as idle, fastcgi.Connection(shared_listener[1], 20) as busy:
        assert idle.request("/hello", keep=True).status == 200
        busy.send(fastcgi.request("/sleep?ms=500", keep=True))
        until(lambda: b"live=1" in _get(shared_listener[1], "/counters"), "the handler runs", 5)
        new.order("accept")
        old.order("drain", handsOver=True)
        old.wait_for("draining")
        assert busy.response().body == b"slept\n"
        assert old.wait(10) == 0
        # The worker has ended as soon as it has handed them over; the relay counts them a moment later.
        until(lambda: relay.carried >= 2, "both are carried to the new worker", 5)
        for connection in (idle, busy):
            response = connection.request("/echo", method="POST", body=b"still here", keep=True)
            assert (response.status, response.body) == (200, b"still here")


def test_where_nobody_takes_connections_they_are_answered_once_more(bare, shared_listener):
    worker = bare()
    worker.hand_over.close()
    with fastcgi.Connection(shared_listener[1], 20) as kept:
        assert kept.request("/hello", keep=True).status == 200
        kept.send(fastcgi.head("/echo", "POST", keep=True, CONTENT_LENGTH="4"))
        until_steady(lambda: procfs.descriptors(worker.pid), "the request has begun")
        worker.order("drain", handsOver=True)
        worker.wait_for("draining")
        kept.send(fastcgi.stream(fastcgi.STDIN, b"late") + fastcgi.record(fastcgi.STDIN))
        assert kept.response().body == b"late"
    assert worker.wait(10) == 0


@pytest.mark.parametrize("keepalive", [32, 0])
def test_twenty_generations_under_load_lose_nothing(bare, folder, shared_listener, relay, keepalive):
    folder.chmod(0o777)
    board = balance_board()
    current = bare(board=board)
    relay.add(current)
    front = nginx_kept(folder, shared_listener[1], keepalive)
    load = KeptLoad(front.ports["kept"], 32, "/echo", method="POST")
    try:
        for number in range(1, 21):
            successor = bare(accepts=False, board=board, number=number)
            relay.add(successor)
            relay.target = successor
            successor.order("accept")
            until(lambda: cell(board, number)[1], "the successor accepts", 10, interval=0.001)
            current.order("drain", handsOver=True)
            assert current.wait(20) == 0
            assert cell(board, number - 1) == (0, 0)
            current = successor
            before = load.count
            until(lambda: load.count > before + 64, "the load goes on", 20)
        load.stop()
        print(f"{load.answers}, {relay.carried} connections handed over, {len(load.faults)} faults")
        assert not load.faults, load.faults[:5]
        assert set(load.answers) == {200}
        # Without keep-alive it is only who connected just then and had not asked yet.
        assert not keepalive or relay.carried > 20
    finally:
        load.stop()
        os.close(board)
        front.stop()


def _get(path, target):
    with fastcgi.Connection(path, 20) as connection:
        return connection.request(target).body
