"""`scripts/bench --database`: builds, starts, measures, prints."""

import dataclasses
import json
import os
import pathlib
import sys

from .. import front, machine, paths, peers, processes
from ..processes import Failed
from . import behind_nginx, queries, report, servers, tools, trials, worker
from .contenders import CONTENDERS

PARTS = ("postgres", "mariadb", "sqlite", "requests", "trials")


@dataclasses.dataclass
class Surroundings:
    """The servers and the worker that contenders use."""

    folder: pathlib.Path
    postgres: object
    mariadb: object
    sqlite: pathlib.Path
    worker: object = None


def run(options):
    """Measures and prints. Exit status 1 if a limit is missed."""
    chosen = _chosen(options)
    paths.BUILT.mkdir(exist_ok=True)
    peers.install([*tools.PACKAGES, *front.PACKAGES, *servers.PACKAGES])
    for build in dict.fromkeys(one.build for one in chosen):
        build()
    if _needs_worker(options, chosen):
        tools.build_module()
    machine.warn_if_busy()
    with servers.Postgres() as postgres, servers.MariaDB() as mariadb, \
            processes.folder_of_programs() as (folder, running):
        surroundings = Surroundings(folder, postgres, mariadb, servers.make_sqlite(folder / "t.sqlite"))
        figures = _measure(options, chosen, surroundings, folder, running)
        facts = _facts(surroundings)
    return _publish(options, chosen, figures, facts)


def _chosen(options):
    names = {one.name for one in CONTENDERS} | set(behind_nginx.NAMES)
    if unknown := set(options.only) - names:
        raise Failed(f"no client is called {', '.join(sorted(unknown))}: there are {', '.join(sorted(names))}")
    return [
        one for one in CONTENDERS
        if one.database in options.parts and (not options.only or one.name in options.only)]


def _needs_worker(options, chosen):
    return "trials" in options.parts or any(one.build is tools.build_module for one in chosen)


def _measure(options, chosen, surroundings, folder, running):
    figures = {"queries": {}, "requests": {}, "trials": {}}
    if chosen:
        if _needs_worker(options, chosen):
            surroundings.worker = worker.Worker(surroundings, _own(folder, "queries"))
            running.append(surroundings.worker)
            surroundings.worker.wait()
        figures["queries"] = queries.measure(chosen, surroundings, options.rounds, options.seconds)
    if "requests" in options.parts:
        asked = [
            peer for peer in behind_nginx.programs(surroundings) if not options.only or peer.name in options.only]
        for peer in asked:
            peer.build()
        figures["requests"] = behind_nginx.measure(
            asked, _own(folder, "requests"), running, options.rounds, options.seconds)
    if "trials" in options.parts:
        figures["trials"] = trials.measure(
            surroundings, _own(folder, "trials"), running, options.quick, options.rounds)
    return figures


def _own(folder, name):
    (folder / name).mkdir()
    return folder / name


def _facts(surroundings):
    rows = dict(machine.facts())
    python = {line.split("==")[0].split("[")[0]: line.split("==")[1] for line in tools.PYTHON_PACKAGES}
    versions = {
        "PostgreSQL": surroundings.postgres.version, "MariaDB": surroundings.mariadb.version, **python,
        "pgx": machine.package_version("golang-github-jackc-pgx-v4-dev"), "GRDB": tools.grdb_version()}
    rows["Clients and servers"] = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return list(rows.items())


def _publish(options, chosen, figures, facts):
    page = report.Report()
    page.machine(facts)
    page.queries(chosen, figures["queries"])
    page.requests(figures["requests"])
    page.trials(figures["trials"])
    print("\n" + page.text)
    if options.json:
        options.json.write_text(json.dumps({
            "machine": dict(facts), "rounds": options.rounds, "seconds": options.seconds,
            **figures, "queries": {" ".join(key): row for key, row in figures["queries"].items()},
        }, indent=2) + os.linesep)
    for message, count in figures["trials"].get("restart", {}).get("errors", ()):
        print(f"restart: {count} times: {message}", file=sys.stderr)
    return 0 if page.judge() else 1
