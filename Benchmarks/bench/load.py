"""wrk, and what its output says."""

import dataclasses
import re
import subprocess

from . import front
from .processes import Failed

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


@dataclasses.dataclass
class Load:
    requests: int
    rate: float        # requests per second
    p50: float         # milliseconds
    p99: float
    failed: int        # answers other than 2xx and 3xx, and connections that failed


def run(port, peer, mode, path, seconds, connections=32):
    """One thread of wrk against a peer."""
    line = [
        "wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:g}s", "--latency",
        "--header", f"Host: {front.host(peer, mode)}", f"http://127.0.0.1:{port}{path}"]
    result = subprocess.run(line, capture_output=True, text=True)
    if result.returncode != 0:
        raise Failed(f"{' '.join(line)}: {result.stderr or result.stdout}")
    return parse(result.stdout)


def parse(text):
    requests, = re.search(r"(\d+) requests in ", text).groups()
    rate, = re.search(r"Requests/sec:\s+([\d.]+)", text).groups()
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    failed += sum(map(int, sockets.groups())) if sockets else 0
    return Load(int(requests), float(rate), _percentile(text, 50), _percentile(text, 99), failed)


def _percentile(text, percent):
    match = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", text, re.MULTILINE)
    return float(match.group(1)) * UNITS[match.group(2)]
