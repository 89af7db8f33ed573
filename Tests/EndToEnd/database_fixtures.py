"""Fixtures: real database servers, each started once, by the first test that uses it, and a database for each test."""

import contextlib

import pytest

from harness import modules
from harness.databases import Database, MariaDB, PgBouncer, Postgres


@pytest.fixture(scope="session")
def postgres_server():
    """PostgreSQL, for tests that leave it running."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server():
    """MariaDB, for tests that leave it running."""
    with MariaDB() as server:
        yield server


@pytest.fixture
def postgres(postgres_server):
    """An empty database of PostgreSQL: `.url`, `.query(sql)`."""
    with contextlib.closing(Database(postgres_server)) as database:
        yield database


@pytest.fixture
def mariadb(mariadb_server):
    """An empty database of MariaDB: `.url`, `.query(sql)`."""
    with contextlib.closing(Database(mariadb_server)) as database:
        yield database


@pytest.fixture
def pgbouncer(postgres_server, postgres):
    """The database of `postgres` through pgbouncer in transaction mode: `.url(name)`."""
    with PgBouncer(str(postgres_server.socket_folder), postgres_server.port) as server:
        yield server


@pytest.fixture
def own_postgres():
    """A PostgreSQL that the test may stop, kill and restart, with a database of it: `.server`."""
    with Postgres() as server:
        yield Database(server)


@pytest.fixture
def own_mariadb():
    """A MariaDB that the test may stop, kill and restart, with a database of it: `.server`."""
    with MariaDB() as server:
        yield Database(server)


@pytest.fixture(scope="session")
def querying():
    """A module whose handlers ask a database, and hold its connections."""
    return modules.build("querying")
