"""The first table: what one query costs each client."""

import statistics


def measure(contenders, surroundings, rounds, seconds):
    """{(database, name): figures}: medians of the rounds. Every round visits all, each time from another start."""
    samples = {}
    for number in range(rounds):
        start = number % len(contenders)
        for contender in contenders[start:] + contenders[:start]:
            print(f"round {number + 1}/{rounds}: {contender.database}, {contender.name}", flush=True)
            found = contender.run(surroundings, seconds)
            samples.setdefault((contender.database, contender.name), []).append({
                "cpu_us": found["cpu"] * 1e6 / found["queries"], "rate": found["queries"] / found["seconds"],
                **{key: found[key] for key in ("p50_us", "p99_us") if key in found}})
    return {key: _medians(rows) for key, rows in samples.items()}


def _medians(rows):
    figures = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    figures["least_cpu_us"] = min(row["cpu_us"] for row in rows)
    return figures
