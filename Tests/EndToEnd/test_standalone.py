"""A module's own program, as `swift run` starts it: without supervisor, for development. How it ends."""

import contextlib
import json
import signal
import socket
import sqlite3
import threading

import pytest

from harness import fastcgi, paths, sdk
from harness.client import ask, can_connect, free_ports
from harness.program import Program
from harness.waiting import until


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    source = paths.MODULE_SOURCES / "jobbing" / "Sources" / "Jobbing.swift"
    return sdk.link_program("Jobbing", [source], tmp_path_factory.mktemp("program"))


class Running:
    """The program over HTTP or FastCGI, and its database."""

    def __init__(self, program, folder, kind):
        self.file = folder / "jobs.sqlite"
        settings = {"database": {"url": f"sqlite:{self.file}"}, "lease": "30s"}
        (self.port,) = free_ports(1)
        self.socket = str(folder / "program.sock")
        self.kind = kind
        place = f"http:127.0.0.1:{self.port}" if kind == "http" else f"fastcgi:{self.socket}"
        self.process = Program([program, "--listen", place, "--settings", json.dumps(settings)], cwd=folder)
        self.process.wait_for_line("serving http" if kind == "http" else "listening on")

    def ask(self, path, method="GET"):
        if self.kind == "http":
            answer = ask(self.port, path, method, b"" if method == "POST" else None)
        else:
            with fastcgi.Connection(self.socket) as connection:
                answer = connection.request(path, method=method)
        return answer.status, answer.body

    def can_connect(self):
        if self.kind == "http":
            return can_connect(self.port)
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            return client.connect_ex(self.socket) == 0

    def query(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, timeout=20)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(params=["http", "fastcgi"])
def running(request, program, folder):
    made = Running(program, folder, request.param)
    yield made
    made.process.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_lets_requests_and_jobs_end(running, number):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(running.ask("/wait/1500")))
    assert running.ask("/work/1/2000", "POST")[0] == 200
    asking.start()
    until(lambda: len(running.query("SELECT number FROM run")) == 2, "the request and the job are at work", 20)
    running.process.send_signal(number)
    until(lambda: not running.can_connect(), "it takes no new connection", 10)
    asking.join(30)
    assert answers == [(200, b"waited\n")]
    assert running.process.wait(30) == 0, running.process.lines()
    assert running.query("SELECT number, attempt, done FROM run WHERE number >= 0") == [(0, 1, 1)]
    assert running.query("SELECT count(*) FROM gatehouse_job WHERE kind = 'Work'") == [(0,)]
    assert not [line for line in running.process.lines() if " error " in line or " critical " in line]
