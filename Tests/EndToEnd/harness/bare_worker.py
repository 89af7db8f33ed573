"""A `gatehouse-worker` without a supervisor: the test gives its orders and carries descriptors between workers."""

import contextlib
import json
import os
import pathlib
import selectors
import socket
import threading

from . import paths
from .program import Program

WORKER = str(pathlib.Path(paths.GATEHOUSE).parent / "gatehouse-worker")
# struct gatehouse_balance_board: 256 cells of 64 bytes.
BALANCE_BYTES = 256 * 64


def listen(path, mode=0o666):
    """A listening Unix socket, for workers to share."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    os.chmod(path, mode)
    listener.listen(4096)
    return listener


def balance_board():
    """The descriptor of an empty balance board."""
    board = os.memfd_create("balance")
    os.truncate(board, BALANCE_BYTES)
    return board


def cell(board, number):
    """(connections, accepting) of a worker's cell."""
    bytes = os.pread(board, 8, number * 64)
    return int.from_bytes(bytes[:4], "little"), int.from_bytes(bytes[4:], "little")


class BareWorker(Program):
    """One worker on a shared listening socket. `hand_over` is our end of its hand-over socket."""

    def __init__(self, listener, modules, *, board=None, number=0, limits=None, accepts=True, loops=1,
                 settings="{}", stderr=None, shares=None, plan=None, inherits=(), prefix=()):
        """`shares` are further descriptors by their names in the plan, `plan` has more of its keys, and `inherits` has
        descriptors that those name. `prefix` is a program that starts the worker."""
        self.control, control = socket.socketpair()
        self.hand_over, hand_over = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.reports = []
        descriptors = {"handOver": hand_over.fileno(), **(shares or {})}
        if board is not None:
            descriptors["balance"] = board
        whole = {
            "pool": "bare", "worker": number, "generation": 0, "eventLoops": loops, "limits": limits or {},
            "logLevel": "info", "acceptsAtOnce": accepts, "balanceCell": number, "descriptors": descriptors,
            "stalls": {"reportAfter": 0, "backtraceAfter": 0}, "quarantine": [],
            "listeners": [{"descriptor": listener.fileno(), "gatewayProtocol": "fastcgi", "endpoint": "fastcgi:bare"}],
            "modules": [{"path": str(path), "mount": mount, "settings": settings, "settingsOrigin": ""}
                        for mount, path in modules.items()], **(plan or {})}
        text = os.memfd_create("plan")
        os.write(text, json.dumps(whole).encode())
        os.lseek(text, 0, os.SEEK_SET)
        inherited = [listener.fileno(), control.fileno(), hand_over.fileno(), text, *(shares or {}).values(), *inherits]
        inherited += [board] if board is not None else []
        command = [*prefix, WORKER, "--plan", text, "--control", control.fileno()]
        if stderr is not None:
            inherited.append(stderr)
            command = ["sh", "-c", f'exec "$0" "$@" 2>/proc/self/fd/{stderr}', *command]
        super().__init__(command, pass_fds=inherited)
        os.close(text)
        control.close()
        hand_over.close()
        self._received = threading.Condition()
        threading.Thread(target=self._read_reports, daemon=True).start()

    def _read_reports(self):
        # A worker that ends with an order unread resets the channel.
        with self.control.makefile("rb") as lines, contextlib.suppress(ConnectionResetError):
            for line in lines:
                with self._received:
                    self.reports.append(json.loads(line))
                    self._received.notify_all()

    def wait_for(self, report, seconds=30.0):
        """Wait until the worker has reported `report`, given by its name or whole."""
        def has_come():
            return any(report == one or report in list(one) for one in self.reports)
        with self._received:
            assert self._received.wait_for(has_come, seconds), f"no {report} in {self.reports}: {self.lines()[-20:]}"

    def order(self, name, **fields):
        self.control.sendall(json.dumps({name: fields}).encode() + b"\n")

    def hang_up(self):
        """Close the channels, as a supervisor that dies does."""
        self.control.shutdown(socket.SHUT_RDWR)
        self.hand_over.close()


class Relay:
    """Carries connections that workers hand over to the worker `target`, as the supervisor does."""

    def __init__(self):
        self.target = None
        self.carried = 0
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, worker):
        self._selector.register(worker.hand_over, selectors.EVENT_READ)

    def _run(self):
        while not self._stopping:
            for key, _ in self._selector.select(0.05):
                message, descriptors, _, _ = socket.recv_fds(key.fileobj, 16, 1)
                if not message:
                    self._selector.unregister(key.fileobj)
                    continue
                socket.send_fds(self.target.hand_over, [message], descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                self.carried += 1

    def stop(self):
        self._stopping = True
        self._thread.join(5)
