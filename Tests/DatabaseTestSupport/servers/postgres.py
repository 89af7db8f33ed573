"""A PostgreSQL server: Unix socket (trusted) and loopback TCP (a password, with TLS if the client wants it)."""

import glob
import itertools
import re
import signal
import threading

from .ports import free_port
from .server import Server, program

USER, PASSWORD = "gatehouse", "secret"
NULL, COLUMN, ROW = "\x1d", "\x1f", "\x1e"
SETTINGS = {
    # Nothing here has to survive the machine.
    "fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "autovacuum": "off",
    "ssl": "on", "ssl_cert_file": "../certificate.pem", "ssl_key_file": "../key.pem",
    "password_encryption": "scram-sha-256", "timezone": "America/New_York",
}
RULES = """
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


def folders():
    """The folders with PostgreSQL's programs, the newest version first: Debian has them outside of PATH."""
    def version(path):
        return [int(number) for number in re.findall(r"\d+", path)]

    return sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=version, reverse=True)


class Postgres(Server):
    """`settings`: further lines of postgresql.conf. The time zone is not UTC, so that a session has to say UTC."""

    # A fast shutdown, and an immediate one.
    STOP, ORPHANED = signal.SIGINT, signal.SIGQUIT
    NAME = "PostgreSQL"

    def __init__(self, settings=None):
        self._programs = {name: program(name, "postgresql", folders()) for name in ("initdb", "postgres", "psql")}
        openssl = program("openssl", "openssl")
        super().__init__()
        self.port = free_port()
        self.socket_folder = self.make_folder("socket", 0o777)
        self.socket = self.socket_folder / f".s.PGSQL.{self.port}"
        self._data = self.folder / "data"
        self.make_folder("data", 0o700)
        self.write("certificate.pem", "")
        self.write("key.pem", "", 0o600)
        self.certificate = self.folder / "certificate.pem"
        self._numbers = itertools.count(1)
        self._creating = threading.Lock()
        try:
            self.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-days", "30", "-subj", "/CN=localhost", "-addext",
                      "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "key.pem",
                      "-out", self.certificate])
            self.run([self._programs["initdb"], "--no-sync", "--no-instructions", "--auth=trust",
                      "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", self._data])
            everything = {**SETTINGS, "port": self.port, "listen_addresses": "127.0.0.1",
                          "unix_socket_directories": self.socket_folder, **(settings or {})}
            with open(self._data / "postgresql.conf", "a") as file:
                file.writelines(f"{name} = '{value}'\n" for name, value in everything.items())
            (self._data / "pg_hba.conf").write_text(RULES)
            self.start()
            self.query(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        except BaseException:
            self.close()
            raise

    def command(self):
        return [self._programs["postgres"], "-D", self._data]

    def is_ready(self):
        """The last line of postmaster.pid, which a new start replaces, is the server's state."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def may_try_again(self):
        text = self.log()[self.log_offset:]
        return "pre-existing shared memory block" in text or "lock file" in text

    def set(self, name, value):
        """A line more of postgresql.conf; the next start reads it, and `reload` if the setting allows that."""
        with open(self._data / "postgresql.conf", "a") as file:
            file.write(f"{name} = '{value}'\n")

    def reload(self):
        self._child.send_signal(signal.SIGHUP)

    def query(self, sql, database="postgres", user="postgres"):
        """The rows of a statement by psql, as texts; None is NULL. For what a test wants to know by other means."""
        said = self.run([self._programs["psql"], "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-F", COLUMN,
                         "-R", ROW, "-P", f"null={NULL}", "-h", self.socket_folder, "-p", str(self.port), "-U", user,
                         "-d", database, "-c", sql])
        said = said.removesuffix("\n").removesuffix(ROW)
        return [[None if cell == NULL else cell for cell in row.split(COLUMN)] for row in said.split(ROW)] \
            if said else []

    def create_database(self):
        """An empty database of USER; its name."""
        with self._creating:
            name = f"test{next(self._numbers)}"
        self.query(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE template0 STRATEGY wal_log")
        return name

    def drop_database(self, name):
        self.query(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, database, user=USER):
        """By the Unix socket, without a password."""
        return f"postgres://{user}@/{database}?host={self.socket_folder}&port={self.port}"

    def tcp_url(self, database, user=USER, password=PASSWORD, options="sslmode=disable"):
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{database}?{options}"

    def facts(self):
        """Everything that a client has to know."""
        return {"socketFolder": str(self.socket_folder), "socket": str(self.socket), "port": str(self.port),
                "certificate": str(self.certificate), "user": USER, "password": PASSWORD}
