"""Migrations: by a module's init, and by `gatehouse migrate`."""

import json
import os
import signal
import sqlite3
import subprocess

import pytest

from harness import modules, paths
from harness.exit_statuses import INIT_THREW, USAGE
from harness.gatehouse import module_pool, run
from harness.waiting import until


@pytest.fixture
def module():
    return modules.build("migrating")


class Schema:
    """A folder of migrations, and the configuration of a module that has them."""

    def __init__(self, folder, module, url):
        self.folder = folder / "migrations"
        self.folder.mkdir()
        self.pool = module_pool(folder, module)
        self.settings = {"database": {"url": url}, "migrations": str(self.folder)}
        self.pool["modules"][0]["settings"] = self.settings

    def put(self, name, text):
        (self.folder / name).write_text(text)


@pytest.fixture
def schema(folder, module):
    os.chmod(folder, 0o700)
    return Schema(folder, module, f"sqlite:{folder}/notes.sqlite")


def configuration(folder, schema):
    """A configuration file for commands that need no supervisor."""
    file = folder / "migrate.yaml"
    file.write_text(json.dumps({"control": "off", "state": str(folder), "pools": {"web": schema.pool}}))
    return str(file)


def tables(folder):
    with sqlite3.connect(f"file:{folder}/notes.sqlite?mode=ro", uri=True) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_init_migrates_and_a_reload_migrates_on(serving_pools, folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER); INSERT INTO note VALUES (1);")
    schema.pool["workers"] = 2
    server = serving_pools(web=schema.pool)
    assert server.get("/count").body == b"1 notes\n"
    schema.put("2_more.sql", "INSERT INTO note VALUES (2);")
    server.configuration["pools"]["web"]["environment"] = {"NUMBER": "2"}
    server.rewrite()
    assert server.command("reload").done == "reloaded"
    until(lambda: server.get("/count").body == b"2 notes\n", "the new generation answers", 10)


def test_a_reload_whose_migration_fails_keeps_the_old_generation(serving_pools, folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER); INSERT INTO note VALUES (1);")
    server = serving_pools(web=schema.pool)
    before = server.serving()
    schema.put("2_more.sql", "INSERT INTO note VALUES (2);\nINSERT INTO nothing VALUES (1);")
    server.configuration["pools"]["web"]["environment"] = {"NUMBER": "2"}
    server.rewrite()
    answer = server.command("reload")
    assert answer.status == INIT_THREW
    assert f"{schema.folder}/2_more.sql:2: " in answer.message
    assert "nothing of this migration is applied" in answer.message
    assert server.serving() == before
    assert server.get("/count").body == b"1 notes\n"


def test_the_command_lists_prints_and_applies(folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (\n\tid INTEGER);")
    schema.put("2_rows.sql", "INSERT INTO note VALUES (1)")
    file = configuration(folder, schema)
    place = f"the SQLite file {folder}/notes.sqlite"
    result = run("migrate", "--config", file, "--module", "Migrating", "--status")
    assert (result.returncode, result.stdout) == (0, f"{place}\n  1_note: pending\n  2_rows: pending\n"), result
    result = run("migrate", "--config", file, "--dry-run")
    assert result.stdout == (f"-- {place}\n-- 1_note\nCREATE TABLE note (\n    id INTEGER);\n"
                             "-- 2_rows\nINSERT INTO note VALUES (1);\n"), result
    assert "note" not in tables(folder)
    result = run("migrate", "--config", file, "--module", "Migrating")
    assert result.stdout == f"{place}\n  1_note: applied now\n  2_rows: applied now\n", result
    result = run("migrate", "--config", file, "--module", "Migrating", "--status")
    assert result.stdout.count(": applied at 20") == 2, result
    assert "note" in tables(folder)


def test_the_command_finds_the_file_in_the_state_folder(folder, module):
    schema = Schema(folder, module, "sqlite:")
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER)")
    result = run("migrate", "--config", configuration(folder, schema), "--module", f"{module.parent}/./{module.name}")
    assert result.returncode == 0, result
    assert result.stdout == f"the SQLite file {folder}/modules/Migrating/data.sqlite\n  1_note: applied now\n"


def test_large_files_are_listed_printed_and_applied(folder, schema):
    rows = [f"INSERT INTO note VALUES ({number}, '{'x' * 200}\t{number}');" for number in range(8_000)]
    schema.put("1_note.sql", "\n".join(["CREATE TABLE note (id INTEGER, text TEXT);", *rows]))
    file = configuration(folder, schema)
    assert "1_note: pending" in run("migrate", "--config", file, "--status").stdout
    printed = run("migrate", "--config", file, "--dry-run").stdout.splitlines()
    assert printed[2:] == ["CREATE TABLE note (id INTEGER, text TEXT);", *(row.replace("\t", "    ") for row in rows)]
    assert "1_note: applied now" in run("migrate", "--config", file).stdout


def test_a_changed_file_is_named_in_every_list(folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER)")
    file = configuration(folder, schema)
    assert run("migrate", "--config", file).returncode == 0
    schema.put("1_note.sql", "CREATE TABLE note (id BIGINT)")
    listed = run("migrate", "--config", file, "--status").stdout
    assert "  1_note: applied at 20" in listed and "UTC, changed since\n" in listed
    assert "-- cannot be applied: " in run("migrate", "--config", file, "--dry-run").stdout
    failed = run("migrate", "--config", file)
    assert failed.returncode == INIT_THREW and "with another content" in failed.stderr


def test_the_command_says_what_failed(folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER);\nCREATE TABLE note (id INTEGER);")
    result = run("migrate", "--config", configuration(folder, schema), "--module", "Migrating")
    assert result.returncode == INIT_THREW
    assert f"{schema.folder}/1_note.sql:2: " in result.stderr
    assert "note" not in tables(folder)


def test_the_command_names_the_modules_that_there_are(folder, schema):
    result = run("migrate", "--config", configuration(folder, schema), "--module", "Blog")
    assert result.returncode == USAGE and "it has Migrating" in result.stderr
    assert run("migrate").returncode == USAGE
    assert run("migrate", "--config", "x", "--status", "--dry-run").returncode == USAGE


def test_a_module_without_migrations_is_no_success(folder, echo):
    result = run("migrate", "--module", str(echo))
    assert result.returncode == USAGE and "does not call Database.migrate" in result.stderr


def test_pending_migrations_by_command_keep_a_worker_from_starting(serving_pools, folder, schema):
    schema.put("1_note.sql", "CREATE TABLE note (id INTEGER)")
    schema.settings["byCommand"] = True
    file = configuration(folder, schema)
    listed = run("migrate", "--config", file, "--status")
    assert "1_note: pending" in listed.stdout
    started = run("serve", "--config", file, "--strict")
    assert started.returncode == INIT_THREW
    assert "pending migrations: 1_note: run gatehouse migrate --config FILE --module Migrating" in started.stderr
    assert run("migrate", "--config", file).returncode == 0
    assert serving_pools(web=schema.pool).get("/count").body == b"0 notes\n"


def test_an_interrupted_command_leaves_nothing_half_done(folder, module, postgres):
    schema = Schema(folder, module, postgres.url)
    schema.put("1_slow.sql", "CREATE TABLE note (id INTEGER); SELECT pg_sleep(60)")
    process = subprocess.Popen([paths.GATEHOUSE, "migrate", "--config", configuration(folder, schema)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        until(lambda: postgres.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                                     "AND query LIKE '%pg_sleep(60)%' AND state = 'active' "
                                     "AND pid <> pg_backend_pid()") == [["1"]],
              "the migration runs", 20)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode != 0
    finally:
        if process.poll() is None:
            process.kill()
    until(lambda: postgres.query("SELECT count(*) FROM pg_class WHERE relname = 'note'") == [["0"]]
          and postgres.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                             "AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == [["0"]],
          "the server has rolled back", 90)
