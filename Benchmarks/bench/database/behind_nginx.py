"""The second table: one request with one query behind nginx, in Gatehouse and in what others would use."""

import statistics

from .. import backend, front, load, peers
from . import tools, worker

NAMES = ("gatehouse", "go-pgx", "flask")
PATH = "/post/42"


def programs(surroundings):
    """The peers, which have the same connections to the database, in the order of the table."""
    postgres = surroundings.postgres.socket_folder
    # The cheapest of gunicorn's shapes here: one process for each of two processors.
    processes, threads = 2, worker.WEB_CONNECTIONS // 2
    return [
        worker.peer(surroundings),
        peers.Peer(
            "go-pgx", "Go net/http/fcgi, pgx", "fastcgi", (),
            lambda: tools.build_go(tools.GO_RESPONDER, "responder"),
            lambda socket, folder: [tools.GO_RESPONDER, socket, postgres]),
        peers.Peer(
            "flask", f"Flask, psycopg's pool, gunicorn with {processes} × {threads} threads", "http", (),
            tools.build_python,
            lambda socket, folder: [
                "env", f"PGHOST={postgres}", f"CONNECTIONS={threads}", tools.PYTHON, "-m", "gunicorn",
                "--workers", processes, "--threads", threads, "--worker-class", "gthread", "--keep-alive", 75,
                "--bind", f"unix:{socket}", "--chdir", tools.FOLDER, "flask_app:application"]),
    ]


def measure(asked, folder, running, rounds, seconds):
    """{name: figures}: medians of the rounds."""
    backends = []
    for peer in asked:
        backends.append(backend.Backend(peer, folder))
        running.append(backends[-1])
    for item in backends:
        item.wait()
    nginx = front.Front(backends, folder, "")
    running.append(nginx)
    nginx.wait(backends, ["kept"])
    for item in backends:
        load.run(nginx.port, item.peer, "kept", PATH, 1)
    samples = {}
    for number in range(rounds):
        start = number % len(backends)
        for item in backends[start:] + backends[:start]:
            print(f"round {number + 1}/{rounds}: {item.peer.name} behind nginx", flush=True)
            samples.setdefault(item.peer.name, []).append(_sample(item, nginx, seconds))
    return {
        item.peer.name: {
            "title": item.peer.title, "failed": sum(row["failed"] for row in samples[item.peer.name]),
            **{key: statistics.median(row[key] for row in samples[item.peer.name])
               for key in ("cpu_us", "rate", "p50_ms", "p99_ms")}}
        for item in backends}


def _sample(item, nginx, seconds):
    before = item.cpu_seconds()
    result = load.run(nginx.port, item.peer, "kept", PATH, max(1, round(seconds)))
    return {
        "cpu_us": (item.cpu_seconds() - before) * 1e6 / max(result.requests, 1), "rate": result.rate,
        "p50_ms": result.p50, "p99_ms": result.p99, "failed": result.failed}
