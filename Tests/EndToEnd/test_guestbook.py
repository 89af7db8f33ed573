"""The sample `guestbook` behind nginx, with two workers, as somebody at a browser sees it: Chromium goes through all of
it, at a desk, on a phone, and without scripts, over each kind of database."""

import os
import pathlib
import subprocess

import pytest

from harness import modules, nginx
from harness.browser import Browser
from harness.client import ask, free_ports
from harness.gatehouse import module_pool, serve_configuration
from harness.waiting import until

# A place for screenshots; without it they go with the test's folder.
SCREENSHOTS = os.environ.get("GATEHOUSE_SCREENSHOTS")
PASSWORD = "correct horse battery"


class Site:
    """The sample behind an nginx, and the mail that it has sent."""

    def __init__(self, folder, database):
        self.folder = folder
        folder.chmod(0o755)
        for name, mode in (("state", 0o700), ("pictures", 0o755), ("mail", 0o700), ("shots", 0o700)):
            (folder / name).mkdir(mode=mode)
        pool = module_pool(folder, modules.build("guestbook"), workers=2)
        pool["modules"][0]["settings"] = {
            "database": database, "pictures": str(folder / "pictures"), "owner": "owner@example.org",
            "mail": {"from": "guestbook@example.org", "folder": str(folder / "mail")}}
        self.gatehouse = serve_configuration(
            folder, {"state": str(folder / "state"), "pools": {"web": pool}}, fastcgi_socket=str(folder / "web.sock"))
        (self.port,) = free_ports(1)
        (folder / "nginx").mkdir()
        (folder / "nginx").chmod(0o777)
        self.front = nginx.start(folder / "nginx", {"web": self.port}, f"""
            {nginx.params(GATEHOUSE_SENDFILE=f'"nginx {folder}/pictures/=/sent-by-nginx/"')}
            server {{
                listen 127.0.0.1:{self.port};
                location / {{ fastcgi_pass unix:{folder}/web.sock; }}
                location /sent-by-nginx/ {{
                    internal; alias {folder}/pictures/; add_header Sent-By nginx;
                }}
            }}""")
        self.url = f"http://127.0.0.1:{self.port}"

    def picture(self):
        """A photograph that somebody has in a folder."""
        file = self.folder / "picture.jpg"
        subprocess.run(["gm", "convert", "-size", "1600x900", "gradient:steelblue-gold", file], check=True)
        return file

    def reload(self):
        assert self.gatehouse.command("reload")

    def letters(self):
        return [file.read_text() for file in sorted((self.folder / "mail").iterdir())]

    def stop(self):
        self.front.stop()
        assert self.gatehouse.stop() == 0, self.gatehouse.lines()[-20:]
        assert not [line for line in self.gatehouse.lines() if " error " in line]


class Reader(Browser):
    """Somebody who reads and writes the guestbook."""

    def __init__(self, site, name, **options):
        folder = site.folder / name
        folder.mkdir()
        super().__init__(folder, **options)
        self.site = site
        self.shots = pathlib.Path(SCREENSHOTS or site.folder / "shots")
        self.name = name

    def shoot(self, what):
        """A screenshot; no page is wider than the screen, and none has a script."""
        self.screenshot(self.shots / f"{self.name}-{what}.png")
        wide, screen = self.run("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= screen, f"{what} is {wide} pixels wide on a screen of {screen}"
        assert "<script" not in self.source

    def sign_up(self, name, email, password=PASSWORD):
        self.open(self.site.url + "/sign-up")
        self.fill(Name=name, Email=email, Password=password)
        self.press("Sign up", within="main")

    def sign_in(self, email, password=PASSWORD):
        self.open(self.site.url + "/sign-in")
        self.fill(Email=email, Password=password)
        self.press("Sign in", within="main")

    def write(self, text, picture=None):
        self.open(self.site.url + "/entries/new")
        self.fill(Text=text, **({"Picture": picture} if picture else {}))
        self.press("Write", within="main")


@pytest.fixture
def site(request, folder):
    """The site over the kind of database that the test's parameter names."""
    kind = getattr(request, "param", "sqlite")
    database = {"url": "sqlite:"}
    if kind != "sqlite":
        database = {"url": request.getfixturevalue(kind).url, "connections": 3}
    made = Site(folder, database)
    yield made
    made.stop()


@pytest.fixture
def reading(site):
    """Start a browser: `reading("name")`. It is closed after the test."""
    started = []

    def start(name, **options):
        started.append(Reader(site, name, **options))
        return started[-1]

    yield start
    for reader in started:
        reader.close()


def signs_up(reader):
    reader.open(reader.site.url)
    assert "Nobody has written yet" in reader.text
    reader.shoot("empty")
    reader.follow("Sign up")
    reader.fill(Name="Ada <Lovelace>", Email="ada@example.org", Password="short")
    reader.press("Sign up", within="main")
    assert reader.field("Name").value == "Ada <Lovelace>" and reader.field("Email").value == "ada@example.org"
    assert reader.field("Password").value == "" and reader.field("Password").attribute("aria-invalid") == "true"
    reader.shoot("sign-up-refused")
    reader.fill(Password=PASSWORD)
    reader.press("Sign up", within="main")
    assert "Ada <Lovelace>" in reader.find("header").text


def writes(reader):
    reader.follow("Write")
    # The browser's own check is for comfort; the server's is looked at here.
    reader.run("document.querySelector('main form').noValidate = true")
    reader.fill(Name="Countess", Text="   ")
    reader.press("Write", within="main")
    assert reader.field("Name").value == "Countess"
    assert reader.field("Text").attribute("aria-invalid") == "true"
    assert reader.find(f"[id='{reader.field('Text').attribute('aria-describedby').split()[0]}']").text
    reader.shoot("entry-refused")
    reader.fill(Text="Good evening, <b>everybody</b> & thank you", Picture=reader.site.picture())
    reader.press("Write", within="main")
    assert "Thank you" in reader.find("[role=status]").text
    assert "Good evening, <b>everybody</b> & thank you" in reader.find(".entry").text
    assert reader.find(".entry h2").text == "Countess"


def picture_comes(reader):
    def loaded():
        reader.reload()
        return reader.run("const [image] = document.querySelectorAll('.entry img');"
                          "return image && image.complete && image.naturalWidth ? image.src : null")
    source = until(loaded, "the thumbnail is on the page", 20, 0.1)
    assert not reader.all("[role=status]"), "a flash message is shown once"
    path = source.removeprefix(reader.site.url)
    answer = ask(reader.site.port, path)
    assert (answer.status, answer.headers["Sent-By"], answer.headers["Content-Type"]) == (200, "nginx", "image/jpeg")
    assert answer.body.startswith(b"\xff\xd8\xff") and "X-Accel-Redirect" not in answer.headers
    assert ask(reader.site.port, "/sent-by-nginx/" + path.rpartition("/")[2] + ".jpg").status == 404
    reader.shoot("entry")


def searches_and_pages(reader):
    for number in range(11):
        reader.write(f"Entry number {number}")
    assert len(reader.all(".entry")) == 10
    reader.follow("Older")
    assert "Good evening" in reader.text and len(reader.all(".entry")) == 2
    reader.shoot("second-page")
    reader.follow("Newer")
    reader.fill(Search="EVENING")
    reader.press("Search")
    assert len(reader.all(".entry")) == 1 and reader.field("Search").value == "EVENING"
    reader.fill(Search="100%")
    reader.press("Search")
    assert not reader.all(".entry") and "Nothing has these words" in reader.text
    reader.shoot("nothing-found")


def deletes_and_leaves(reader):
    reader.open(reader.site.url + "/?q=evening")
    reader.press("Delete")
    assert "deleted" in reader.find("[role=status]").text and "Good evening" not in reader.text
    until(lambda: not list((reader.site.folder / "pictures").iterdir()), "the picture has gone with its entry")
    reader.press("Sign out")
    assert "Sign in" in reader.find("header").text and not reader.all(".entry button")


@pytest.mark.parametrize(
    ("site", "name", "options"),
    [("sqlite", "desk", {}), ("postgres", "phone", {}), ("mariadb", "no-scripts", {"scripts": False})],
    indirect=["site"])
def test_a_reader_goes_through_all_of_it(site, reading, name, options):
    reader = reading(name, **options)
    if name == "phone":
        reader.be_a_phone()
    signs_up(reader)
    site.reload()
    writes(reader)
    site.reload()
    picture_comes(reader)
    until(lambda: any("Countess" in letter for letter in site.letters()), "the owner has got a letter")
    searches_and_pages(reader)
    deletes_and_leaves(reader)
    # A wrong password says no more than that, and the right one comes back to the page that asked for it.
    reader.sign_in("ada@example.org", "wrong horse battery")
    assert "do not fit" in reader.find("main").text and reader.field("Email").value == "ada@example.org"
    reader.shoot("sign-in-refused")
    reader.open(site.url + "/entries/new")
    reader.fill(Email="ada@example.org", Password=PASSWORD)
    reader.press("Sign in", within="main")
    assert reader.url == site.url + "/entries/new"
    reader.shoot("entry-form")


def test_nobody_deletes_what_another_has_written(site, reading):
    ada, bob = reading("ada"), reading("bob")
    ada.sign_up("Ada", "ada@example.org")
    ada.write("Ada's own")
    action = ada.find(".entry form").attribute("action")
    bob.sign_up("Bob", "bob@example.org")
    assert "Ada's own" in bob.text and not bob.all(".entry form")
    # A form that no page of ours shows him.
    bob.run(f"const form = document.createElement('form'); form.method = 'post'; form.action = '{action}';"
            "document.body.append(form); form.submit()")
    until(lambda: "not here" in bob.find("main").text, "he is told that it is not there")
    bob.open(site.url)
    assert "Ada's own" in bob.text


def test_another_sites_form_does_nothing(site, reading):
    reader = reading("victim")
    reader.sign_up("Victim", "victim@example.org")
    page = site.folder / "evil.html"
    page.write_text(f'<form method="post" action="{site.url}/sign-out"><button>Win a prize</button></form>')
    reader.open(f"file://{page}")
    reader.press("Win a prize")
    assert "403" in reader.text or "another site" in reader.text
    reader.open(site.url)
    assert "Victim" in reader.find("header").text


def test_pages_of_faults_are_the_sites_own_and_dark_mode_is_dark(site, reading):
    reader = reading("dark")
    reader.prefer_dark()
    reader.open(site.url + "/nowhere")
    assert "Guestbook" in reader.find("header").text and "not here" in reader.find("main").text
    reader.shoot("not-found")
    color = reader.run("return getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, color.removeprefix("rgb(").removesuffix(")").split(","))) < 200, color


def test_the_style_sheet_is_kept_by_browsers_for_good(site, reading):
    reader = reading("cache")
    reader.open(site.url)
    path = reader.find("link[rel=stylesheet]").attribute("href").removeprefix(site.url)
    answer = ask(site.port, path)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
