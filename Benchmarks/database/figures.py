"""The figures of a load, for the programs beside this file: each prints them as one line of JSON."""

import asyncio
import json
import time

WARM_SECONDS = 0.3
ROWS = 10_000


def ids(number):
    """Row ids without end; each caller has an order of its own."""
    current = number * 311 % ROWS
    while True:
        current = (current + 7919) % ROWS
        yield current + 1


def print_figures(latencies, seconds, cpu):
    """Takes how long each query took, how long all of them took, and the CPU time of the whole process, in seconds."""
    latencies.sort()
    print(json.dumps({
        "queries": len(latencies), "seconds": seconds, "cpu": cpu,
        "p50_us": latencies[len(latencies) // 2] * 1e6, "p99_us": latencies[len(latencies) * 99 // 100] * 1e6}))


async def run_tasks(caller, clients, seconds):
    """The async load, to warm up and then to measure: `caller(client, number, seconds)` returns its latencies."""
    async def all_callers(seconds):
        parts = await asyncio.gather(*(caller(one, at, seconds) for at, one in enumerate(clients)))
        return [latency for part in parts for latency in part]

    await all_callers(WARM_SECONDS)
    cpu, began = time.process_time(), time.perf_counter()
    latencies = await all_callers(seconds)
    print_figures(latencies, time.perf_counter() - began, time.process_time() - cpu)
