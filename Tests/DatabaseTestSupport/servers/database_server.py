"""PostgreSQL and MariaDB have in common: the account of tests, a certificate, databases one after the other."""

import itertools
import threading

from .ports import free_port
from .server import Server, program

USER, PASSWORD = "gatehouse", "secret"


class DatabaseServer(Server):
    """A server whose clients come by a Unix socket, without a password, or by loopback TCP, with it and with TLS."""

    # The words after the name of a new database, and of one that goes.
    CREATING, DROPPING = "", ""

    def __init__(self, *key):
        """`key`: openssl's options of the certificate's key."""
        openssl = program("openssl", "openssl")
        super().__init__()
        self.port = free_port()
        self.socket_folder = self.make_folder("socket", 0o777)
        self.data = self.make_folder("data", 0o700)
        self.certificate, self.key = self.write("certificate.pem", ""), self.write("key.pem", "", 0o600)
        self._numbers = itertools.count(1)
        self._creating = threading.Lock()
        with self.closed_on_failure():
            self.run([openssl, "req", "-x509", *key, "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
                      "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate])

    def query(self, sql):
        """The rows of a statement, for subclasses to say."""
        raise NotImplementedError

    def create_database(self):
        """An empty database that USER may do everything in; its name."""
        with self._creating:
            name = f"test{next(self._numbers)}"
        self.query(f"CREATE DATABASE {name} {self.CREATING}")
        return name

    def drop_database(self, name):
        self.query(f"DROP DATABASE IF EXISTS {name} {self.DROPPING}")

    def facts(self):
        """Everything that a client has to know."""
        return {"socketFolder": str(self.socket_folder), "socket": str(self.socket), "port": str(self.port),
                "certificate": str(self.certificate)}
