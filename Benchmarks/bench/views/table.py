"""`scripts/bench --views`: how long a page takes from values to bytes, beside Jinja2, Django and swift-mustache.

Each writes the same page, which is compared; processor time of one thread, without a server around it."""

import html
import json
import re
import shutil
import statistics
import subprocess
import sys

from .. import limits, machine, paths, peers, processes
from ..processes import Failed
from .worker import Worker

FOLDER = paths.BENCHMARKS / "views"
MODULE = paths.BUILT / "views.so"
MUSTACHE = paths.BUILT / "mustache-load"
VENV = paths.BUILT / "views-venv"
PYTHON_PACKAGES = ["jinja2==3.1.6", "django==5.2.8"]
PAGES = {"fortunes": "12 rows", "list": "50 rows"}
TITLES = {"gatehouse": "Gatehouse", "jinja2": "Jinja2", "django": "Django", "mustache": "swift-mustache"}
# Microseconds of Gatehouse divided by those of Jinja2: at most.
JINJA2 = {"fortunes": 1.0, "list": 1.0}


def run(options):
    """Measures and prints. Exit status 1 if a limit is missed or a page differs."""
    paths.BUILT.mkdir(exist_ok=True)
    peers.install([("python3-venv", "/usr/share/doc/python3-venv")])
    _build_python()
    peers.build_package(MUSTACHE, FOLDER / "mustache", "MustacheLoad")
    peers.build_module(MODULE, FOLDER / "module")
    machine.warn_if_busy()
    with processes.folder_of_programs() as (folder, running):
        worker = Worker(MODULE, folder)
        running.append(worker)
        worker.wait()
        figures = _measure(worker, options)
    return _publish(options, figures)


def _build_python():
    marker, wanted = VENV / "packages", "\n".join(PYTHON_PACKAGES)
    if marker.exists() and marker.read_text() == wanted:
        return
    print("building Jinja2 and Django", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    peers.run("the virtual environment", ["/usr/bin/python3", "-m", "venv", VENV])
    peers.run("Jinja2 and Django", [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES])
    marker.write_text(wanted)


def _programs(page, seconds):
    python = [VENV / "bin" / "python", FOLDER / "python_load.py"]
    return {
        "jinja2": [*python, "jinja2", page, seconds],
        "django": [*python, "django", page, seconds],
        "mustache": [MUSTACHE, FOLDER / "module" / "Resources" / "templates", page, seconds],
    }


def _measure(worker, options):
    """The microseconds of each page and engine, in rounds that alternate."""
    rows = {(page, name): [] for page in PAGES for name in TITLES}
    for _ in range(options.rounds):
        for page in PAGES:
            own = worker.ask(f"/measure/{page}?seconds={options.seconds}")
            rows[page, "gatehouse"].append(own["microseconds"])
            for name, program in _programs(page, options.seconds).items():
                said = subprocess.run([str(word) for word in program], stdout=subprocess.PIPE, check=True).stdout
                answer = json.loads(said)
                if _content(answer["page"]) != _content(own["page"]):
                    raise Failed(f"{TITLES[name]} writes another {page} page:\n{answer['page'][:1500]}")
                rows[page, name].append(answer["microseconds"])
    return {key: statistics.median(values) for key, values in rows.items()}


def _content(page):
    """The page without what engines may do in their own way: white space between tags, and references by number."""
    return re.sub(r"\s+", "", html.unescape(page))


def _publish(options, figures):
    print("\n| page | " + " | ".join(TITLES.values()) + " | Gatehouse ÷ Jinja2 |")
    print("|---|" + "---|" * (len(TITLES) + 1))
    for page, rows in PAGES.items():
        cells = [f"{figures[page, name]:.1f} µs" for name in TITLES]
        ratio = figures[page, "gatehouse"] / figures[page, "jinja2"]
        print(f"| {page}, {rows} | " + " | ".join(cells) + f" | {ratio:.2f} |")
    verdicts = [
        limits.at_most(f"{page} page against Jinja2's", figures[page, "gatehouse"] / figures[page, "jinja2"], limit)
        for page, limit in JINJA2.items()]
    for verdict in verdicts:
        print(verdict, file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps({f"{page} {name}": value for (page, name), value in figures.items()}) + "\n")
    return 0 if all(verdict.held for verdict in verdicts) else 1
