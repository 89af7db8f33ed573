"""The gain from a second worker, on a machine whose processors the load needs too."""

import contextlib
import os
import re
import statistics
import subprocess

from harness.nginx import nginx_kept

from .figure import Figure
from .pools import served

ROUNDS, SECONDS, CLIENTS = 3, 3, 16
# Paths, and their names in the table. The second computes for about two milliseconds.
TARGETS = {"/pid": "hello", "/compute?rounds=10000000": "a handler that computes"}


def scaling(folder, options):
    """Requests per second with one worker and with two, in alternating rounds, by wrk through one nginx."""
    counts = (1, 2)
    rates = {(target, count): [] for target in TARGETS for count in counts}
    with contextlib.ExitStack() as stack:
        ports = {}
        for count in counts:
            own = folder / str(count)
            own.mkdir()
            own.chmod(0o777)
            server = stack.enter_context(served(own, "worker", workers=count))
            front = nginx_kept(own, server.fastcgi_socket, CLIENTS)
            stack.callback(front.stop)
            ports[count] = front.ports["kept"]
        for _ in range(ROUNDS):
            for target, count in rates:
                rates[target, count].append(_rate(f"http://127.0.0.1:{ports[count]}{target}"))
    for target, title in TARGETS.items():
        one, two = (statistics.median(rates[target, count]) for count in counts)
        yield Figure(f"{title}: requests a second, one worker", one)
        yield Figure(f"{title}: requests a second, two workers", two)
        yield Figure(f"{title}: two workers ÷ one, {os.cpu_count()} processors for load, nginx and workers", two / one,
                     digits=2)


def _rate(url):
    said = subprocess.run(["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{SECONDS}s", url], capture_output=True,
                          text=True, check=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
