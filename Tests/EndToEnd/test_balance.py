"""Workers that share a listening socket get about the same number of connections, and so of requests."""

import collections
import json
import os
import pathlib
import re
import signal
import threading

import pytest

from harness import fastcgi, modules, procfs
from harness.bare_worker import BareWorker, balance_board, cell, listen
from harness.nginx import nginx_kept
from harness.program import Program
from harness.waiting import until, until_steady

WORKERS = 4
# Busiest to idlest, in requests.
GOAL = 1.3
LUA = str(pathlib.Path(__file__).parent / "harness" / "who_answers.lua")


@pytest.fixture
def four(folder):
    """Four workers on one socket: (path, board, workers). Each says its number on `/`."""
    folder.chmod(0o777)
    board = balance_board()
    with listen(folder / "w.sock") as listener:
        workers = [BareWorker(listener, {"/": modules.build("settings")}, board=board, number=number,
                              settings=json.dumps({"title": "worker", "count": number})) for number in range(WORKERS)]
        for worker in workers:
            worker.wait_for("ready")
        yield str(folder / "w.sock"), board, workers
        for worker in workers:
            worker.stop(signal.SIGINT)
    os.close(board)


def test_128_kept_connections_are_spread_evenly(folder, four):
    path, board, _ = four
    front = nginx_kept(folder, path, 128)
    try:
        url = f"http://127.0.0.1:{front.ports['kept']}/slow"
        wrk = Program(["wrk", "-t", "1", "-c", "128", "-d", "6", "-s", LUA, url])
        held = until_steady(lambda: [cell(board, number)[0] for number in range(WORKERS)], "all are connected", 1)
        assert wrk.wait(60) == 0
        said = "\n".join(wrk.lines())
        counts = {key: int(count) for key, count in re.findall(r"^answer\t(.+)\t(\d+)$", said, re.MULTILINE)}
        print(f"requests {counts}, connections {held}")
        assert sum(held) == 128 and max(held) <= GOAL * min(held)
        assert set(counts) == {f"worker {number}" for number in range(WORKERS)}, said
        assert max(counts.values()) <= GOAL * min(counts.values())
    finally:
        front.stop()


def test_a_worker_that_is_stuck_delays_nobody(four):
    """Worker 0 stands still with the fewest connections of all, so everybody would leave everything to it."""
    path, board, workers = four
    with _Held(path, 40) as _:
        until(lambda: sum(cell(board, number)[0] for number in range(WORKERS)) == 40, "all are accepted", 10)
        os.kill(workers[0].pid, signal.SIGSTOP)
        # The signal is on its way until then, and the worker may still accept.
        until(lambda: procfs.is_stopped(workers[0].pid), "worker 0 stands still", 10)
        try:
            with _Held(path, 60) as connections:
                answers = collections.Counter(one.request("/", keep=True).body for one in connections)
            print(answers)
            assert sum(answers.values()) == 60 and b"worker 0\n" not in answers
        finally:
            os.kill(workers[0].pid, signal.SIGCONT)


def test_a_cell_follows_its_worker_and_is_empty_when_it_has_stopped(four):
    path, board, workers = four
    with _Held(path, 8):
        until(lambda: sum(cell(board, number)[0] for number in range(WORKERS)) == 8, "all are accepted", 10)
    until(lambda: all(cell(board, number) == (0, 1) for number in range(WORKERS)), "all have gone", 10)
    workers[1].order("drain", handsOver=False)
    assert workers[1].wait(10) == 0
    assert cell(board, 1) == (0, 0)


class _Held:
    """So many FastCGI connections that are just open."""

    def __init__(self, path, count):
        self.connections = [fastcgi.Connection(path, 20) for _ in range(count)]

    def __enter__(self):
        return self.connections

    def __exit__(self, *_):
        for connection in self.connections:
            connection.__exit__(None, None, None)


def test_a_new_connection_is_taken_while_handlers_compute(folder, echo):
    """Kept connections give the loop more to do in each turn than the time for which it accepts."""
    board = balance_board()
    with listen(folder / "w.sock") as listener:
        worker = BareWorker(listener, {"/": echo}, board=board, number=0)
        worker.wait_for("ready")
        stopped = threading.Event()
        try:
            with _Held(folder / "w.sock", 6) as kept:
                def compute(connection):
                    while not stopped.is_set():
                        connection.request("/spin?ms=5", keep=True)

                threads = [threading.Thread(target=compute, args=[connection]) for connection in kept]
                for thread in threads:
                    thread.start()
                try:
                    for _ in range(20):
                        with fastcgi.Connection(folder / "w.sock", 5) as new:
                            assert new.request("/hello").body == b"Hello from Gatehouse\n"
                finally:
                    stopped.set()
                    for thread in threads:
                        thread.join()
        finally:
            worker.stop(signal.SIGINT)
    os.close(board)
