"""Programs that a handler starts: each inherits three descriptors, and nothing else (row E9)."""

import os
import signal

import pytest

from harness import modules, procfs
from harness.client import free_ports
from harness.gatehouse import Gatehouse, run
from harness.waiting import until


@pytest.fixture(scope="module")
def children():
    return modules.build("children")


def mask(pid, name):
    """A set of signals of the process by its name in proc(5): SigBlk, SigIgn."""
    with open(f"/proc/{pid}/status") as file:
        value = next(int(line.split()[1], 16) for line in file if line.startswith(name + ":"))
    return {number for number in signal.valid_signals() if value >> (number - 1) & 1}


def test_a_handlers_child_has_three_descriptors(serving, children):
    # With everything that a worker can be given: an access log, a neighbour, a control socket, a crash file.
    server = serving(children, pool={"workers": 2, "access-log": "stdout"})
    child = int(server.get("/start").body)
    try:
        # posix_spawn returns a moment before the kernel closes the descriptors that are closed on exec.
        until(lambda: sorted(map(int, os.listdir(f"/proc/{child}/fd"))) == [0, 1, 2], "three are left", 5)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_handlers_child_ends_when_it_is_told(serving, children):
    server = serving(children)
    child = int(server.get("/start").body)
    try:
        until(lambda: mask(child, "SigBlk") == mask(child, "SigIgn") == set(), "no signal is held back", 5)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_port_is_free_when_the_supervisor_has_stopped(folder, children):
    """A program that a handler has started does not hold the port."""
    (port,) = free_ports(1)
    arguments = ["--module", children, "--listen", f"fastcgi:127.0.0.1:{port}"]
    server = Gatehouse(folder, arguments)
    started = run("request", "/start", "--via", f"fastcgi:127.0.0.1:{port}")
    child = int(started.stdout)
    try:
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        again = Gatehouse(folder, arguments)
        assert run("request", "/hello", "--via", f"fastcgi:127.0.0.1:{port}").returncode == 0
        assert procfs.exists(child)
        again.stop()
    finally:
        os.kill(child, signal.SIGKILL)
