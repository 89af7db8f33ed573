"""A routed hello, over and over: kept-alive connections, and a new one for each request.

Ratios are the medians of the rounds' own: what slows a round down slows all its backends."""

import statistics

from . import load

MODES = ("kept", "new")


def measure(backends, front, rounds, seconds):
    """{(peer, mode): figures}: medians of the rounds. Every round visits every peer, each time from another start."""
    for backend in backends:
        for mode in MODES:
            load.run(front.port, backend.peer, mode, "/hello", 1)  # wrk takes whole seconds
    samples = {}
    for number in range(rounds):
        start = number % len(backends)
        for backend in backends[start:] + backends[:start]:
            for mode in MODES:
                if mode == "kept" and not backend.peer.keeps:
                    continue
                print(f"round {number + 1}/{rounds}: {backend.peer.name}, {mode}", flush=True)
                samples.setdefault((backend.peer.name, mode), []).append(_sample(backend, front, mode, seconds))
    figures = {key: _medians(rows) for key, rows in samples.items()}
    for name, mode in samples:
        figures[name, mode]["divided"] = _divided(samples, name, mode)
    for backend in backends:
        rss, peak = backend.memory()
        for mode in MODES:
            if (backend.peer.name, mode) in figures:
                figures[backend.peer.name, mode].update(rss_mib=rss, peak_mib=peak)
    return figures


def _divided(samples, name, mode):
    """{other backend: its CPU per request divided by this one's}, for Gatehouse's own."""
    return {
        other: statistics.median(ours["cpu_us"] / theirs["cpu_us"] for ours, theirs in zip(rows, samples[name, mode]))
        for (other, same), rows in samples.items() if same == mode and other.startswith("gatehouse") and other != name}


def _sample(backend, front, mode, seconds):
    before = backend.cpu_seconds()
    result = load.run(front.port, backend.peer, mode, "/hello", seconds)
    cpu = backend.cpu_seconds() - before
    return {
        "rate": result.rate, "p50_ms": result.p50, "p99_ms": result.p99,
        "cpu_us": cpu * 1e6 / max(result.requests, 1), "failed": result.failed}


def _medians(rows):
    figures = {key: statistics.median(row[key] for row in rows) for key in rows[0] if key != "failed"}
    figures["failed"] = sum(row["failed"] for row in rows)
    return figures
