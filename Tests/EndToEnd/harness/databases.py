"""Database servers for end-to-end tests: `Tests/DatabaseTestSupport/servers`, the same as Swift tests use."""

import contextlib
import sqlite3

from servers import MariaDB, PgBouncer, Postgres

from .gatehouse import module_pool

__all__ = ["Database", "MariaDB", "PgBouncer", "Postgres", "SQLiteDatabase", "by_name", "pool_with"]


class Database:
    """An empty database of one test, removed after it. `url`: for a module's settings, without a password."""

    def __init__(self, server):
        self.server = server
        self.name = server.create_database()
        self.url = server.url(self.name)

    def query(self, sql):
        """The rows of a statement as texts, by the server's own client; None is NULL."""
        return self.server.query(sql, database=self.name)

    def close(self):
        self.server.drop_database(self.name)


class SQLiteDatabase:
    """A file that a module makes, which ends with its folder."""

    def __init__(self, file):
        self.file = file
        self.url = f"sqlite:{file}"

    def query(self, sql):
        """The rows of a statement as texts; None is NULL."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=20)) as connection:
            return [[None if value is None else str(value) for value in row] for row in connection.execute(sql)]


def by_name(request, folder):
    """The database of a fixture with the parameters "sqlite", "postgres" and "mariadb"."""
    if request.param == "sqlite":
        return SQLiteDatabase(folder / "module.sqlite")
    return request.getfixturevalue(request.param)


def pool_with(folder, module, url, **settings):
    """One pool with the module, whose database has these settings."""
    pool = module_pool(folder, module)
    pool["modules"][0]["settings"] = {"database": {"url": url, **settings}}
    return pool
