"""The command line of `scripts/bench`."""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import sys

from . import (backend, cases, front, hello, instructions, machine, multipart, paths, peers, processes, report,
               sleeping, transfer)
from .database import table as database
from .database.servers import ServerError
from .processes import Failed
from .stack import table as stack
from .views import table as views
from .webpage import table as webpage

PARTS = ("hello", "sleep", "transfer")


def arguments(words):
    names = ", ".join(peer.name for peer in peers.PEERS)
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure Gatehouse and its peers behind nginx.")
    parser.add_argument("--rounds", type=int, metavar="N",
                        help="alternating rounds; medians count (default: 3; 7 with --database, 5 with --page)")
    parser.add_argument("--seconds", type=int, metavar="S",
                        help="length of a load (default: 4; 2 with --database)")
    parser.add_argument("--quick", action="store_true", help="1 round of 1 s, bodies of 64 MiB: does it work at all?")
    parser.add_argument("--only", type=_list, default=[], metavar="PEER,PEER", help=f"of: {names}")
    parser.add_argument("--parts", type=_list, metavar="PART,PART",
                        help=f"of: {', '.join(PARTS)}; with --database: {', '.join(database.PARTS)}; "
                             f"with --instructions: {', '.join(cases.NAMES)}")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="the figures, for programs")
    parser.add_argument("--database", action="store_true", help="the data layer instead of the table, beside its peers")
    parser.add_argument("--views", action="store_true", help="templates instead of the table, beside their peers")
    parser.add_argument("--page", action="store_true", help="a page from a database, beside Django and PHP")
    parser.add_argument("--stack", action="store_true", help="what sessions and the stack add to a request")
    parser.add_argument("--multipart", action="store_true", help="uploads instead of the table, beside Werkzeug")
    parser.add_argument("--instructions", action="store_true", help="the instruction gate instead of the table")
    parser.add_argument("--record", action="store_true", help="with --instructions: record the counts to compare with")
    parser.add_argument("--profile", nargs="?", const="hello", choices=cases.NAMES, metavar="PART",
                        help="with --instructions: where those of one request go, by function (default: hello)")
    options = parser.parse_args(words)
    known = database.PARTS if options.database else cases.NAMES if options.instructions else PARTS
    usual = (
        (1, 1) if options.quick else (7, 2) if options.database else (5, 4) if options.page
        else (3, 2) if options.views or options.stack else (3, 4))
    options.rounds, options.seconds = (
        default if given is None or options.quick else given
        for given, default in zip((options.rounds, options.seconds), usual))
    options.parts = options.parts or ([options.profile] if options.profile else known)
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds start at 1")
    if unknown := set(options.parts) - set(known):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    if (options.record or options.profile) and not options.instructions:
        parser.error("--record and --profile go with --instructions")
    options.mebibytes = 64 if options.quick else 1024
    return options


def _list(text):
    return [word for word in text.split(",") if word]


def main(words):
    options = arguments(words)
    # A SIGTERM unwinds like Ctrl-C, which stops everything that runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.instructions:
            return instructions.run(options.only, options.parts, options.record, bool(options.profile))
        if options.database:
            return database.run(options)
        if options.views:
            return views.run(options)
        if options.page:
            return webpage.run(options)
        if options.stack:
            return stack.run(options)
        if options.multipart:
            return multipart.run(options)
        return table(options)
    except (Failed, ServerError) as failure:
        print(f"scripts/bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def table(options):
    """Measure and print. Exit status 1 if a limit is missed or an answer was wrong."""
    chosen = [peers.named(name) for name in options.only] or [peer for peer in peers.PEERS if peer.by_default]
    sleepers = {"gatehouse", "go"} & {peer.name for peer in chosen} if "sleep" in options.parts else set()
    started = chosen + ([peers.DELAYED_FLOOR] if sleepers else [])
    paths.BUILT.mkdir(exist_ok=True)
    peers.install([*front.PACKAGES] + [package for peer in started for package in peer.packages])
    for peer in started:
        peer.build()
    machine.warn_if_busy()
    # A thousand connections are two thousand descriptors in nginx, and the soft limit is often 1,024.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    with processes.folder_of_programs() as (folder, running):
        figures = measure(options, chosen, started, sleepers, folder, running)
    return publish(options, figures)


def measure(options, chosen, started, sleepers, folder, running):
    """Everything that was asked for; whatever is started goes into `running`."""
    script = folder / "hello.php"
    shutil.copy(paths.BENCHMARKS / "php-fpm" / "hello.php", script)
    backends = {}
    for peer in started:
        backends[peer.name] = backend.Backend(peer, folder)
        running.append(backends[peer.name])
    for item in backends.values():
        item.wait()
    nginx = front.Front(backends.values(), folder, script)
    running.append(nginx)
    nginx.wait([backends[peer.name] for peer in chosen], hello.MODES)
    figures = {"hello": {}, "sleep": {}, "transfer": {}}
    if "hello" in options.parts:
        asked = [backends[peer.name] for peer in chosen]
        figures["hello"] = hello.measure(asked, nginx, options.rounds, options.seconds)
    # Runs before a thousand requests at once leave a heap that no longer needs to grow.
    if "transfer" in options.parts:
        bulk = [backends[name] for name in ("gatehouse", "libfcgi") if name in backends]
        figures["transfer"] = transfer.measure(bulk, nginx.port, options.mebibytes, options.rounds)
    if sleepers:
        order = [name for name in ("gatehouse", "go", "floor-delayed") if name in sleepers | {"floor-delayed"}]
        figures["sleep"] = sleeping.measure([backends[name] for name in order], nginx, options.rounds, options.seconds)
    figures["errors"] = nginx.errors()
    return figures


def publish(options, figures):
    facts = machine.facts()
    page = report.Report()
    page.machine(facts)
    page.hello(figures["hello"])
    page.sleeping(figures["sleep"])
    page.transfer(figures["transfer"], options.mebibytes)
    page.notes()
    print("\n" + page.text)
    if options.json:
        options.json.write_text(json.dumps({
            "machine": dict(facts), "rounds": options.rounds, "seconds": options.seconds,
            "hello": {f"{peer} {mode}": row for (peer, mode), row in figures["hello"].items()},
            "sleep": figures["sleep"], "mebibytes": options.mebibytes,
            "transfer": {f"{peer} {direction}": row for (peer, direction), row in figures["transfer"].items()},
        }, indent=2) + os.linesep)
    failed = sum(row["failed"] for row in [*figures["hello"].values(), *figures["sleep"].values()])
    if failed:
        print(f"{failed} requests failed; nginx said:", file=sys.stderr)
        for message, count in figures["errors"]:
            print(f"  {count} times: {message}", file=sys.stderr)
    return 1 if not page.judge() or failed else 0
