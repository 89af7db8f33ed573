"""SIGN-IN.md: its module signs people up, in and out as the page says, on each database."""

import base64
import email
import email.policy
import re
import urllib.parse

import pytest

from harness import documents, guide
from harness.client import ask
from harness.nginx import nginx_over
from harness.waiting import until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("SIGN-IN.md", tmp_path_factory.mktemp("page"))


class Browser:
    """A browser with its cookie, at an address."""

    def __init__(self, server, address="192.0.2.1"):
        self.server, self.address, self.cookie = server, address, ""

    def get(self, path, **variables):
        return self.send(path, **variables)

    def post(self, path, **fields):
        return self.send(path, method="POST", body=urllib.parse.urlencode(fields).encode(),
                         CONTENT_TYPE="application/x-www-form-urlencoded")

    def send(self, path, **variables):
        if self.cookie:
            variables["HTTP_COOKIE"] = self.cookie
        answer = self.server.get(path, REMOTE_ADDR=self.address, HTTP_ACCEPT="text/html", HTTPS="on", **variables)
        if text := answer.headers.get("set-cookie"):
            self.cookie = "" if "Max-Age=0" in text else text.split(";")[0]
        return answer


class Site:
    """The page's module with two workers, and its mail in a folder."""

    def __init__(self, server, mail):
        self.server, self.mail = server, mail

    def browser(self, address="192.0.2.1"):
        return Browser(self.server, address)

    def link(self, browser, address):
        """The link that the site mails to an address."""
        before = self.mails()
        assert browser.post("/club/join", email=address).status == 200
        until(lambda: len(self.mails()) > len(before), "a mail comes", 10)
        (new,) = set(self.mails()) - set(before)
        mail = email.message_from_bytes(new.read_bytes(), policy=email.policy.default)
        assert mail["to"] == address.lower() and mail["from"] == "club@example.org" and not mail.defects
        return re.search(r"https://example\.org(/club/password\?token=[\w-]{43})\n", mail.get_content())[1]

    def mails(self):
        return list(self.mail.glob("*.eml"))

    def join(self, address, password=PASSWORD):
        browser = self.browser()
        link = self.link(browser, address)
        assert browser.post("/club/password", token=link.split("=")[1], password=password).status == 303
        return browser, link


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def site(request, module, serving, folder):
    kind = request.param
    url = f"sqlite:{folder}/members.sqlite" if kind == "sqlite" else request.getfixturevalue(kind).url
    mail = folder / "mail"
    mail.mkdir()
    mail.chmod(0o777)
    server = serving({"/club": {"path": str(module), "settings": {
        "database": {"url": url}, "mail": {"from": "club@example.org", "folder": str(mail)},
        "site": "https://example.org",
        "web": {"keys": ["a secret of the tests, which is long enough"]}}}}, pool={"workers": 2})
    return Site(server, mail)


def test_joining_signing_in_and_out(site):
    browser, _ = site.join("Ann@example.org")
    assert b"ann@example.org" in browser.get("/club/account").body
    assert browser.get("/club/account").headers["cache-control"] == "no-store"
    assert browser.post("/club/sign-out").status == 303
    answer = browser.get("/club/account")
    assert (answer.status, answer.headers["location"]) == (303, "/club/sign-in?return=/club/account")
    page = browser.get("/club/sign-in?return=/club/account").body.decode()
    assert 'name="back" value="/club/account"' in page
    wrong = browser.post("/club/sign-in", email="ann@example.org", password="correct horse", back="/club/account")
    assert wrong.status == 422 and b"correct horse" not in wrong.body
    answer = browser.post("/club/sign-in", email="ann@EXAMPLE.org", password=PASSWORD, back="/club/account")
    assert (answer.status, answer.headers["location"]) == (303, "/club/account")
    assert b"ann@example.org" in browser.get("/club/account").body


def test_a_link_works_once_and_ends_sessions(site):
    """Tokens that come again (row J6), and sessions of a password that is no longer (row J7)."""
    first, link = site.join("ann@example.org")
    other = site.browser()
    answer = other.post("/club/password", token=link.split("=")[1], password=PASSWORD)
    assert answer.status == 422 and b"used already" in answer.body
    # Looking at the page does not use a link up.
    link = site.link(other, "ann@example.org")
    assert site.browser().get(link).status == site.browser().get(link).status == 200
    assert other.post("/club/password", token=link.split("=")[1], password="password1234").status == 422
    assert other.post("/club/password", token=link.split("=")[1], password="another horse").status == 303
    assert other.get("/club/account").status == 200
    assert first.get("/club/account").status == 303
    assert other.post("/club/password", token=link.split("=")[1], password="a third horse").status == 422
    third = site.browser()
    assert third.post("/club/sign-in", email="ann@example.org", password=PASSWORD).status == 422
    assert third.post("/club/sign-in", email="ann@example.org", password="another horse").status == 303
    assert third.post("/club/sign-out-everywhere").status == 303
    assert other.get("/club/account").status == 303


def test_of_two_links_to_a_new_member_the_second_is_too_late(site):
    """As somebody clicks who was impatient."""
    browser = site.browser()
    first, second = (site.link(browser, "ann@example.org").split("=")[1] for _ in range(2))
    assert browser.post("/club/password", token=first, password=PASSWORD).status == 303
    other = site.browser()
    answer = other.post("/club/password", token=second, password="another horse")
    assert answer.status == 422 and b"used already" in answer.body
    assert other.get("/club/account").status == 303
    assert other.post("/club/sign-in", email="ann@example.org", password=PASSWORD).status == 303


def test_nobody_learns_who_is_a_member_or_is_led_away(site):
    """Answers that tell (row J8), ways back that lead elsewhere (row J9), and a planted session (row J7)."""
    browser, _ = site.join("ann@example.org")
    stranger = site.browser("192.0.2.2")
    answers = {}
    for address in ("ann@example.org", "eve@example.org"):
        answer = stranger.post("/club/sign-in", email=address, password="guessed")
        joined = stranger.post("/club/join", email=address)
        answers[address] = [text.body.replace(address.encode(), b"") for text in (answer, joined)]
        assert (answer.status, joined.status) == (422, 200)
    assert answers["ann@example.org"] == answers["eve@example.org"]
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "/\tx", ""):
        visitor = site.browser()
        answer = visitor.post("/club/sign-in", email="ann@example.org", password=PASSWORD, back=back)
        assert (answer.status, answer.headers["location"]) == (303, "/club/"), back


def test_guessing_is_slowed_down_on_all_workers(site):
    """Passwords tried in masses (row J1)."""
    known, _ = site.join("ann@example.org")
    assert known.post("/club/sign-in", email="ann@example.org", password=PASSWORD).status == 303
    statuses = [site.browser(f"198.51.100.{number}").post(
        "/club/sign-in", email="ann@example.org", password="guessed").status for number in range(14)]
    assert statuses == [422] * 10 + [429] * 4
    refused = site.browser("198.51.100.99").post("/club/sign-in", email="ann@example.org", password=PASSWORD)
    assert refused.status == 429 and 0 < int(refused.headers["retry-after"]) <= 120
    # At the address that he has been at before, the member comes in.
    assert site.browser().post("/club/sign-in", email="ann@example.org", password=PASSWORD).status == 303


def test_nobody_has_mail_sent_to_any_number_of_people(site):
    """Links that are asked for in masses (row J1), also from all addresses of an IPv6 network."""
    statuses = [site.browser(f"2001:db8::{number:x}").post(
        "/club/join", email=f"stranger{number}@example.org").status for number in range(1, 23)]
    assert statuses == [200] * 20 + [429] * 2
    until(lambda: len(site.mails()) == 20, "the mails of those that were answered come")
    assert site.browser("2001:db8:0:1::1").post("/club/join", email="another@example.org").status == 200


def test_nginx_passes_any_name_where_it_checks_none(folder, gatehouse):
    """The page warns of it, and its location is the remedy."""
    (block,) = documents.blocks(documents.text("SIGN-IN.md"), "nginx")
    checked = re.fullmatch(r"location / \{\n(.*)\}\n", block, re.S)[1].replace("include fastcgi_params;", "")
    assert "/run/gatehouse/web.sock" in checked and "/etc/nginx/members" in checked
    folder.chmod(0o777)
    (folder / "members").write_text("ann:{PLAIN}secret\n")
    checked = checked.replace("/run/gatehouse/web.sock", gatehouse.fastcgi_socket)
    checked = checked.replace("/etc/nginx/members", str(folder / "members"))
    front = nginx_over(folder, {"/": checked, "/variables": f"fastcgi_pass unix:{gatehouse.fastcgi_socket};"})

    def status_and_user(target, user, password):
        word = base64.b64encode(f"{user}:{password}".encode()).decode()
        answer = ask(front.ports["all"], target, headers={"Authorization": f"Basic {word}"})
        names = [line for line in answer.body.decode().splitlines() if line.startswith("REMOTE_USER=")]
        return answer.status, names

    try:
        assert status_and_user("/variables", "ann", "guessed") == (200, ["REMOTE_USER=ann"])
        assert ask(front.ports["all"], "/hello").status == 401
        assert status_and_user("/hello", "ann", "guessed")[0] == 401
        assert status_and_user("/hello", "ann", "secret")[0] == 200
    finally:
        front.stop()
