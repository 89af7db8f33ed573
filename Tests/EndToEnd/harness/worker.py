"""One `gatehouse-worker` without a supervisor: the test is the supervisor."""

import json
import os
import pathlib
import signal
import socket

from . import fastcgi, paths
from .program import Program
from .scoreboard import Scoreboard

WORKER = str(pathlib.Path(paths.GATEHOUSE).with_name("gatehouse-worker"))


class Worker(Program):
    """A worker on a FastCGI socket in `folder`, with scoreboard, crash file and access log. Ready when constructed."""

    def __init__(self, folder, module, *, event_loops=1, stalls=None, access_log=None, quarantine=()):
        folder = pathlib.Path(folder)
        self.socket = str(folder / "worker.sock")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.socket)
        listener.listen(128)
        self.scoreboard = Scoreboard()
        self.crash = os.memfd_create("gatehouse-crash", os.MFD_CLOEXEC)
        self._control, control = socket.socketpair()
        plan_file = os.memfd_create("gatehouse-plan", os.MFD_CLOEXEC)
        log = os.open(access_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if access_log else None
        plan = {
            "pool": "web", "worker": 1, "generation": 1, "eventLoops": event_loops, "limits": {}, "logLevel": "info",
            "listeners": [{"descriptor": listener.fileno(), "gatewayProtocol": "fastcgi",
                           "endpoint": f"fastcgi:{self.socket}"}],
            "modules": [{"path": str(module), "mount": "/", "settings": "{}", "settingsOrigin": ""}],
            "descriptors": {"scoreboard": self.scoreboard.descriptor, "crash": self.crash},
            "acceptsAtOnce": True, "balanceCell": 0,
            "stalls": {"reportAfter": 0, "backtraceAfter": 0, **(stalls or {})}, "quarantine": list(quarantine),
        }
        if access_log:
            plan["accessLog"] = {"descriptor": log, "format": "$status $request_method $request_uri $request_id"}
        os.write(plan_file, json.dumps(plan).encode())
        os.lseek(plan_file, 0, os.SEEK_SET)
        inherited = [plan_file, control.fileno(), listener.fileno(), self.scoreboard.descriptor, self.crash]
        inherited += [log] if access_log else []
        super().__init__([WORKER, "--plan", plan_file, "--control", control.fileno()], pass_fds=inherited)
        os.close(plan_file)
        control.close()
        listener.close()
        if log is not None:
            os.close(log)
        self._control.settimeout(20)
        self.reports = self._control.makefile("r")
        try:
            self.wait_for_report("ready")
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def wait_for_report(self, kind):
        said = []
        for line in self.reports:
            report = json.loads(line)
            said.append(report)
            if kind in report:
                return report[kind]
        raise AssertionError(f"the worker never reported {kind}, but {said}; it said {self.lines()}")

    def connect(self, timeout=20.0):
        return fastcgi.Connection(self.socket, timeout)

    def get(self, path, **options):
        with self.connect() as connection:
            return connection.request(path, **options)

    def crash_file(self):
        """What the crash handler wrote."""
        return os.pread(self.crash, 1 << 20, 0).decode()

    def close(self):
        """End the worker, and everything of ours that it shared."""
        try:
            self.stop()
        finally:
            self.reports.close()
            self._control.close()
            self.scoreboard.close()
            os.close(self.crash)
