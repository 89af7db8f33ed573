"""PostgreSQL and MariaDB of the benchmark, started as tests start them, and the rows to ask for."""

import os
import sqlite3
import sys

from .. import paths

sys.path.insert(0, str(paths.ROOT / "Tests" / "DatabaseTestSupport"))

import servers  # noqa: E402
from servers import ServerError  # noqa: E402, F401

PACKAGES = (
    ("postgresql", "/usr/lib/postgresql/*/bin/initdb"), ("mariadb-server", "/usr/sbin/mariadbd"),
    ("openssl", "/usr/bin/openssl"))
ROWS = 10_000


class Postgres(servers.Postgres):
    """The account `bench` owns the database `bench`. Every client of ours takes the port from $PGPORT."""

    def __init__(self):
        super().__init__({"max_connections": 200, "shared_buffers": "128MB", "autovacuum": "on"})
        os.environ["PGPORT"] = str(self.port)
        with self.closed_on_failure():
            self.query("CREATE ROLE bench LOGIN")
            self.query("CREATE DATABASE bench OWNER bench")
            self.sql(
                "CREATE TABLE t (id integer PRIMARY KEY, title text NOT NULL);"
                f"INSERT INTO t SELECT id, 'The title of row ' || id FROM generate_series(1, {ROWS}) AS id;"
                "CREATE TABLE halves (pair integer NOT NULL, half integer NOT NULL);"
                "CREATE TABLE writes (number bigint NOT NULL);"
                "ANALYZE t")

    @property
    def bench_url(self):
        return f"postgres://bench@/bench?host={self.socket_folder}&port={self.port}"

    @property
    def version(self):
        return self.query("SHOW server_version")[0][0].split()[0]

    def sql(self, text):
        """The rows of a statement in the benchmark's database."""
        return self.query(text, "bench", "bench")


class MariaDB(servers.MariaDB):
    """The account `bench` may do everything in the database `bench`."""

    def __init__(self):
        super().__init__({"max-connections": 200, "innodb-buffer-pool-size": "128M"})
        with self.closed_on_failure():
            self.query("CREATE DATABASE bench; CREATE USER bench@localhost; GRANT ALL ON bench.* TO bench@localhost")
            self.query(
                "CREATE TABLE t (id integer PRIMARY KEY, title varchar(200) NOT NULL);"
                f"INSERT INTO t SELECT seq, concat('The title of row ', seq) FROM seq_1_to_{ROWS}; ANALYZE TABLE t",
                "bench")

    @property
    def bench_url(self):
        return f"mysql://bench@localhost/bench?socket={self.socket}"

    @property
    def version(self):
        return self.query("SELECT version()")[0][0].split("-")[0]


def make_sqlite(file):
    """The same rows in a file with a write-ahead log."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, title TEXT NOT NULL)")
        database.executemany(
            "INSERT INTO t VALUES (?, ?)", ((id, f"The title of row {id}") for id in range(1, ROWS + 1)))
    database.close()
    return file
