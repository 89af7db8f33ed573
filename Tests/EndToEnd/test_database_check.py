"""`gatehouse check` counts the connections of modules' databases, and asks the servers for their limits."""

import json
import os
import pwd
import re
import socket
import struct
import threading
import time

from harness import paths
from harness.databases import pool_with
from harness.gatehouse import run
from harness.marks import as_root
from harness.procfs import environment_of, status_of


def check(folder, pool, *options, **more):
    file = folder / "check.yaml"
    file.write_text(json.dumps({"control": str(folder / "c.sock"), "pools": {"web": {**pool, **more}}}))
    began = time.monotonic()
    result = run("check", "--config", file, *options)
    assert time.monotonic() - began < 20
    return result


def test_check_counts_connections_and_asks_postgresql(folder, querying, own_postgres):
    pool = pool_with(folder, querying, own_postgres.url, connections=5)
    plain = check(folder, pool, workers=4)
    assert plain.returncode == 0, plain.stderr
    assert re.search(r"^databases: PostgreSQL at \S+: up to 40 connections, 80 while a reload", plain.stdout, re.M)
    assert "the server allows" not in plain.stdout
    asked = check(folder, pool, "--database", workers=4)
    allowed = int(re.search(r"^  the server allows (\d+), and has \d+ connections? now$", asked.stdout, re.M)[1])
    assert 10 < allowed < 1000 and asked.returncode == 0, asked.stdout
    too_many = check(folder, pool, "--database", workers=100)
    assert f"allows {allowed} connections, and modules may open 1000: lower" in too_many.stdout
    assert too_many.returncode == 0


def test_check_asks_mariadb(folder, querying, mariadb):
    asked = check(folder, pool_with(folder, querying, mariadb.url), "--database")
    assert re.search(r"^  the server allows \d+, and has \d+ connections? now$", asked.stdout, re.M), asked.stdout


def test_check_says_that_a_server_cannot_be_asked(folder, querying):
    """Nobody listens there: the warning names the reason, and a good configuration stays one."""
    asked = check(folder, pool_with(folder, querying, "postgres://a:secret@127.0.0.1:1/b"), "--database")
    assert asked.returncode == 0
    (line,) = [line for line in asked.stdout.splitlines() if line.startswith("warning: databases: ")]
    assert "PostgreSQL at 127.0.0.1:1 cannot be asked: " in line and "secret" not in line, line


def test_a_warning_has_the_servers_reason_and_no_statement(folder, querying, own_postgres):
    own_postgres.query("CREATE SCHEMA first")
    own_postgres.query("GRANT USAGE ON SCHEMA first TO PUBLIC")
    own_postgres.query("CREATE VIEW first.pg_roles AS SELECT 1 AS one")
    own_postgres.query(f'ALTER DATABASE "{own_postgres.name}" SET search_path = first, pg_catalog')
    asked = check(folder, pool_with(folder, querying, own_postgres.url), "--database")
    (line,) = [line for line in asked.stdout.splitlines() if line.startswith("warning: databases: ")]
    assert "rolconnlimit" in line and "SQLSTATE 42703" in line, line
    assert "SELECT" not in line and "in:" not in line, line


@as_root
def test_a_server_is_asked_with_the_pools_user_and_environment(folder, querying):
    """The server looks at the process that asks: nothing of root is left, and the environment is the pool's."""
    account = pwd.getpwnam(paths.FRONT_USER)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / ".s.PGSQL.6543"))
        (folder / ".s.PGSQL.6543").chmod(0o777)
        listener.listen()
        listener.settimeout(20)
        found = {}

        def look():
            with listener.accept()[0] as peer:
                pid, _, _ = struct.unpack("iii", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
                found.update(status=status_of(pid), environment=environment_of(pid),
                             folder=os.readlink(f"/proc/{pid}/cwd"), nice=os.getpriority(os.PRIO_PROCESS, pid))

        looking = threading.Thread(target=look)
        looking.start()
        pool = pool_with(folder, querying, f"postgres://blog@/blog?host={folder}")
        asked = check(folder, pool, "--database", user=paths.FRONT_USER, environment={"PGPORT": "6543"}, nice=3)
        looking.join()
    assert "cannot be asked: " in asked.stdout and asked.returncode == 0, asked.stdout + asked.stderr
    assert found["status"]["Uid"] == [str(account.pw_uid)] * 4
    assert found["status"]["Gid"] == [str(account.pw_gid)] * 4
    assert all(int(found["status"][name][0], 16) == 0 for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
    environment = found["environment"]
    assert environment["HOME"] == account.pw_dir and environment["USER"] == account.pw_name
    assert set(environment) == {"HOME", "USER", "LOGNAME", "PATH", "PGPORT"}
    assert (found["folder"], found["nice"]) == ("/", 3)


def test_check_refuses_what_the_module_would(folder, querying):
    file = folder / "wrong.yaml"
    for settings, message in [
        ({"url": "sqlite:", "conections": 5}, "settings.database.conections: there is no such setting"),
        ({"url": "postgre://a:hunter2@b/c"}, "settings.database.url: url names no database"),
        ({"url": "sqlite:", "connections": 0}, "settings.database.connections: write a whole number from 1 to"),
        ({"url": "mysql://a@b/c", "password": 4711}, "settings.database.password: write a text"),
    ]:
        pool = pool_with(folder, querying, "sqlite:")
        pool["modules"][0]["settings"]["database"] = settings
        file.write_text(json.dumps({"control": str(folder / "c.sock"), "pools": {"web": pool}}))
        result = run("check", "--config", file)
        assert result.returncode == 85 and message in result.stderr, result.stderr
        assert str(file) + ":1: " in result.stderr and "hunter2" not in result.stderr, result.stderr
