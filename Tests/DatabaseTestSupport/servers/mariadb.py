"""A MariaDB server: Unix socket (no password) and loopback TCP (a password, with TLS if the client wants it)."""

import itertools
import signal
import threading

from .ports import free_port
from .postgres import PASSWORD, USER
from .server import Server, program

SETTINGS = {
    # Nothing here has to survive the machine, only the process.
    "innodb-flush-method": "nosync", "innodb-flush-log-at-trx-commit": "2", "sync-binlog": "0",
    "innodb-buffer-pool-size": "32M", "innodb-log-file-size": "8M", "performance-schema": "off",
    "innodb-fast-shutdown": "2", "default-time-zone": "-05:00",
}


class MariaDB(Server):
    """`settings`: further options of mariadbd. The time zone is not UTC, so that a session has to say UTC."""

    STOP, ORPHANED = signal.SIGTERM, signal.SIGKILL
    NAME = "MariaDB"

    def __init__(self, settings=None):
        self._server = program("mariadbd", "mariadb-server")
        self._client = program("mariadb", "mariadb-server")
        installer = program("mariadb-install-db", "mariadb-server")
        openssl = program("openssl", "openssl")
        super().__init__()
        self.port = free_port()
        self.socket = self.make_folder("socket", 0o777) / "mysqld.sock"
        self._data = self.make_folder("data", 0o700)
        # Not /tmp: a server that starts removes all temporary tables there, another one's too.
        self._temporary = self.make_folder("tmp", 0o700)
        self.certificate = self.write("certificate.pem", "")
        self.write("key.pem", "", 0o600)
        self._numbers = itertools.count(1)
        self._creating = threading.Lock()
        self._settings = {**SETTINGS, "port": self.port, **(settings or {})}
        try:
            self.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                      "-keyout", self.folder / "key.pem", "-out", self.certificate])
            self.run([installer, "--no-defaults", f"--datadir={self._data}", "--skip-test-db", "--skip-name-resolve",
                      "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M",
                      f"--tmpdir={self._temporary}"])
            self.start()
            # By the socket a client is `localhost`, by TCP `127.0.0.1`.
            self.query(
                f"CREATE USER {USER}@localhost; CREATE USER {USER}@127.0.0.1 IDENTIFIED BY '{PASSWORD}';"
                f"GRANT ALL ON `test%`.* TO {USER}@localhost; GRANT ALL ON `test%`.* TO {USER}@127.0.0.1")
        except BaseException:
            self.close()
            raise

    def command(self):
        return [self._server, "--no-defaults", f"--datadir={self._data}", f"--socket={self.socket}",
                f"--tmpdir={self._temporary}",
                "--bind-address=127.0.0.1", "--skip-name-resolve", f"--pid-file={self.folder}/data/pid",
                f"--ssl-cert={self.certificate}", f"--ssl-key={self.folder}/key.pem",
                "--character-set-server=utf8mb4", *(f"--{name}={value}" for name, value in self._settings.items())]

    def is_ready(self):
        return "ready for connections" in self.log()[self.log_offset:]

    def set(self, name, value):
        """An option more, from the next start on."""
        self._settings[name] = value

    def query(self, sql, database="mysql", user="root"):
        """The rows of a statement by the command-line client, as texts; None is NULL."""
        said = self.run([self._client, "--no-defaults", f"--socket={self.socket}", f"--user={user}", "--batch",
                         "--raw", "--skip-column-names", "--default-character-set=utf8mb4", "--execute", sql,
                         database])
        return [[None if cell == "NULL" else cell for cell in row.split("\t")]
                for row in said.removesuffix("\n").split("\n")] if said else []

    def create_database(self):
        """An empty database that USER may do everything in; its name."""
        with self._creating:
            name = f"test{next(self._numbers)}"
        self.query(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name):
        self.query(f"DROP DATABASE IF EXISTS {name}")

    def url(self, database, user=USER):
        """By the Unix socket, without a password."""
        return f"mysql://{user}@localhost/{database}?socket={self.socket}"

    def tcp_url(self, database, user=USER, password=PASSWORD, options=""):
        return f"mysql://{user}:{password}@127.0.0.1:{self.port}/{database}" + (f"?{options}" if options else "")

    def facts(self):
        """Everything that a client has to know."""
        return {"socket": str(self.socket), "port": str(self.port), "certificate": str(self.certificate),
                "user": USER, "password": PASSWORD}
