"""The instruction gate: instructions per routed hello, counted by callgrind, against the recorded count.

callgrind counts what the worker runs in user mode. Two runs with different numbers of requests differ by the requests
alone, so that start-up cancels out. The requests come over one kept-alive connection, one after the other, with the
bytes that nginx sends; nothing depends on the clock, on the machine's load or on another process.
"""

import datetime
import json
import pathlib
import platform
import re
import socket
import sys
import tempfile

from . import limits, machine, nginx_hello, paths, peers, processes, profile
from .processes import Failed

FEW, MANY = 200, 1200
# Once in a dozen times valgrind 3.19 does not end a program of many threads on SIGTERM, and then writes no count.
ATTEMPTS = 3
RESULT = "callgrind.out"
VALGRIND = ("valgrind", "/usr/bin/valgrind")
RECORD = "scripts/bench --instructions --record"


def per_request(peer, folder, with_profile=False):
    """Instructions of one request."""
    (few, few_file), (many, many_file) = (_total(peer, folder, requests) for requests in (FEW, MANY))
    if with_profile:
        profile.print_difference(few_file, many_file, MANY - FEW)
    return (many - few) / (MANY - FEW)


def _total(peer, folder, requests):
    """Instructions of a whole run that answers so many requests, and the file with the details."""
    for attempt in range(ATTEMPTS):
        own = folder / f"{peer.name}-{requests}-{attempt}"
        own.mkdir()
        total, output = _run(peer, own, requests)
        if total is not None:
            return total, own / RESULT
    raise Failed(f"callgrind left no count of {peer.title} in {ATTEMPTS} runs:\n{output}")


def _run(peer, own, requests):
    """(the count or None, what the program said)"""
    result = own / RESULT
    argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={result}"]
    path = own / "app.sock"
    control = None
    if peer.worker_is_child:
        program, control = _worker(argv, path, own)
    else:
        program = processes.Program(peer.title, argv + peer.command(path, own), own / "output.log")
    try:
        if control:
            _await_ready(control, program)
        else:
            processes.wait_until(path.exists, "listening", program, 120)
        _ask(path, requests, program)
    finally:
        program.stop(20)
        if control:  # open until here: its end tells the worker to drain
            control.close()
    totals = re.findall(r"^(?:totals|summary): (\d+)", result.read_text(), re.MULTILINE) if result.exists() else []
    return int(totals[-1]) if totals else None, program.last_output()


def _worker(valgrind, path, folder):
    """The worker as its supervisor starts it: a listening socket, a plan to read and a control channel to report on."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    plan = {
        "pool": "bench", "worker": 0, "generation": 0, "eventLoops": 1, "limits": {}, "logLevel": "error",
        "descriptors": {}, "acceptsAtOnce": True, "balanceCell": 0, "quarantine": [],
        "stalls": {"reportAfter": 0, "backtraceAfter": 0},
        "listeners": [{"descriptor": listener.fileno(), "gatewayProtocol": "fastcgi", "endpoint": f"fastcgi:{path}"}],
        "modules": [{"path": str(paths.BUILT / "echo.so"), "mount": "/", "settings": "{}", "settingsOrigin": ""}]}
    text = tempfile.TemporaryFile(dir=folder)
    text.write(json.dumps(plan).encode())
    text.seek(0)
    ours, theirs = socket.socketpair()
    program = processes.Program(
        "gatehouse-worker", [*valgrind, paths.WORKER, "--plan", text.fileno(), "--control", theirs.fileno()],
        folder / "output.log", pass_fds=(listener.fileno(), text.fileno(), theirs.fileno()),
        # Hash tables in the same order in every run.
        env={"SWIFT_DETERMINISTIC_HASHING": "1"})
    for held in (listener, text, theirs):
        held.close()
    return program, ours


def _await_ready(control, program):
    """Reads the worker's reports until it is ready; the end of the channel before that is its end too."""
    control.settimeout(120)
    reports = []
    with control.makefile() as lines:
        for line in lines:
            if "ready" in json.loads(line):
                return
            reports.append(line)
    program.stop()
    raise Failed(f"the worker was never ready: {''.join(reports)}\n{program.last_output()}")


def _ask(path, requests, program):
    asking = nginx_hello.request()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(120)
        connection.connect(str(path))
        records = nginx_hello.records(connection)
        for number in range(requests):
            connection.sendall(asking)
            answer = b""
            for kind, content in records:
                if kind == nginx_hello.STDOUT:
                    answer += content
                if kind == nginx_hello.END_REQUEST:
                    break
            if b"Hello" not in answer:
                raise Failed(f"request {number + 1} was answered {answer[:300]!r}:\n{program.last_output()}")


def run(names, record, with_profile):
    """The gate, or with names of other peers their counts. Returns the exit status."""
    wanted = [peers.named(name) for name in names or ["gatehouse"]]
    peers.install([VALGRIND, *(package for peer in wanted for package in peer.packages)])
    counts = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for peer in wanted:
            peer.build()
            counts[peer.name] = per_request(peer, pathlib.Path(folder), with_profile)
            print(f"{peer.title}: {counts[peer.name]:,.0f} instructions per request", flush=True)
    if "gatehouse" not in counts:
        return 0
    return _record(counts["gatehouse"]) if record else _compare(counts["gatehouse"])


def _record(count):
    paths.BASELINE.write_text(json.dumps({
        "instructions_per_request": round(count), "architecture": platform.machine(), "compiler": machine.compiler(),
        "recorded": datetime.date.today().isoformat()}, indent=2) + "\n")
    print(f"recorded in {paths.BASELINE.relative_to(paths.ROOT)}")
    return 0


def _compare(count):
    if not paths.BASELINE.exists():
        print(f"nothing is recorded to compare with; record this: {RECORD}", file=sys.stderr)
        return 1
    baseline = json.loads(paths.BASELINE.read_text())
    if baseline["architecture"] != platform.machine():
        print(f"recorded on {baseline['architecture']}: not comparable with {platform.machine()}, nothing is judged")
        return 0
    ratio = count / baseline["instructions_per_request"]
    print(f"recorded {baseline['recorded']}: {baseline['instructions_per_request']:,}; now {(ratio - 1) * 100:+.1f} %")
    if baseline["compiler"] != machine.compiler():
        print(f"the compiler is another: recorded with {baseline['compiler']}, now {machine.compiler()}")
    if ratio > limits.INSTRUCTIONS:
        print(f"that is more than 5 % above; where it is wanted, record it: {RECORD}", file=sys.stderr)
        return 1
    if ratio < 2 - limits.INSTRUCTIONS:
        print(f"that is a gain worth keeping: {RECORD}")
    return 0
