"""The instruction gate: instructions per request, counted by callgrind, against the recorded counts.

callgrind counts what the worker runs in user mode. Two runs with different numbers of requests differ by the requests
alone, so that start-up cancels out. The requests come one after the other, with the bytes that nginx sends; nothing
depends on the clock, on the machine's load or on another process.
"""

import datetime
import json
import pathlib
import platform
import re
import socket
import sys
import tempfile

from . import cases, limits, machine, paths, peers, processes, profile
from .processes import Failed

FEW, MANY = 200, 1200
# Once in a dozen times valgrind 3.19 does not end a program of many threads on SIGTERM, and then writes no count.
ATTEMPTS = 3
RESULT = "callgrind.out"
VALGRIND = ("valgrind", "/usr/bin/valgrind")
RECORD = "scripts/bench --instructions --record"


def per_request(peer, case, folder, with_profile=False):
    """Instructions of one request."""
    (few, few_file), (many, many_file) = (_total(peer, case, folder, requests) for requests in (FEW, MANY))
    if with_profile:
        profile.print_difference(few_file, many_file, MANY - FEW)
    return (many - few) / (MANY - FEW)


def _total(peer, case, folder, requests):
    """Instructions of a whole run that answers so many requests, and the file with the details."""
    for attempt in range(ATTEMPTS):
        own = folder / f"{peer.name}-{case.name}-{requests}-{attempt}"
        own.mkdir()
        total, output = _run(peer, case, own, requests)
        if total is not None:
            return total, own / RESULT
    raise Failed(f"callgrind left no count of {peer.title} in {ATTEMPTS} runs:\n{output}")


def _run(peer, case, own, requests):
    """(the count or None, what the program said)"""
    result = own / RESULT
    argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={result}"]
    path = own / "app.sock"
    control = None
    if peer.worker_is_child:
        program, control = _worker(argv, path, case.protocol, own)
    else:
        program = processes.Program(peer.title, argv + peer.command(path, own), own / "output.log")
    try:
        if control:
            _await_ready(control, program)
        else:
            processes.wait_until(path.exists, "listening", program, 120)
        case.ask(path, requests, program)
    finally:
        program.stop(20)
        if control:  # open until here: its end tells the worker to drain
            control.close()
    totals = re.findall(r"^(?:totals|summary): (\d+)", result.read_text(), re.MULTILINE) if result.exists() else []
    return int(totals[-1]) if totals else None, program.last_output()


def _worker(valgrind, path, protocol, folder):
    """The worker as its supervisor starts it: a listening socket, a plan to read and a control channel to report on."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    plan = {
        "pool": "bench", "worker": 0, "generation": 0, "eventLoops": 1, "limits": {}, "logLevel": "error",
        "descriptors": {}, "acceptsAtOnce": True, "balanceCell": 0, "quarantine": [],
        "stalls": {"reportAfter": 0, "backtraceAfter": 0},
        "listeners": [
            {"descriptor": listener.fileno(), "gatewayProtocol": protocol, "endpoint": f"{protocol}:{path}"}],
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


def run(names, chosen, record, with_profile):
    """The gate, or with names of other peers their counts. Returns the exit status."""
    wanted = [peers.named(name) for name in names or ["gatehouse"]]
    peers.install([VALGRIND, *(package for peer in wanted for package in peer.packages)])
    counts = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for peer in wanted:
            peer.build()
            for case in cases.CASES:
                if case.name in chosen and (case.by_peers or peer.worker_is_child):
                    count = per_request(peer, case, pathlib.Path(folder), with_profile)
                    counts[peer.name, case.name] = round(count)
                    print(f"{peer.title}, {case.title}: {count:,.0f} instructions", file=sys.stderr, flush=True)
    ours = {case: count for (peer, case), count in counts.items() if peer == "gatehouse"}
    if not ours:
        return 0
    return _record(ours) if record else _compare(ours)


def _record(counts):
    recorded = _recorded()
    paths.BASELINE.write_text(json.dumps({
        "instructions": (recorded["instructions"] if recorded else {}) | counts,
        "architecture": platform.machine(), "compiler": machine.compiler(),
        "recorded": datetime.date.today().isoformat()}, indent=2) + "\n")
    print(f"recorded in {paths.BASELINE.relative_to(paths.ROOT)}")
    return 0


def _recorded():
    return json.loads(paths.BASELINE.read_text()) if paths.BASELINE.exists() else None


def _compare(counts):
    recorded = _recorded()
    known = recorded["instructions"] if recorded and recorded["architecture"] == platform.machine() else {}
    print("| request | instructions | recorded | change |")
    print("|---|---:|---:|---:|")
    closed = []
    for case in cases.CASES:
        if case.name not in counts:
            continue
        before = known.get(case.name)
        ratio = counts[case.name] / before if before else None
        change = f"{before:,} | {(ratio - 1) * 100:+.1f} %" if before else "– | –"
        print(f"| {case.title} | {counts[case.name]:,} | {change} |")
        closed += [case.name] if ratio and ratio > limits.INSTRUCTIONS else []
    return _judge(recorded, set(counts) - set(known), closed)


def _judge(recorded, unknown, closed):
    if recorded and recorded["architecture"] != platform.machine():
        print(f"recorded on {recorded['architecture']}: not comparable with {platform.machine()}, nothing is judged")
        return 0
    if unknown:
        print(f"nothing is recorded of {', '.join(sorted(unknown))}; record it: {RECORD}", file=sys.stderr)
        return 1
    if recorded["compiler"] != machine.compiler():
        print(f"the compiler is another: recorded with {recorded['compiler']}, now {machine.compiler()}")
    if closed:
        print(f"more than 5 % above: {', '.join(closed)}; where it is wanted, record it: {RECORD}", file=sys.stderr)
        return 1
    return 0
