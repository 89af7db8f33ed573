"""pgbouncer in transaction mode before a PostgreSQL server."""

import socket

from .database_server import USER
from .ports import free_port
from .server import Server, program


class PgBouncer(Server):
    """`behind`: host (a socket's folder) and port of PostgreSQL. `settings`: further lines of the configuration."""

    NAME = "pgbouncer"

    def __init__(self, host, port, settings=None):
        self._program = program("pgbouncer", "pgbouncer")
        super().__init__()
        self.port = free_port()
        self.socket_folder = self.make_folder("socket", 0o777)
        self.socket = self.socket_folder / f".s.PGSQL.{self.port}"
        everything = {
            "listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": self.socket_folder,
            "auth_type": "any", "pool_mode": "transaction", "default_pool_size": 4, "max_client_conn": 200,
            "server_lifetime": 600, **(settings or {})}
        self.write("pgbouncer.ini", f"[databases]\n* = host={host} port={port} user={USER}\n\n[pgbouncer]\n"
                   + "".join(f"{name} = {value}\n" for name, value in everything.items()))
        with self.closed_on_failure():
            self.start()

    def command(self):
        return [self._program, self.folder / "pgbouncer.ini"]

    def is_ready(self):
        try:
            with socket.socket(socket.AF_UNIX) as trial:
                trial.connect(str(self.socket))
                return True
        except OSError:
            return False

    def url(self, database):
        return f"postgres://{USER}@/{database}?host={self.socket_folder}&port={self.port}"

    def facts(self):
        """Everything that a client has to know."""
        return {"socketFolder": str(self.socket_folder), "socket": str(self.socket), "port": str(self.port)}
