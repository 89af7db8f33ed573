"""Requests for the page, round by round; first of all, every peer has to answer the same bytes."""

import http.client
import statistics

from .. import backend, front, load
from ..processes import Failed

PATH = "/entries"
MODE = "kept"


def measure(chosen, postgres, script, folder, running, rounds, seconds):
    """{name: figures}: medians of the rounds. Every round visits every peer, each time from another start."""
    backends = []
    for peer in chosen:
        backends.append(backend.Backend(peer, folder))
        running.append(backends[-1])
    for item in backends:
        item.wait()
    nginx = front.Front(backends, folder, script)
    running.append(nginx)
    nginx.wait(backends, [MODE])
    _compare({item.peer.title: _page(nginx, item.peer) for item in backends})
    for item in backends:
        load.run(nginx.port, item.peer, MODE, PATH, 1)
    samples = {}
    for number in range(rounds):
        start = number % len(backends)
        for item in backends[start:] + backends[:start]:
            print(f"round {number + 1}/{rounds}: {item.peer.name}", flush=True)
            samples.setdefault(item.peer.name, []).append(_sample(item, postgres, nginx, seconds))
    return {item.peer.name: _figures(item, samples[item.peer.name]) for item in backends}


def _page(nginx, peer):
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
    connection.request("GET", PATH, headers={"Host": front.host(peer, MODE)})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise Failed(f"{peer.title} answers {PATH} with {answer.status}: {body[:500]!r}")
    return body


def _compare(pages):
    (first, expected), *others = pages.items()
    if expected.count(b"<li id=") != 50 or b"&lt;em&gt;" not in expected:
        raise Failed(f"{first} shows no fifty rows: {expected[:2000].decode()}")
    for title, page in others:
        if page != expected:
            lines = [(a, b) for a, b in zip(expected.splitlines(), page.splitlines()) if a != b]
            raise Failed(f"{first} and {title} answer with other bytes: {lines[:1] or (len(expected), len(page))}")


def _sample(item, postgres, nginx, seconds):
    before, server = item.cpu_seconds(), postgres.cpu_seconds()
    result = load.run(nginx.port, item.peer, MODE, PATH, seconds)
    requests = max(result.requests, 1)
    return {
        "cpu_us": (item.cpu_seconds() - before) * 1e6 / requests,
        "database_us": (postgres.cpu_seconds() - server) * 1e6 / requests,
        "rate": result.rate, "p50_ms": result.p50, "p99_ms": result.p99, "failed": result.failed}


def _figures(item, rows):
    return {
        "title": item.peer.title, "rss_mib": item.memory()[0], "failed": sum(row["failed"] for row in rows),
        **{key: statistics.median(row[key] for row in rows)
           for key in ("cpu_us", "database_us", "rate", "p50_ms", "p99_ms")}}
