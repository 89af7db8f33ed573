"""Another program's view of SQLite files: it reads them, and it locks them."""

import sqlite3

from .server import ServerError


class SQLite:
    """Reads and locks files by Python's own module."""

    def __init__(self):
        self._locks = {}

    def facts(self):
        return {}

    def query(self, path, sql):
        """The rows of the last of some statements, as texts; None is NULL."""
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            *before, last = [line for line in sql.split(";") if line.strip()]
            for statement in before:
                connection.execute(statement)
            return [[None if cell is None else str(cell) for cell in row] for row in connection.execute(last)]
        except sqlite3.Error as error:
            raise ServerError(str(error)) from error
        finally:
            connection.close()

    def lock(self, path):
        """Keep everybody from writing to a file until `unlock`."""
        self._locks[path] = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._locks[path].execute("BEGIN IMMEDIATE")

    def unlock(self, path):
        self._locks.pop(path).close()

    def close(self):
        for connection in self._locks.values():
            connection.close()
