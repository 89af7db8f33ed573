"""PostgreSQL and MariaDB of the benchmark: each in a folder of its own, on a Unix socket, with the rows to ask for."""

import glob
import os
import pathlib
import pwd
import signal
import sqlite3
import subprocess
import time

from .. import processes
from ..processes import Failed

ROWS = 10_000


def _user(name):
    """The user that a server runs as, for servers refuse root: its own or, without that, nobody."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return pwd.getpwnam("nobody")


def _run(argv, text=None):
    result = subprocess.run(
        [str(word) for word in argv], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        raise Failed(f"this did not work: {' '.join(map(str, argv))}\n{result.stdout[-2000:]}")
    return result.stdout


class Postgres:
    name = "PostgreSQL"
    packages = (("postgresql", "/usr/lib/postgresql/*/bin/initdb"),)

    def __init__(self, folder):
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.prefix = []
        if os.geteuid() == 0:
            user = _user("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
        _run([*self.prefix, self.programs / "initdb", "-D", self.folder / "data", "-U", "bench", "-A", "trust",
              "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
        self.start()
        self.sql("CREATE DATABASE bench")
        self.sql(
            "CREATE TABLE t (id integer PRIMARY KEY, title text NOT NULL);"
            f"INSERT INTO t SELECT id, 'The title of row ' || id FROM generate_series(1, {ROWS}) AS id;"
            "CREATE TABLE halves (pair integer NOT NULL, half integer NOT NULL);"
            "CREATE TABLE writes (number bigint NOT NULL);"
            "ANALYZE t", "bench")

    @property
    def url(self):
        return f"postgres://bench@/bench?host={self.folder}"

    @property
    def version(self):
        return self.sql("SHOW server_version").split()[0]

    def start(self):
        settings = {
            "listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off", "max_connections": 200,
            "shared_buffers": "128MB"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.program = processes.Program(
            self.name, [*self.prefix, self.programs / "postgres", "-D", self.folder / "data", *options],
            self.folder.parent / "postgres.log")
        processes.wait_until(self.is_ready, "accepting connections", self.program)

    def is_ready(self):
        argv = [self.programs / "pg_isready", "-q", "-h", self.folder, "-U", "bench"]
        return subprocess.run([str(word) for word in argv]).returncode == 0

    def sql(self, text, database="postgres"):
        return _run([self.programs / "psql", "-h", self.folder, "-U", "bench", "-d", database, "-v", "ON_ERROR_STOP=1",
                     "-q", "-A", "-t", "-c", text])

    def restart(self):
        """A fast restart, as `pg_ctl restart` makes it. Returns when it accepted connections again: time.monotonic()"""
        self.stop()
        self.start()
        return time.monotonic()

    def stop(self):
        # SIGTERM would wait until every client has gone.
        return self.program.stop(20, signal.SIGINT)


class MariaDB:
    name = "MariaDB"
    packages = (("mariadb-server", "/usr/sbin/mariadbd"),)

    def __init__(self, folder):
        self.folder = folder / "mariadb"
        self.folder.mkdir()
        self.socket = self.folder / "socket"
        user = []
        if os.geteuid() == 0:
            entry = _user("mysql")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            user = [f"--user={entry.pw_name}"]
        data = [f"--datadir={self.folder / 'data'}", *user]
        _run(["mariadb-install-db", "--no-defaults", *data, "--auth-root-authentication-method=normal",
              "--skip-test-db"])
        self.program = processes.Program(
            self.name, ["/usr/sbin/mariadbd", "--no-defaults", *data, f"--socket={self.socket}", "--skip-networking",
                        "--innodb-flush-log-at-trx-commit=0", "--max-connections=200",
                        f"--pid-file={self.folder / 'pid'}", "--character-set-server=utf8mb4"],
            folder / "mariadb.log")
        processes.wait_until(self._is_ready, "accepting connections", self.program)
        self.sql("CREATE DATABASE bench; CREATE USER bench@localhost; GRANT ALL ON bench.* TO bench@localhost")
        self.sql(
            "CREATE TABLE t (id integer PRIMARY KEY, title varchar(200) NOT NULL);"
            f"INSERT INTO t SELECT seq, concat('The title of row ', seq) FROM seq_1_to_{ROWS}; ANALYZE TABLE t",
            "bench")

    @property
    def url(self):
        return f"mysql://bench@localhost/bench?socket={self.socket}"

    @property
    def version(self):
        return self.sql("SELECT version()").split("-")[0].strip()

    def _is_ready(self):
        argv = ["mariadb-admin", "--no-defaults", f"--socket={self.socket}", "--user=root", "ping"]
        return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def sql(self, text, database="mysql"):
        return _run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                     "--skip-column-names", database], text)

    def stop(self):
        return self.program.stop(20)


def make_sqlite(file):
    """The same rows in a file with a write-ahead log."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        database.executemany(
            "INSERT INTO t VALUES (?, ?)", ((id, f"The title of row {id}") for id in range(1, ROWS + 1)))
    database.close()
    return file
