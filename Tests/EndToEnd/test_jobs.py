"""Jobs of a module under `gatehouse serve`: two workers, reloads, SIGKILL, schedules, status. Row K1."""

import contextlib
import json
import os
import re
import signal

import pytest

from harness import modules
from harness.bare_worker import BareWorker, listen
from harness.databases import SQLiteDatabase, by_name, pool_with
from harness.gatehouse import serve_configuration
from harness.waiting import let_pass, until


@pytest.fixture(scope="session")
def jobbing():
    return modules.build("jobbing")


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def served(request, folder, jobbing):
    """Two workers, and a function that asks their database."""
    database = by_name(request, folder)
    pool = pool_with(folder, jobbing, database.url)
    pool["modules"][0]["settings"]["lease"] = "3s"
    pool.update(workers=2, limits={"drain": "20s"})
    server = serve_configuration(folder, {"pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
    yield server, database.query
    assert server.stop() == 0, server.lines()[-20:]


def post(server, path):
    assert server.get(path, method="POST").status == 200


def number(query, sql):
    return int(query(sql)[0][0])


def test_a_reload_loses_no_job_and_runs_none_twice(served):
    server, query = served
    before = server.serving()
    post(server, "/work/60/150")
    until(lambda: number(query, "SELECT count(*) FROM run") >= 8, "they run", 20)
    configuration = json.loads(server.file.read_text())
    configuration["pools"]["web"]["environment"] = {"NEW": "1"}
    server.rewrite(configuration)
    assert server.command("reload").done == "reloaded"
    assert not before & server.serving()
    until(lambda: number(query, "SELECT count(*) FROM run WHERE done = 1") == 60, "all are done", 60)
    assert query("SELECT number FROM run GROUP BY number HAVING count(*) > 1") == []
    assert number(query, "SELECT max(attempt) FROM run") == 1
    assert number(query, "SELECT count(*) FROM gatehouse_job WHERE kind = 'Work'") == 0


def test_the_job_of_a_killed_worker_is_run_by_another(served):
    server, query = served
    post(server, "/work/1/2500")
    (row,) = until(lambda: query("SELECT pid FROM run"), "it runs", 20)
    os.kill(int(row[0]), signal.SIGKILL)
    until(lambda: number(query, "SELECT count(*) FROM run WHERE done = 1") == 1, "it is done", 40)
    rows = query("SELECT attempt, pid, done FROM run ORDER BY attempt")
    assert [one[0] for one in rows] == ["1", "2"] and rows[0][2] is None and rows[0][1] != rows[1][1]


def test_a_job_that_kills_its_worker_is_dead_in_the_end_and_status_says_so(served):
    server, query = served
    with contextlib.suppress(EOFError):
        # The job may take the worker with it before the answer has left.
        post(server, "/die")
    until(lambda: number(query, "SELECT count(*) FROM gatehouse_job WHERE state = 2") == 1, "it is dead", 60)
    assert "the worker that ran it has died" in query("SELECT error FROM gatehouse_job WHERE state = 2")[0][0]

    def looks():
        return [use for worker in server.status("web")["workers"] for use in worker.get("jobs") or []]

    until(lambda: any(use["dead"] == 1 for use in looks()), "the status has it", 10)
    (line,) = [line for line in server.status_text().splitlines() if re.match(r" +default +Jobbing ", line)]
    assert re.search(r"default +Jobbing +\d+ +\S+ +\d+ +1 +\d+ +\d+ +\d+$", line), line


def test_a_schedule_runs_once_for_both_workers(served):
    server, query = served
    until(lambda: number(query, "SELECT count(*) FROM tick") >= 4, "it ticks", 20)
    assert query("SELECT due FROM tick GROUP BY due HAVING count(*) > 1") == []
    assert len(server.serving()) == 2


def test_a_worker_that_is_never_told_to_accept_does_no_jobs(folder, jobbing):
    """As all of a generation that is rejected, whose services have begun."""
    database = SQLiteDatabase(folder / "module.sqlite")
    settings = json.dumps({"database": {"url": database.url}, "lease": "3s"})

    def count(table):
        return number(database.query, f"SELECT count(*) FROM {table}")

    with contextlib.closing(listen(folder / "web.sock")) as listener:
        worker = BareWorker(listener, {"/": jobbing}, settings=settings, accepts=False)
        try:
            worker.wait_for("ready")
            let_pass(1.5)
            assert count("gatehouse_schedule") == count("tick") == 0
            worker.order("accept")
            until(lambda: count("tick") > 0, "it ticks", 10)
            worker.order("drain", handsOver=False)
            assert worker.wait() == 0
        finally:
            worker.stop()
