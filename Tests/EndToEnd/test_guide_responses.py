"""RESPONSES.md: its module answers as the page says."""

import json
import sqlite3

import pytest

from harness import guide
from harness.client import ask
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("RESPONSES.md", tmp_path_factory.mktemp("page"))


@pytest.fixture
def articles(folder, module):
    """The page's module behind nginx, with 25 articles."""
    (folder / "state").mkdir(mode=0o700)
    pool = module_pool(folder, module, workers=1)
    server = serve_configuration(
        folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
    (database,) = (folder / "state").rglob("*.sqlite")
    with sqlite3.connect(database) as connection:
        connection.executemany("INSERT INTO article VALUES (?, ?, 1)", [(n, f"<{n}>") for n in range(1, 26)])
    connection.close()
    (folder / "nginx").mkdir()
    (folder / "nginx").chmod(0o777)
    front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
    yield front.ports["all"], server
    front.stop()
    assert server.stop() == 0, server.lines()[-20:]


def test_pages_of_a_list(articles):
    port, _ = articles
    target, seen = "/", []
    while target:
        answer = ask(port, target, headers={"Accept": "application/json"})
        seen += [article["id"] for article in json.loads(answer.body)]
        links = dict(reversed(link.split("; rel=")) for link in answer.headers.get("Link", "").split(", ") if link)
        target = links.get('"next"', "").strip("<>")
        target = target and "/" + target
    assert seen == list(range(25, 0, -1))
    page = ask(port, "/", headers=BROWSER)
    assert b"&lt;25&gt;" in page.body and b"rel=next" in page.body and page.headers["Vary"] == "Accept"
    assert ask(port, "/?after=bad", headers=BROWSER).status == 400


def test_conditions(articles):
    port, _ = articles
    answer = ask(port, "/7")
    etag = answer.headers["ETag"]
    assert (answer.status, etag) == (200, '"1"')
    again = ask(port, "/7", headers={"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    body, headers = json.dumps({"title": "new"}), {"Content-Type": "application/json"}
    assert ask(port, "/7", "PUT", body, headers).status == 428
    assert ask(port, "/7", "PUT", body, {**headers, "If-Match": etag}).status == 204
    assert ask(port, "/7", "PUT", body, {**headers, "If-Match": etag}).status == 412
    assert json.loads(ask(port, "/7").body) == {"id": 7, "title": "new", "version": 2}


def test_errors(articles):
    port, server = articles
    for target, status in [("/99", 404), ("/missing/way", 404), ("/notanumber", 400)]:
        page = ask(port, target, headers=BROWSER)
        assert page.status == status and page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["X-Request-Id"].encode() in page.body
        problem = ask(port, target)
        assert problem.headers["Content-Type"] == "application/problem+json"
        assert json.loads(problem.body)["status"] == status
    # An error that nobody expected: the table is gone.
    (database,) = (server.folder / "state").rglob("*.sqlite")
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE article RENAME TO other")
    connection.close()
    page = ask(port, "/1", headers=BROWSER)
    assert page.status == 500 and b"article" not in page.body and b"SELECT" not in page.body
    server.wait_for_line("no such table")
    lines = [line for line in server.lines() if "no such table" in line]
    assert len(lines) == 1 and page.headers["X-Request-Id"] in lines[0], lines


def test_other_sites(articles):
    port, _ = articles
    mine = ask(port, "/99", headers={"Origin": "https://app.example.org"})
    assert mine.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    other = ask(port, "/1", "OPTIONS", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
