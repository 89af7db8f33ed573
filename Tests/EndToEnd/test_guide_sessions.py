"""SESSIONS.md: its module keeps a cart behind nginx, with two workers, through reloads, kills and a change of keys."""

import os
import signal

import pytest

from harness import guide
from harness.gatehouse import module_pool, serve_configuration
from harness.nginx import nginx_over
from harness.visitor import Visitor
from harness.waiting import until

SECRETS = ["a-secret-of-many-characters-for-the-test-alone", "another-secret-of-many-characters-for-the-test"]


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("SESSIONS.md", tmp_path_factory.mktemp("page"))


class Site:
    """The page's module behind nginx."""

    def __init__(self, folder, module, **settings):
        self.folder = folder
        folder.chmod(0o755)
        (folder / "state").mkdir(mode=0o700)
        pool = module_pool(folder, module, workers=2)
        if settings:
            pool["modules"][0]["settings"] = {"web": settings}
        self.server = serve_configuration(
            folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
        (folder / "nginx").mkdir()
        (folder / "nginx").chmod(0o777)
        self.front = nginx_over(folder / "nginx", {"/": f"fastcgi_pass unix:{folder}/web.sock;"})
        self.browser = Visitor(self.front.ports["all"])

    def reload(self, **settings):
        """A reload that replaces the workers."""
        before = self.server.serving()
        pool = self.server.configuration["pools"]["web"]
        pool["environment"] = {"GENERATION": str(len(before) + sum(before))}
        if settings:
            pool["modules"][0]["settings"] = {"web": settings}
        self.server.rewrite()
        assert self.server.command("reload").done == "reloaded"
        assert not self.server.serving() & before
        until(lambda: self.server.workers == self.server.serving(), "the old workers have left", 10)

    def end(self):
        self.front.stop()
        assert self.server.stop() == 0, self.server.lines()[-20:]


@pytest.fixture
def site(folder, module):
    started = []

    def start(**settings):
        started.append(Site(folder, module, **settings))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_a_cart_is_kept_by_two_workers_and_through_a_reload(site):
    shop = site()
    browser = shop.browser
    first = browser.ask("/")
    assert first.status == 200 and first.headers["Set-Cookie"] is None
    for number in range(1, 9):
        added = browser.ask("/cart/tea", "POST")
        assert added.status == 303 and added.headers["Location"] == "/"
        assert added.headers["Cache-Control"] == "private" and added.headers["Vary"] == "Cookie"
        # Each request has a connection of its own, to whichever worker accepts it.
        page = browser.page()
        assert page.count("<li>tea</li>") == number
        assert '<p class="success">It is in your cart.</p>' in page
        assert "It is in your cart" not in browser.page()
        if number == 4:
            shop.reload()
    os.kill(shop.server.serving().pop(), signal.SIGKILL)
    until(lambda: len(shop.server.serving()) == 2, "a new worker serves", 10)
    assert browser.page().count("<li>tea</li>") == 8
    keys = shop.folder / "state" / "modules" / "Shop" / "session-keys"
    assert keys.stat().st_mode & 0o777 == 0o600 and len(keys.read_text()) == 65
    assert not [line for line in shop.server.lines() if keys.read_text().strip() in line]
    browser.ask("/forget", "POST")
    assert browser.cookies == {} and "<li>" not in browser.page()


def test_keys_are_changed_without_losing_sessions(site):
    old, new = SECRETS
    shop = site(keys=[old])
    browser = shop.browser
    browser.ask("/cart/tea", "POST")
    stolen = browser.copy()
    shop.reload(keys=[new, old])
    assert "<li>tea</li>" in browser.page()
    browser.ask("/cart/tea", "POST")
    shop.reload(keys=[new])
    assert browser.page().count("<li>tea</li>") == 2
    assert "<li>" not in stolen.page()


def test_a_key_that_is_too_short_is_refused_and_not_shown(site):
    shop = site(keys=SECRETS[:1])
    shop.server.configuration["pools"]["web"]["modules"][0]["settings"] = {"web": {"keys": ["short-s3cret"]}}
    shop.server.rewrite()
    answer = shop.server.command("reload")
    assert "web.keys: secret 1 has 12 characters, 32 are the fewest" in str(answer) + "\n".join(shop.server.lines())
    assert "s3cret" not in str(answer) + "\n".join(shop.server.lines())
    shop.browser.ask("/cart/tea", "POST")
    assert "<li>tea</li>" in shop.browser.page()


def test_the_front_server_says_whether_it_is_tls(site):
    shop = site(**{"https-only": True})
    shop.browser.ask("/cart/tea", "POST")
    assert list(shop.browser.cookies) == ["__Host-Shop"]
    with shop.server.connect() as connection:
        answer = connection.request("/cart/tea", method="POST", HTTPS="on")
    assert "__Host-Shop=" in str(answer.headers) and "; Secure" in str(answer.headers)


def test_forged_and_large_cookies_are_no_session_and_no_fault(site):
    """No cookie that nobody was given (I1), and no mass of them (I2), is more than a visitor without a session."""
    shop = site()
    shop.browser.ask("/cart/tea", "POST")
    good = shop.browser.cookies["Shop"]
    for cookie in (good[:-1], good + "A", good.swapcase(), "", "=" * 100, "A" * 7000, "%00", "../../etc/passwd"):
        shop.browser.cookies = {"Shop": cookie}
        answer = shop.browser.ask("/")
        assert answer.status == 200 and b"<li>" not in answer.body, cookie
    shop.browser.cookies = {f"c{number}": "x" for number in range(500)} | {"Shop": good}
    assert "<li>tea</li>" in shop.browser.page()
    # More than nginx takes: it says so itself, and the worker never hears of it.
    shop.browser.cookies = {f"c{number}": "x" * 3000 for number in range(20)}
    assert shop.browser.ask("/").status == 400
    assert shop.server.status("web")["crashes"] == 0
