"""A MariaDB server: Unix socket (no password) and loopback TCP (a password, with TLS if the client wants it)."""

from .database_server import PASSWORD, USER, DatabaseServer
from .server import program

SETTINGS = {
    # Nothing here has to survive the machine, only the process.
    "innodb-flush-method": "nosync", "innodb-flush-log-at-trx-commit": "2", "sync-binlog": "0",
    "innodb-buffer-pool-size": "32M", "innodb-log-file-size": "8M", "performance-schema": "off",
    "innodb-fast-shutdown": "2", "default-time-zone": "-05:00",
}


class MariaDB(DatabaseServer):
    """`settings`: further options of mariadbd. The time zone is not UTC, so that a session has to say UTC."""

    NAME = "MariaDB"

    def __init__(self, settings=None):
        self._server = program("mariadbd", "mariadb-server")
        self._client = program("mariadb", "mariadb-server")
        installer = program("mariadb-install-db", "mariadb-server")
        super().__init__("-newkey", "rsa:2048")
        self.socket = self.socket_folder / "mysqld.sock"
        # Not /tmp: a server that starts removes all temporary tables there, another one's too.
        self._temporary = self.make_folder("tmp", 0o700)
        self._settings = {**SETTINGS, "port": self.port, **(settings or {})}
        with self.closed_on_failure():
            self.run([installer, "--no-defaults", f"--datadir={self.data}", "--skip-test-db", "--skip-name-resolve",
                      "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M",
                      f"--tmpdir={self._temporary}"])
            self.start()
            # By the socket a client is `localhost`, by TCP `127.0.0.1`.
            self.query(
                f"CREATE USER {USER}@localhost; CREATE USER {USER}@127.0.0.1 IDENTIFIED BY '{PASSWORD}';"
                f"GRANT ALL ON `test%`.* TO {USER}@localhost; GRANT ALL ON `test%`.* TO {USER}@127.0.0.1")

    def command(self):
        return [self._server, "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                f"--tmpdir={self._temporary}",
                "--bind-address=127.0.0.1", "--skip-name-resolve", f"--pid-file={self.folder}/data/pid",
                f"--ssl-cert={self.certificate}", f"--ssl-key={self.key}",
                "--character-set-server=utf8mb4", *(f"--{name}={value}" for name, value in self._settings.items())]

    def is_ready(self):
        return "ready for connections" in self.log()[self.log_offset:]

    def query(self, sql, database="mysql", user="root"):
        """The rows of a statement by the command-line client, as texts; None is NULL."""
        said = self.run([self._client, "--no-defaults", f"--socket={self.socket}", f"--user={user}", "--batch",
                         "--raw", "--skip-column-names", "--default-character-set=utf8mb4", "--execute", sql,
                         database])
        return [[None if cell == "NULL" else cell for cell in row.split("\t")]
                for row in said.removesuffix("\n").split("\n")] if said else []

    def url(self, database):
        """By the Unix socket, without a password."""
        return f"mysql://{USER}@localhost/{database}?socket={self.socket}"
