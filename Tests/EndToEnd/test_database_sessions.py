"""Sessions in a database behind nginx, with three workers: many requests at a time, a reload, a kill. Rows I3, I4."""

import concurrent.futures
import os
import signal

import pytest

from harness import modules
from harness.databases import by_name, pool_with
from harness.gatehouse import serve_configuration
from harness.nginx import nginx_over
from harness.visitor import Visitor
from harness.waiting import until

VALUES = range(24)


@pytest.fixture(scope="session")
def remembering():
    return modules.build("remembering")


class Site:
    """The module behind nginx, and a function that asks its database."""

    def __init__(self, folder, module, database):
        self.query = database.query
        pool = pool_with(folder, module, database.url)
        pool["workers"] = 3
        (folder / "state").mkdir(mode=0o700)
        self.server = serve_configuration(
            folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
        (folder / "nginx").mkdir()
        (folder / "nginx").chmod(0o777)
        self.front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
        self.port = self.front.ports["all"]

    def visitor(self, name=None):
        visitor = Visitor(self.port)
        assert visitor.ask(f"/sign-in/{name}" if name else "/value/0", "POST").status == 200
        return visitor

    def reload(self):
        before = self.server.serving()
        self.server.configuration["pools"]["web"]["environment"] = {"NEW": "1"}
        self.server.rewrite()
        assert self.server.command("reload").done == "reloaded"
        until(lambda: not self.server.workers & before, "the old workers have left", 20)

    def end(self):
        self.front.stop()
        assert self.server.stop() == 0, self.server.lines()[-20:]


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def site(request, folder, remembering):
    made = Site(folder, remembering, by_name(request, folder))
    yield made
    made.end()


def seen(visitor):
    """The worker, the user and the values that a page shows."""
    worker, owner, numbers = visitor.page().rstrip("\n").split(" ")
    return int(worker), owner, {int(number) for number in numbers.split(",") if number}


def test_requests_at_the_same_time_lose_nothing_through_a_reload(site):
    visitor = site.visitor("ann")
    cookies = dict(visitor.cookies)

    def add(number):
        answer = visitor.copy().ask(f"/value/{number}", "POST")
        return answer.status, int(answer.body)

    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        before = [threads.submit(add, number) for number in VALUES[::2]]
        site.reload()
        after = [threads.submit(add, number) for number in VALUES[1::2]]
        answers = [future.result(60) for future in before + after]
    assert {status for status, _ in answers} == {200}
    assert len({worker for _, worker in answers}) > 1, "several workers have written the session"
    assert seen(visitor)[1:] == ("ann", set(VALUES))
    os.kill(site.server.serving().pop(), signal.SIGKILL)
    until(lambda: len(site.server.serving()) == 3, "a new worker serves", 20)
    assert seen(visitor)[1:] == ("ann", set(VALUES))
    assert visitor.cookies == cookies, "the session is still the one that was begun"


def test_a_session_ends_for_all_workers_at_once(site):
    ann, phone, bob = site.visitor("ann"), site.visitor("ann"), site.visitor("bob")
    planted = site.visitor()
    victim = planted.copy()
    assert victim.ask("/sign-in/ann", "POST").status == 200
    assert seen(planted)[1:] == ("nobody", set()), "the session before the sign-in is worth nothing"
    assert seen(victim)[1:] == ("ann", {0})
    assert ann.ask("/sign-out-elsewhere", "POST").body == b"2\n"
    for _ in range(6):
        assert [seen(one)[1] for one in (ann, phone, victim, bob)] == ["ann", "nobody", "nobody", "bob"]
    rows = [str(row[0]) for row in site.query("SELECT id FROM gatehouse_session")]
    assert not [row for row in rows for one in (ann, bob) for token in one.cookies.values() if token in row]
