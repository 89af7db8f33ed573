"""The cost of the scoreboard for a request: the same handler in the same worker, with it and without."""

import contextlib
import os
import statistics

from harness import fastcgi, modules, procfs
from harness.bare_worker import BareWorker, balance_board, listen
from harness.scoreboard import LOOPS, Scoreboard
from harness.waiting import until

from .figure import Figure

ROUNDS, BATCHES, BATCH = 12 * LOOPS, 20, 32
# Nanoseconds: "a few hundred".
COST = 500


def observability(folder, options):
    """A board has room for so many event loops. As many more are told nowhere, and run the same code beside them.

    The worker's processor time per request is measured on connections of either kind in turn."""
    board, balance = Scoreboard(), balance_board()
    with contextlib.ExitStack() as stack:
        stack.callback(board.close)
        stack.callback(os.close, balance)
        listener = stack.enter_context(listen(folder / "w.sock"))
        # Balanced, or one loop would take every connection.
        worker = BareWorker(listener, {"/": modules.build("echo")}, loops=2 * LOOPS, board=balance,
                            shares={"scoreboard": board.descriptor})
        stack.callback(worker.stop)
        worker.wait_for("ready")
        told, untold = _connections(folder / "w.sock", board, stack)
        pairs = [(_cost(worker, told[number % LOOPS]), _cost(worker, untold[number % LOOPS]))
                 for number in range(ROUNDS)]
    yield Figure("a small request without the scoreboard, ns", statistics.median(pair[1] for pair in pairs))
    yield Figure("what the scoreboard adds, ns", statistics.median(pair[0] - pair[1] for pair in pairs), COST)


def _connections(path, board, stack):
    """Connections whose loops have a place on the board, and as many whose loops have none."""
    found = {True: [], False: []}

    def enough():
        connection = stack.enter_context(fastcgi.Connection(path))
        before = _told(board)
        assert connection.request(keep=True).status == 200
        found[_told(board) > before].append(connection)
        return all(len(connections) >= LOOPS for connections in found.values())

    until(enough, "connections on both kinds of loop", 20)
    return found[True], found[False]


def _told(board):
    return sum(loop.requests for loop in board.read().loops)


def _cost(worker, connection):
    """Nanoseconds per request; many come at once, so that little of it is waking up."""
    ids = range(1, BATCH + 1)
    batch = b"".join(fastcgi.request(id=id, keep=True) for id in ids)
    began = procfs.exact_cpu_seconds(worker.pid)
    for _ in range(BATCHES):
        connection.send(batch)
        connection.responses(ids)
    return 1e9 * (procfs.exact_cpu_seconds(worker.pid) - began) / (BATCHES * BATCH)
