"""Database servers for end-to-end tests: `Tests/DatabaseTestSupport/servers`, the same as Swift tests use."""

from servers import MariaDB, PgBouncer, Postgres

from .gatehouse import module_pool

__all__ = ["Database", "MariaDB", "PgBouncer", "Postgres", "pool_with"]


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


def pool_with(folder, module, url, **settings):
    """One pool with the module, whose database has these settings."""
    pool = module_pool(folder, module)
    pool["modules"][0]["settings"] = {"database": {"url": url, **settings}}
    return pool
