"""The sample `notes` behind nginx, with each kind of database, by its configuration alone."""

import json
import urllib.parse

import pytest

from harness import modules
from harness.client import ask
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class Notes:
    """The sample behind an nginx, as a browser and a client of its JSON see it."""

    def __init__(self, port):
        self.port = port

    def page(self, path="/"):
        answer = ask(self.port, path, headers={"Accept": "text/html"})
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        return answer.status, answer.body.decode()

    def send(self, path, headers=None, **fields):
        body = urllib.parse.urlencode(fields).encode()
        return ask(self.port, path, "POST", body, {**FORM, **(headers or {})})

    def json(self, path="/", method="GET", **fields):
        body = json.dumps(fields).encode() if fields else None
        answer = ask(self.port, path, method, body, JSON if fields else {"Accept": "application/json"})
        return answer.status, json.loads(answer.body) if answer.body else None


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def notes(request, folder):
    folder.chmod(0o755)
    (folder / "state").mkdir(mode=0o700)
    pool = module_pool(folder, modules.build("notes"), workers=2)
    database = {"url": "sqlite:"}
    if request.param != "sqlite":
        database = {"url": request.getfixturevalue(request.param).url, "connections": 2}
    pool["modules"][0]["settings"] = {"database": database}
    server = serve_configuration(
        folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
    (folder / "nginx").mkdir()
    (folder / "nginx").chmod(0o777)
    front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
    yield Notes(front.ports["all"])
    front.stop()
    assert server.stop() == 0, server.lines()[-20:]
    assert not [line for line in server.lines() if " error " in line]


def test_a_browser_writes_reads_changes_and_deletes_a_note(notes):
    assert "There is no note yet" in notes.page()[1]
    evil = "<script>alert('1 & 2')</script> é😀"
    answer = notes.send("/", title=evil, body='</textarea>"')
    assert answer.status == 303
    path = answer.headers["Location"]
    status, page = notes.page(path)
    shown = "&lt;script&gt;alert(&#39;1 &amp; 2&#39;)&lt;/script&gt; é😀"
    assert (status, page.count(shown)) == (200, 2)
    assert "&lt;/textarea&gt;&quot;" in page and "<script" not in page
    assert shown in notes.page()[1]
    assert f'value="{shown}"' in notes.page(path + "/edit")[1]
    assert notes.send(path, title="another").status == 303
    assert "another" in notes.page(path)[1]
    assert notes.send(path + "/delete").status == 303
    assert ask(notes.port, path).status == 404
    assert "There is no note yet" in notes.page()[1]


def test_json_goes_both_ways(notes):
    status, made = notes.json(method="POST", title="one", body="text")
    assert (status, made["title"], made["body"]) == (201, "one", "text")
    path = "/" + made["id"]
    assert notes.json(path) == (200, {**made, "changed": notes.json(path)[1]["changed"]})
    assert notes.json(path, "PUT", title="two")[1]["title"] == "two"
    assert [note["title"] for note in notes.json()[1]["notes"]] == ["two"]
    assert notes.json(path, "DELETE") == (204, None)
    for method, fields in (("GET", {}), ("PUT", {"title": "x"}), ("DELETE", {})):
        assert notes.json(path, method, **fields)[0] == 404
    assert notes.json("/no-uuid")[0] == 404


def test_a_fault_of_the_writer_is_said_and_loses_nothing(notes):
    for title in ("", "  ", "x" * 201, "a\0b"):
        status, said = notes.json(method="POST", title=title, body="text")
        assert status == 422 and said["error"]
    answer = notes.send("/", title="", body="kept <b>")
    assert answer.status == 422 and b"kept &lt;b&gt;" in answer.body
    assert notes.send("/", {"Sec-Fetch-Site": "cross-site"}, title="theirs").status == 403
    assert notes.json()[1]["notes"] == []


def test_pages_and_search(notes):
    for number in range(45):
        notes.json(method="POST", title=f"note {number}", body="100% of _it_" if number % 15 == 0 else "nothing")
    pages = [notes.json(f"/?page={page}")[1] for page in (1, 2, 3)]
    assert [(len(page["notes"]), page["hasMore"]) for page in pages] == [(20, True), (20, True), (5, False)]
    listed = [note for page in pages for note in page["notes"]]
    assert {note["title"] for note in listed} == {f"note {number}" for number in range(45)}
    assert sorted((note["changed"] for note in listed), reverse=True) == [note["changed"] for note in listed]
    assert 'rel="next" href="/?page=2"' in notes.page()[1]
    for words, count in (("100%25", 3), ("_IT_", 3), ("Note 44", 1), ("%25", 3), ("'", 0)):
        found = notes.json(f"/?q={urllib.parse.quote(urllib.parse.unquote(words))}")[1]
        assert len(found["notes"]) == count, words
    assert 'value="&lt;&quot;"' in notes.page("/?q=%3C%22")[1]
