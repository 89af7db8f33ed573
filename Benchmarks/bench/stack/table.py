"""`scripts/bench --stack`: the processor time of a small response with sessions and the whole stack around it.

In one worker, without a server around it: what is measured is what the middleware adds."""

import json
import statistics
import sys

from .. import limits, machine, paths, peers, processes
from ..views.worker import Worker

MODULE = paths.BUILT / "stack.so"
# Nanoseconds that sessions may add to a request which does not use them.
UNUSED = 1_000


def run(options):
    """Measures and prints. Exit status 1 if a limit is missed."""
    paths.BUILT.mkdir(exist_ok=True)
    peers.build_module(MODULE, paths.BENCHMARKS / "stack" / "module")
    machine.warn_if_busy()
    with processes.folder_of_programs() as (folder, running):
        worker = Worker(MODULE, folder)
        running.append(worker)
        worker.wait()
        rounds = [worker.ask(f"/measure?seconds={options.seconds}") for _ in range(options.rounds)]
    figures = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    print("\n| around the response | ns | more than bare |\n|---|---|---|")
    for name, value in sorted(figures.items(), key=lambda pair: pair[1]):
        print(f"| {name} | {value:.0f} | {value - figures['bare']:.0f} |")
    verdicts = [
        limits.at_most(f"{name}, ns more than bare", figures[name] - figures["bare"], UNUSED)
        for name in ("sessions, no cookie", "sessions, cookie not opened")]
    for verdict in verdicts:
        print(verdict, file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(figures) + "\n")
    return 0 if all(verdict.held for verdict in verdicts) else 1
