"""PROTECTION.md: its module refuses what the page says, behind nginx."""

import re

import pytest

from harness import guide
from harness.client import ask
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("PROTECTION.md", tmp_path_factory.mktemp("page"))


@pytest.fixture
def site(folder, module):
    """The page's module behind nginx: `site(**settings)` gives its port."""
    stopped = []

    def start(**settings):
        folder.chmod(0o755)
        (folder / "state").mkdir(mode=0o700)
        pool = module_pool(folder, module, workers=1)
        pool["modules"][0]["settings"] = {"web": settings}
        server = serve_configuration(
            folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
        (folder / "nginx").mkdir()
        (folder / "nginx").chmod(0o777)
        front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
        stopped.extend([front, server])
        return front.ports["all"], server

    yield start
    for program in stopped:
        program.stop()


def test_each_vector_of_a_forged_form_is_refused(site):
    """Forms as other sites' pages can have a browser send them (row I5)."""
    port, server = site(**{"trusted-origins": ["https://friend.example"]})
    own = f"http://127.0.0.1:{port}"

    def status(method="POST", path="/save", **headers):
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(port, path, method, b"", {**FORM, **fields}).status

    for headers, expected in (
            ({}, 200), ({"Origin": own}, 200), ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
            ({"Origin": "http://127.0.0.1"}, 403), ({"Origin": own + ".evil.example"}, 403),
            ({"Sec_Fetch_Site": "same-origin"}, 200), ({"Sec_Fetch_Site": "none"}, 200),
            ({"Sec_Fetch_Site": "same-site"}, 403), ({"Sec_Fetch_Site": "cross-site"}, 403),
            ({"Sec_Fetch_Site": "cross-site", "Origin": own}, 403),
            ({"Sec_Fetch_Site": "cross-site", "Origin": "https://friend.example"}, 200),
            ({"Origin": "https://friend.example"}, 200)):
        assert status(**headers) == expected, headers
    assert status(path="/hooks/payment", Sec_Fetch_Site="cross-site") == 200
    # No module gets to see such a path.
    assert status(path="/hooks/../save", Sec_Fetch_Site="cross-site") == 400
    assert status(path="/hooks/payment/../../save", Sec_Fetch_Site="cross-site") == 400
    assert status("GET", "/", Sec_Fetch_Site="cross-site") == 200
    assert [line for line in server.lines() if "Host on as the browser sent it" in line and "evil.example" in line]


def test_the_headers_are_there_and_the_nonce_fits(site):
    port, _ = site()
    answers = [ask(port, "/") for _ in range(2)]
    nonces = set()
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        (nonce,) = set(re.findall(r"'nonce-([\w-]{22})'", policy))
        assert answer.body.decode().count(f'nonce="{nonce}"') == 2
        nonces.add(nonce)
        assert "img-src 'self' https://images.example.org" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Strict-Transport-Security"] is None
    assert len(nonces) == 2
    assert "nonce" not in ask(port, "/nothing").headers["Content-Security-Policy"]


def test_tokens_are_asked_for_by_a_setting(site):
    port, _ = site(**{"csrf-tokens": True})
    assert ask(port, "/save", "POST", b"", FORM).status == 403
    page = ask(port, "/")
    token = re.search(r'name="csrf_token" value="([\w-]+)"', page.body.decode())[1]
    cookie = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
    assert ask(port, "/save", "POST", f"csrf_token={token}".encode(), {**FORM, **cookie}).status == 200
    assert ask(port, "/save", "POST", b"", {"X-CSRF-Token": token, **cookie}).status == 200
    assert ask(port, "/save", "POST", f"csrf_token={token}".encode(), FORM).status == 403


def test_a_redirect_stays_on_this_host(site):
    """No text of the client leads elsewhere (row I6)."""
    port, _ = site()
    for text, location in (
            ("/notes?page=2", "/notes?page=2"), ("https://evil.example", "/"), ("//evil.example", "/"),
            ("/%5Cevil.example", "/"), ("/%09/evil.example", "/"), ("%2F%2Fevil.example", "/"),
            ("javascript:alert(1)", "/"), ("/a%0D%0ASet-Cookie:%20x=y", "/"), ("", "/")):
        answer = ask(port, "/after-sign-in?next=" + text)
        assert (answer.status, answer.headers["Location"]) == (303, location), text
        assert answer.headers["Set-Cookie"] is None
