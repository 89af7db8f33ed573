"""The third table: big results, and the bad days of a database."""

import collections
import statistics
import time

from .. import front
from . import paced, worker

RATE = 500
POOL = 5


def measure(surroundings, folder, running, quick, rounds):
    """{trial: figures}"""
    figures = {}
    for name, trial in (("stream", _stream), ("all", _all), ("cancels", _cancels), ("queue", _queue)):
        print(f"trial: {name}", flush=True)
        item = worker.Worker(surroundings, folder / name)
        running.append(item)
        item.wait()
        figures[name] = trial(item, surroundings, quick, rounds)
        item.stop()
    print("trial: restart", flush=True)
    figures["restart"] = _restart(surroundings, folder, running, quick)
    return figures


def _stream(item, _, quick, rounds):
    """Memory of the worker while a million rows pass."""
    rows = 50_000 if quick else 1_000_000
    item.ask("/stream?rows=10")
    growth, cpu = [], []
    for _ in range(1 if quick else min(rounds, 3)):
        resting = item.memory_of_nothing_new()
        answer = item.ask(f"/stream?rows={rows}")
        assert answer["rows"] == rows, answer
        growth.append(item.memory()[1] - resting)
        cpu.append(answer["cpu"] * 1e9 / rows)
    return {"rows": rows, "growth_mib": max(growth), "row_ns": statistics.median(cpu)}


def _all(item, _, quick, rounds):
    """The longest time that one big result held the loop, and its fate without a raised cap."""
    rows = 200_000
    answers = [item.ask(f"/all?rows={rows}") for _ in range(1 if quick else rounds)]
    return {
        "rows": rows, "held_ms": statistics.median(answer["heldCPU"] for answer in answers) * 1e3,
        "wall_ms": statistics.median(answer["held"] for answer in answers) * 1e3,
        "capped": item.ask(f"/capped?rows={rows}")["error"]}


def _cancels(item, surroundings, quick, _):
    """Transactions that are cancelled at random moments: what they leave on the server and in the pool."""
    surroundings.postgres.sql("TRUNCATE halves")
    count = 300 if quick else 10_000
    answer = item.ask(f"/cancels?count={count}")
    left_open = _number(surroundings, """SELECT count(*) FROM pg_stat_activity
        WHERE datname = 'bench' AND pid <> pg_backend_pid() AND (state <> 'idle' OR backend_xid IS NOT NULL)""")
    halves = _number(surroundings, """SELECT count(*) FROM
        (SELECT pair FROM halves GROUP BY pair HAVING count(*) <> 2) AS broken""")
    pairs = _number(surroundings, "SELECT count(DISTINCT pair) FROM halves")
    return {"count": count, "open": left_open, "halves": halves, "pairs": pairs, **answer}


def _number(surroundings, sql):
    return int(surroundings.postgres.sql(sql)[0][0])


def _queue(item, _, quick, __):
    """A thousand callers of a pool of five, with statements of 20 ms: most of them wait longer than they may."""
    return item.ask(f"/queue?callers={250 if quick else 1000}")


def _restart(surroundings, folder, running, quick):
    """The server restarts while reads and writes come; by HTTP, so that what a client sees is what counts."""
    item = worker.Worker(surroundings, folder / "restart")
    running.append(item)
    item.wait()
    own = folder / "restart-nginx"
    own.mkdir()
    nginx = front.Front([item], own, "")
    running.append(nginx)
    nginx.wait([item], ["kept"])
    load = paced.Paced(nginx.port, front.host(item.peer, "kept"), ["/post/42", "/write"], RATE)
    time.sleep(1)
    stopped = time.monotonic()
    surroundings.postgres.restart()
    started = time.monotonic()
    time.sleep(1 if quick else 3)
    answers = load.stop()
    failed = [answer for answer in answers if answer.status != 200]
    back = [answer.ended for answer in answers if answer.status == 200 and answer.ended > started]
    return {
        "requests": len(answers), "down_s": started - stopped, "back_s": back[0] - started if back else None,
        "slowest_s": max(answer.ended - answer.began for answer in answers),
        "in_flight": sum(_in_flight(answer) for answer in failed),
        "other": sum(not _in_flight(answer) for answer in failed),
        "errors": collections.Counter(f"{answer.status} {answer.text[:200]}" for answer in failed).most_common(5)}


def _in_flight(answer):
    """Whether the statement had been sent when the server went, so that nobody knows its fate."""
    return answer.status == 503 and "connectionLost(sent: true)" in answer.text
