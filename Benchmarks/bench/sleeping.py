"""A thousand requests at once to a handler that sleeps 50 ms. The ideal is 1,000 / 0.05 s = 20,000 per second."""

import statistics

from . import load

CONNECTIONS = 1000
IDEAL = 20000
PATH = "/sleep?ms=50"


def measure(backends, front, rounds, seconds):
    """{peer: figures}, alternating like the hello rounds."""
    samples = {}
    for number in range(rounds):
        for backend in backends:
            print(f"round {number + 1}/{rounds}: {backend.peer.name}, {CONNECTIONS} that sleep", flush=True)
            before = backend.cpu_seconds()
            result = load.run(front.port, backend.peer, "many", PATH, seconds, CONNECTIONS)
            rss, peak = backend.memory()
            samples.setdefault(backend.peer.name, []).append({
                "rate": result.rate, "p50_ms": result.p50, "p99_ms": result.p99, "failed": result.failed,
                "cpu_us": (backend.cpu_seconds() - before) * 1e6 / max(result.requests, 1),
                "rss_mib": rss, "peak_mib": peak})
    return {
        peer: {key: (sum if key == "failed" else statistics.median)(row[key] for row in rows) for key in rows[0]}
        for peer, rows in samples.items()}
