"""One body of a GiB in each direction: what a GiB costs the backend, and how far its memory grows."""

import os
import socket
import statistics
import tempfile
import time

from . import front
from .processes import Failed

MIB = 1 << 20
CHUNK = 256 * 1024
TIMEOUT = 120


def measure(backends, port, mebibytes, rounds):
    """{(peer, direction): figures}. Growth counts from the memory before the backend's first transfer of that kind."""
    samples = {}
    start = {}
    for number in range(rounds):
        for backend in backends:
            for direction, transfer in (("upload", _upload), ("download", _download)):
                print(f"round {number + 1}/{rounds}: {backend.peer.name}, {direction} of {mebibytes} MiB", flush=True)
                key = (backend.peer.name, direction)
                resting = backend.memory_of_nothing_new()
                start.setdefault(key, resting)
                cpu, began = backend.cpu_seconds(), time.monotonic()
                transfer(port, front.host(backend.peer, "new"), mebibytes)
                seconds = time.monotonic() - began
                samples.setdefault(key, []).append({
                    "cpu_s_per_gib": (backend.cpu_seconds() - cpu) * 1024 / mebibytes,
                    "mib_per_s": mebibytes / seconds, "growth_mib": backend.memory()[1] - start[key]})
    return {
        key: {
            "cpu_s_per_gib": statistics.median(row["cpu_s_per_gib"] for row in rows),
            "mib_per_s": statistics.median(row["mib_per_s"] for row in rows),
            "growth_mib": max(row["growth_mib"] for row in rows)}
        for key, rows in samples.items()}


def _upload(port, host, mebibytes):
    size = mebibytes * MIB
    head = f"POST /count HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection, tempfile.TemporaryFile() as zeros:
        zeros.truncate(size)  # a hole: it takes no room and no reading
        connection.sendall(head.encode())
        connection.sendfile(zeros)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    status, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in status.split(b"\r\n")[0] or str(size).encode() not in body:
        raise Failed(f"{host}: an upload of {size} bytes was answered {answer[:300]!r}")


def _download(port, host, mebibytes):
    head = f"GET /stream?mib={mebibytes} HTTP/1.0\r\nHost: {host}\r\n\r\n"  # 1.0: no chunked coding to undo
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall(head.encode())
        first = b""
        while b"\r\n\r\n" not in first:
            part = connection.recv(65536)
            if not part:
                break
            first += part
        status, _, body = first.partition(b"\r\n\r\n")
        buffer, received = bytearray(CHUNK), len(body)
        while count := connection.recv_into(buffer):
            received += count
    if b" 200 " not in status.split(b"\r\n")[0] or received != mebibytes * MIB:
        raise Failed(f"{host}: a download of {mebibytes} MiB gave {received} bytes after {status[:300]!r}")
