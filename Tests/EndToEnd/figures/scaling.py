"""The gain from a second worker or a second event loop, on a machine whose processors the load needs too."""

import contextlib
import os
import re
import statistics
import subprocess

from harness.nginx import nginx_kept

from .figure import Figure
from .pools import served

ROUNDS, SECONDS, CLIENTS = 3, 3, 16
# Paths, and their names in the table. The second computes for so long that the load costs next to nothing.
TARGETS = {"/pid": "hello", "/compute?rounds=10000000": "a handler that computes"}
# The pools that are compared, by their names in the table. The first is what the others are divided by.
POOLS = {"one worker": {}, "two workers": {"workers": 2}, "one worker with two loops": {"event-loops": 2}}
# The least that the second loop brings to the handler that computes, if there are two processors.
GAIN = 1.9


def scaling(folder, options):
    """Requests per second of each pool, in alternating rounds, by wrk through one nginx."""
    rates = {(target, title): [] for target in TARGETS for title in POOLS}
    with contextlib.ExitStack() as stack:
        ports = {}
        for number, (title, settings) in enumerate(POOLS.items()):
            own = folder / str(number)
            own.mkdir()
            own.chmod(0o777)
            server = stack.enter_context(served(own, "worker", **{"workers": 1, **settings}))
            front = nginx_kept(own, server.fastcgi_socket, CLIENTS)
            stack.callback(front.stop)
            ports[title] = front.ports["kept"]
        for _ in range(ROUNDS):
            for target, title in rates:
                rates[target, title].append(_rate(f"http://127.0.0.1:{ports[title]}{target}"))
    for target, name in TARGETS.items():
        medians = {title: statistics.median(rates[target, title]) for title in POOLS}
        first, *others = POOLS
        for title in POOLS:
            yield Figure(f"{name}: requests a second, {title}", medians[title])
        for title in others:
            limit = GAIN if "compute" in target and "loops" in title and os.cpu_count() > 1 else None
            yield Figure(f"{name}: {title} ÷ {first}, {os.cpu_count()} processors for load, nginx and workers",
                         medians[title] / medians[first], limit, 2, is_least=True)


def _rate(url):
    said = subprocess.run(["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{SECONDS}s", url], capture_output=True,
                          text=True, check=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
