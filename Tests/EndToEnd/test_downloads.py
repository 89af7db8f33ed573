"""A large download to a slow reader costs the worker no memory, and arrives whole."""

import pytest

from harness import pattern, procfs
from harness.client import connect, get
from harness.waiting import until_steady

MIB = 1 << 20


@pytest.mark.parametrize("variant", ["nginx fastcgi", "nginx fastcgi unbuffered keep-alive", "nginx scgi",
                                     "nginx uwsgi"])
def test_1_gib_to_a_slow_reader(gatehouse, port_of, variant):
    port, worker = port_of(variant), gatehouse.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    connection = connect(port, get("/stream?mib=1024&length=1"), receive_buffer=65536, timeout=60)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"200" in head.split(b"\r\n")[0]
    # Nobody reads now: the worker writes until the buffers between us are full, and then it waits.
    until_steady(lambda: procfs.cpu_seconds(worker), "the worker waits for the reader", for_seconds=0.5)
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB
    at = _follow(connection, body)
    connection.close()
    assert at == 1024 * MIB
    assert procfs.memory(worker, "VmHWM") - before < 16 * MIB


def _follow(connection, chunk):
    """Read and compare to the end; how many bytes there were."""
    at = 0
    while chunk:
        pattern.check(chunk, at)
        at += len(chunk)
        chunk = connection.recv(262144)
    return at
