"""Programs of the comparison: what they need, and how they are built into .build-bench."""

import json
import shutil

from .. import paths, peers
from ..peers import run

FOLDER = paths.BENCHMARKS / "database"
MODULE = paths.BUILT / "database.so"
PYTHON = paths.BUILT / "venv" / "bin" / "python"
GO_SELECT = paths.BUILT / "go-select"
GO_RESPONDER = paths.BUILT / "go-database-responder"
GRDB = paths.BUILT / "grdb-load"

PACKAGES = (
    ("python3-venv", "/usr/share/doc/python3-venv"), ("python3-dev", "/usr/include/python3*/Python.h"), peers.COMPILER,
    ("pkg-config", "/usr/bin/pkg-config"), ("libpq-dev", "/usr/bin/pg_config"),
    ("libmariadb-dev", "/usr/bin/mariadb_config"), ("libsqlite3-dev", "/usr/include/sqlite3.h"),
    ("golang-go", "/usr/bin/go"),
    ("golang-github-jackc-pgx-v4-dev", "/usr/share/gocode/src/github.com/jackc/pgx/v4/pgxpool"))
# The C builds of psycopg and mysqlclient are made here, by pip.
PYTHON_PACKAGES = [
    "asyncpg==0.32.0", "psycopg[c,pool]==3.3.9", "mysqlclient==2.3.2", "flask==3.1.3", "gunicorn==27.0.1",
    "django==5.2.19"]


def build_python():
    """The virtual environment; made anew if the list of packages has changed."""
    wanted, marker = "\n".join(PYTHON_PACKAGES), paths.BUILT / "venv" / "packages"
    if marker.exists() and marker.read_text() == wanted:
        return
    print("building asyncpg, psycopg and mysqlclient", flush=True)
    shutil.rmtree(paths.BUILT / "venv", ignore_errors=True)
    run("the virtual environment", ["/usr/bin/python3", "-m", "venv", paths.BUILT / "venv"])
    run("the Python clients", [PYTHON, "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES])
    marker.write_text(wanted)


def build_go(product, name):
    """A Go program, with pgx as Debian packages it: no module and no proxy is asked."""
    peers.build_go(product, FOLDER / "go" / name / f"{name}.go", GO111MODULE="off", GOPATH="/usr/share/gocode")


def build_grdb():
    peers.build_package(GRDB, FOLDER / "grdb", "GRDBLoad")


def build_module():
    peers.build_module(MODULE, FOLDER / "module")


def grdb_version():
    """The version that SwiftPM has chosen; None before it has."""
    resolved = FOLDER / "grdb" / "Package.resolved"
    if not resolved.exists():
        return None
    return next(pin["state"].get("version") for pin in json.loads(resolved.read_text())["pins"]
                if pin["identity"] == "grdb.swift")
