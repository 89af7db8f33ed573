"""Modules with databases, as their operator sees them: status, draining, libraries, credentials, crashes."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from harness import fastcgi, paths
from harness.exit_statuses import INIT_THREW
from harness.databases import pool_with
from harness.gatehouse import serve_configuration
from harness.marks import as_root
from harness.waiting import until

SECRET = "5up3r-s3cret"


def databases(server, pool="web"):
    """The databases of the only worker that serves, as `gatehouse status --json` has them."""
    (worker,) = [one for one in server.status(pool)["workers"] if one["state"] != "killed"]
    return worker["databases"]


def started(server, path):
    """A request that goes on: its connection."""
    connection = server.connect(60)
    connection.send(fastcgi.request(path))
    return connection


def crash(server):
    with server.connect() as connection:
        connection.send(fastcgi.request("/crash"))
        connection.at_end()


# MARK: Status

def test_status_shows_connections_and_who_waits(serving_pools, folder, querying, postgres):
    server = serving_pools(web=pool_with(folder, querying, postgres.url, connections=2, wait="30s"))
    assert server.get("/value").body == b"42\n"
    place = until(lambda: databases(server), "the first report", 5)[0]["place"]
    assert postgres.name in place and "PostgreSQL" in place
    (one,) = until(lambda: [use for use in databases(server) if use["idle"] == 1], "an idle connection", 5)
    assert (one["module"], one["open"], one["waiting"], one["limit"]) == ("Querying", 1, 0, 2)
    held = [started(server, "/hold") for _ in range(3)]
    (one,) = until(lambda: [use for use in databases(server) if use["waiting"]], "one of them waits", 10)
    assert (one["open"], one["idle"], one["waiting"]) == (2, 0, 1)
    (line,) = [line for line in server.status_text().splitlines() if place in line]
    assert re.search(r"  Querying +2 +0 +1 +\S+ +2$", line), line
    for connection in held:
        connection.close()
    until(lambda: databases(server)[0]["waiting"] == 0, "nobody waits", 10)


def test_a_module_without_a_database_has_none_in_the_status(gatehouse):
    assert "database" not in gatehouse.status_text()


# MARK: Draining

def test_a_worker_that_drains_closes_its_idle_connections_at_once(serving_pools, folder, querying, postgres):
    server = serving_pools(web=pool_with(folder, querying, postgres.url))

    def connections():
        (row,) = postgres.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                                "AND application_name LIKE 'gatehouse%'")
        return int(row[0])

    assert server.get("/value").body == b"42\n"
    assert connections() == 1
    waiting = started(server, "/wait")
    until(lambda: server.status("web")["workers"][0]["requestsInFlight"], "the request runs", 5)
    server.command("drain", pool="web")
    until(lambda: connections() == 0, "the idle connection is closed", 5)
    assert server.status("web")["workers"][0]["requestsInFlight"], "its request goes on"
    waiting.close()


# MARK: Clients' libraries

LIBRARIES = ("libpq.so", "libmariadb.so", "libsqlite3.so")


def loaded(pid):
    text = pathlib.Path(f"/proc/{pid}/maps").read_text()
    return [name for name in LIBRARIES if name in text]


def test_a_worker_without_a_database_loads_no_clients_library(gatehouse):
    assert loaded(gatehouse.worker) == []


def test_a_worker_loads_the_library_of_its_database_alone(serving_pools, folder, querying):
    server = serving_pools(web=pool_with(folder, querying, f"sqlite:{folder}/a.sqlite"))
    assert server.get("/value").body == b"42\n"
    assert loaded(server.worker) == ["libsqlite3.so"]


@as_root
@pytest.mark.parametrize("url, library, package", [
    ("postgres:///none", "libpq.so.5", "libpq5"), ("mysql://u@localhost/none", "libmariadb.so.3", "libmariadb3"),
    ("sqlite:/tmp/none.sqlite", "libsqlite3.so.0", "libsqlite3-0")])
def test_a_missing_library_is_one_clear_message(folder, querying, url, library, package):
    """The library is hidden by a file that is none, in a mount namespace of this Gatehouse alone."""
    cached = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    (found,) = {os.path.realpath(line.split(" => ")[1]) for line in cached.splitlines() if f"\t{library} " in line}
    file = folder / "gatehouse.yaml"
    file.write_text(json.dumps({"control": str(folder / "c.sock"), "pools": {"web": pool_with(folder, querying, url)}}))
    nothing = folder / "nothing"
    nothing.touch()
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "-", nothing, found,
         paths.GATEHOUSE, "serve", "--config", file], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        timeout=60)
    assert result.returncode == INIT_THREW, result.stderr
    (line, *_) = [line for line in result.stderr.splitlines() if "init threw" in line]
    assert library in line and package in line, line


# MARK: Credentials

def everything_shown(server, *commands):
    """All that an operator, or another user of the machine, can see of a Gatehouse."""
    texts = ["\n".join(server.lines()), json.dumps(server.status()), server.status_text()]
    for pid in [server.pid, *server.workers]:
        for name in ("cmdline", "environ"):
            texts.append(pathlib.Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace"))
    for command in commands:
        result = subprocess.run([paths.GATEHOUSE, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                env={**os.environ, **server.environment})
        texts.append(result.stdout + result.stderr)
    return "\n".join(texts)


@pytest.fixture
def credentials(folder, postgres):
    """A folder as systemd makes one for a service, with the database's password."""
    made = folder / "credentials"
    made.mkdir(mode=0o700)
    (made / "db").write_text("secret\n")
    return made


def serve_with_credentials(folder, querying, credentials, server, name, **more):
    """Over TCP, where the server asks for the password."""
    url = f"postgres://gatehouse@127.0.0.1:{server.port}/{name}?sslmode=disable"
    environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
    pool = pool_with(folder, querying, url, password="${credential:db}", **more)
    gatehouse = serve_configuration(folder, {"state": str(folder), "pools": {"web": pool}},
                                    fastcgi_socket=str(folder / "web.sock"), env=environment)
    gatehouse.environment = environment
    return gatehouse


def test_a_password_comes_as_a_credential_and_is_shown_nowhere(folder, querying, credentials, own_postgres):
    own_postgres.query(f"ALTER ROLE gatehouse PASSWORD '{SECRET}:/@%?#'")
    (credentials / "db").write_text(f"{SECRET}:/@%?#\n")
    server = serve_with_credentials(folder, querying, credentials, own_postgres.server, own_postgres.name)
    try:
        assert server.get("/value").body == b"42\n"
        until(lambda: databases(server), "the first report", 5)
        crash(server)
        until(lambda: list(folder.glob("crash-*")), "the crash report", 20)
        shown = everything_shown(server, ["check", "--config", server.file],
                                 ["check", "--database", "--config", server.file])
        shown += "".join(path.read_text() for path in folder.glob("crash-*"))
        assert "ok: 1 pool" in shown and "databases: PostgreSQL at 127.0.0.1" in shown
        assert SECRET not in shown
    finally:
        server.stop()


def test_a_changed_credential_is_taken_by_a_reload(folder, querying, credentials, own_postgres):
    server = serve_with_credentials(folder, querying, credentials, own_postgres.server, own_postgres.name)
    try:
        assert server.get("/value").body == b"42\n"
        before = server.worker
        assert server.command("reload").done == "reloaded"
        assert server.serving() == {before}, "nothing has changed"
        own_postgres.query(f"ALTER ROLE gatehouse PASSWORD '{SECRET}'")
        (credentials / "db").write_text(SECRET)
        assert server.command("reload").done == "reloaded"
        assert before not in server.serving()
        assert server.get("/value").body == b"42\n"
        (credentials / "db").unlink()
        answer = server.command("reload")
        assert "there is no credential db" in answer.message, answer
        assert server.get("/value").body == b"42\n"
    finally:
        server.stop()


# MARK: Crashes

def test_a_crash_on_the_blocking_threads_names_its_request(folder, querying):
    server = serve_configuration(
        folder, {"state": str(folder), "pools": {"web": pool_with(folder, querying, f"sqlite:{folder}/a.sqlite")}},
        fastcgi_socket=str(folder / "web.sock"))
    try:
        crash(server)
        server.wait_for_line("GET /crash")
    finally:
        server.stop()
