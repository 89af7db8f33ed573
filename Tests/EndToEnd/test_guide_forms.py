"""FORMS.md: its module does what the page says, and reads forms as Python does."""

import html
import random
import re
import urllib.parse

import pytest

from harness import guide
from harness.gatehouse import module_pool, serve_configuration

FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
GOOD = {"name": "Ann", "email": "ann@example.org", "day": "friday", "seats": "2", "diets": ["vegan", "nuts"],
        "note": "", "terms": "on"}


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("FORMS.md", tmp_path_factory.mktemp("page"))


@pytest.fixture
def workshop(module, folder):
    """The page's module with a database of its own."""
    (folder / "state").mkdir(mode=0o700)
    pool = module_pool(folder, module, workers=1)
    server = serve_configuration(
        folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
    yield server
    assert server.stop() == 0, server.lines()[-20:]


def send(server, fields=(), **headers):
    body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields, doseq=True).encode()
    return server.get("/new", method="POST", body=body, **(headers or FORM))


def text(answer):
    return answer.body.decode()


def test_a_form_is_shown_filled_in_and_kept(workshop):
    page = text(workshop.get("/new"))
    assert re.search(r'<input type="email" name="email" id="field-email" required value="" autocomplete="email">', page)
    assert "I have read the <a href" in page and "error" not in page
    answer = send(workshop, GOOD)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert "<li>Ann</li>" in text(workshop.get("/"))
    again = send(workshop, GOOD)
    assert again.status == 422 and "This address has a seat already." in text(again)
    assert 'value="ann@example.org"' in text(again)


def test_all_faults_come_back_at_once_with_what_was_typed(workshop):
    answer = send(workshop, {"name": "<b>", "email": "ann@", "day": "monday", "seats": "abc",
                             "diets": ["vegan", "nuts", "halal"], "note": "a\r\n<i>"})
    page = text(answer)
    assert answer.status == 422 and answer.headers["content-type"] == "text/html; charset=utf-8"
    for message in ("Enter an email address", "Choose one of the options.", "Enter a whole number.", "Give at most 2.",
                    "Please tick this box."):
        assert message in page, message
    assert 'value="abc" min="1"' in page and 'value="&lt;b&gt;"' in page and ">\na\r\n&lt;i&gt;</textarea>" in page
    assert page.count("checked") == 3 and 'aria-describedby="field-email-error"' in page
    saturday = text(send(workshop, GOOD | {"day": "saturday", "seats": "3"}))
    assert "On Saturday there are two seats for each of you." in saturday
    assert '<option value="saturday" selected>' in saturday


def test_a_search_is_read_from_the_query(workshop):
    for name in ("Ann", "Bob"):
        assert send(workshop, GOOD | {"name": name, "email": f"{name}@example.org"}).status == 303
    page = text(workshop.get("/?q=+An%6E"))
    assert "<li>Ann</li>" in page and "Bob" not in page and 'value=" Ann"' in page
    assert "<li>Bob</li>" in text(workshop.get("/"))


@pytest.mark.parametrize("body, status", [
    (b"name=%FF", 400), (b"name=%C0%AF", 400), (b"name=%00", 400), (b"a&" * 1_001, 413),
    (b"a" * 1_025 + b"=1", 413), (b"name=" + b"a" * (1 << 20), 413), (b"items" + b"[0]" * 300 + b"=1", 422),
], ids=["bytes", "overlong", "nul", "fields", "name", "value", "nested"])
def test_a_form_that_no_browser_sends_is_refused(workshop, body, status):
    # Text that is none, bombs of fields and of names (N1, N2, N3), and the worker that goes on.
    assert send(workshop, body).status == status
    assert send(workshop, GOOD).status == 303


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/unknown", ""])
def test_another_type_is_refused(workshop, kind):
    answer = send(workshop, b'{"name": "Ann"}', CONTENT_TYPE=kind)
    assert answer.status == 415 and FORM["CONTENT_TYPE"] in answer.headers["accept-post"]


def test_forms_mean_what_they_mean_to_python(workshop):
    pieces = ["name", "=", "&", "+", "%", "%4", "%41", "%C3%A9", "a", "é", ";", "[0]", ".", "%25", "%3D", "%26", "=",
              "&"]
    generator = random.Random(5)
    for _ in range(400):
        body = "".join(generator.choice(pieces) for _ in range(generator.randrange(1, 20)))
        pairs = urllib.parse.parse_qsl(body, keep_blank_values=True, separator="&")
        expected = [value for name, value in pairs if name == "name"]
        (shown,) = re.findall(r'name="name" id="field-name"[^>]*? value="([^"]*)"', text(send(workshop, body.encode())))
        assert html.unescape(shown) == (expected[-1] if expected else ""), body
