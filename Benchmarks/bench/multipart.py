"""`scripts/bench --multipart`: one form with one file of a GiB, behind an nginx that passes it on as it arrives."""

import json
import os
import random
import shutil
import socket
import statistics
import time

from . import backend, front, limits, machine, page, paths, peers, processes
from .processes import Failed

MIB = 1 << 20
TIMEOUT = 600
BOUNDARY = "----WebKitFormBoundaryPb2nMLpcdVRLGmSy"
MODULE = paths.BUILT / "multipart" / "MultipartBench.so"
VENV = paths.BUILT / "multipart" / "venv"
PYTHON_PACKAGES = ("Werkzeug==3.1.9", "gunicorn==23.0.0")
TITLES = {
    ("gatehouse", "raw"): "Gatehouse, the body's bytes counted",
    ("gatehouse", "count"): "Gatehouse, the file's counted",
    ("gatehouse", "store"): "Gatehouse, the file in O_TMPFILE", ("werkzeug", "count"): "Werkzeug, the file's counted",
    ("werkzeug", "store"): "Werkzeug, the file in a temporary file",
}


def _build_python():
    marker = VENV / "packages"
    if marker.exists() and marker.read_text() == "\n".join(PYTHON_PACKAGES):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    peers.run("the virtual environment", ["/usr/bin/python3", "-m", "venv", VENV])
    peers.run("Werkzeug", [VENV / "bin" / "pip", "install", "--quiet", *PYTHON_PACKAGES])
    marker.write_text("\n".join(PYTHON_PACKAGES))


PEERS = [
    peers.Peer("gatehouse", "Gatehouse", "fastcgi", (),
               lambda: peers.build_module(MODULE, paths.BENCHMARKS / "multipart" / "module"),
               lambda socket, folder: [
                   paths.GATEHOUSE, "serve", "--module", MODULE, "--listen", f"fastcgi:{socket}"],
               worker_is_child=True),
    peers.Peer("werkzeug", "Werkzeug, gunicorn", "http", (("python3-venv", "/usr/share/doc/python3-venv"),),
               _build_python,
               lambda socket, folder: [
                   "env", "TMPDIR=/var/tmp", VENV / "bin" / "gunicorn", "--workers", 1, "--timeout", TIMEOUT, "--bind",
                   f"unix:{socket}", "--chdir", paths.BENCHMARKS / "multipart", "werkzeug_app:application"]),
]


def run(options):
    """Measure and print. Exit status 1 if a limit is missed or an answer was wrong."""
    paths.BUILT.mkdir(exist_ok=True)
    peers.install([*front.PACKAGES] + [package for peer in PEERS for package in peer.packages])
    for peer in PEERS:
        peer.build()
    machine.warn_if_busy()
    with processes.folder_of_programs() as (folder, running):
        figures = _measure(options, folder, running)
    return _publish(options, figures)


def _measure(options, folder, running):
    """{(peer, way): figures}: medians of the rounds. Growth counts from the memory before the peer's first upload of
    that kind, and the first round is not measured: buffers are made there."""
    backends = {}
    for peer in PEERS:
        backends[peer.name] = backend.Backend(peer, folder)
        running.append(backends[peer.name])
    for item in backends.values():
        item.wait()
    nginx = front.Front(backends.values(), folder, "")
    running.append(nginx)
    nginx.wait(backends.values(), ["new"])
    samples = {}
    for number in range(options.rounds + 1):
        for name, way in TITLES:
            mebibytes = options.mebibytes if number else 8
            if number:
                print(f"round {number}/{options.rounds}: {name}, {way}, {mebibytes} MiB", flush=True)
            sample = _upload(backends[name], nginx.port, way, mebibytes)
            if number:
                samples.setdefault((name, way), []).append(sample)
    return {
        key: {
            "cpu_s_per_gib": statistics.median(row["cpu_s_per_gib"] for row in rows),
            "mib_per_s": statistics.median(row["mib_per_s"] for row in rows),
            "growth_mib": max(row["growth_mib"] for row in rows)}
        for key, rows in samples.items()}


def _upload(item, port, way, mebibytes):
    head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n").encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    block = random.Random(1).randbytes(MIB)
    # All of it together, because a worker takes bodies of a GiB by default.
    whole = mebibytes * MIB
    size = whole - len(head) - len(end)
    resting = item.memory_of_nothing_new()
    cpu, began = item.cpu_seconds(), time.monotonic()
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall((
            f"POST /multipart-{way} HTTP/1.1\r\nHost: {front.host(item.peer, 'new')}\r\nContent-Length: {whole}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n\r\n").encode())
        connection.sendall(head)
        for at in range(0, size, MIB):
            connection.sendall(block[:size - at])
        connection.sendall(end)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    seconds = time.monotonic() - began
    status, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in status.split(b"\r\n")[0] or str(whole if way == "raw" else size).encode() not in body:
        raise Failed(f"{item.peer.title}, {way}: an upload of {size} bytes was answered {answer[:300]!r}")
    return {"cpu_s_per_gib": (item.cpu_seconds() - cpu) * 1024 / mebibytes, "mib_per_s": mebibytes / seconds,
            "growth_mib": item.memory()[1] - resting}


def _publish(options, figures):
    facts = machine.facts()
    written = page.Page()
    written.machine(facts)
    written.lines += [f"**A form of {options.mebibytes:,} MiB with one file**", ""]
    raw = figures["gatehouse", "raw"]["cpu_s_per_gib"]
    counted = {way: written.ratio(
        f"multipart, {way}: CPU ÷ Werkzeug's", figures["gatehouse", way]["cpu_s_per_gib"],
        figures["werkzeug", way]["cpu_s_per_gib"], limits.MULTIPART_WERKZEUG) for way in ("count", "store")}
    against_raw = written.ratio("multipart, count: CPU ÷ that of counting the body's bytes",
                                figures["gatehouse", "count"]["cpu_s_per_gib"], raw, limits.MULTIPART_RAW)
    for way in ("count", "store"):
        written.verdicts.append(limits.below(
            f"multipart, {way}: growth MiB", figures["gatehouse", way]["growth_mib"], limits.MULTIPART_GROWTH))
    written.table(
        ("", "CPU s / GiB", "Gatehouse ÷ Werkzeug", "÷ counting raw", "MiB / s", "growth MiB"),
        [(TITLES[name, way], f"{row['cpu_s_per_gib']:.3f}", counted.get(way, "") if name == "gatehouse" else "",
          against_raw if (name, way) == ("gatehouse", "count") else "", f"{row['mib_per_s']:,.0f}",
          f"{row['growth_mib']:.1f}") for (name, way), row in figures.items()])
    print("\n" + written.text)
    if options.json:
        options.json.write_text(json.dumps({
            "machine": dict(facts), "rounds": options.rounds, "mebibytes": options.mebibytes,
            "multipart": {f"{name} {way}": row for (name, way), row in figures.items()}}, indent=2) + os.linesep)
    return 0 if written.judge() else 1
