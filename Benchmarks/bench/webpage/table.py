"""`scripts/bench --page`: builds, starts, measures, prints."""

import json
import os

from .. import machine, paths, peers, processes
from ..database import servers, tools
from ..processes import Failed
from . import contenders, measure, report, rows


def run(options):
    """Measures and prints. Exit status 1 if a limit is missed or a request fails."""
    if unknown := set(options.only) - set(contenders.NAMES):
        raise Failed(f"no peer is called {', '.join(sorted(unknown))}: there are {', '.join(contenders.NAMES)}")
    paths.BUILT.mkdir(exist_ok=True)
    peers.install([*contenders.PACKAGES, *contenders.packages([]), *servers.PACKAGES])
    with rows.Postgres() as postgres, processes.folder_of_programs() as (folder, running):
        chosen = [
            peer for peer in contenders.all_of(postgres) if not options.only or peer.name in options.only]
        for peer in chosen:
            peer.build()
        machine.warn_if_busy()
        figures = measure.measure(
            chosen, postgres, contenders.php_script(folder), folder, running, options.rounds, options.seconds)
        facts = [*machine.facts(), ("The others", f"PostgreSQL {postgres.version}, {', '.join(_python())}")]
    page = report.Report()
    page.machine(facts)
    page.pages(figures)
    print("\n" + page.text)
    if options.json:
        options.json.write_text(json.dumps({
            "machine": dict(facts), "rounds": options.rounds, "seconds": options.seconds, "pages": figures,
        }, indent=2) + os.linesep)
    return 0 if page.judge() else 1


def _python():
    """Names and versions of Django, its server and its database driver."""
    lines = [line.split("==") for line in tools.PYTHON_PACKAGES]
    return [f"{name.split('[')[0]} {version}" for name, version in lines
            if name.split("[")[0] in ("django", "gunicorn", "psycopg")]
