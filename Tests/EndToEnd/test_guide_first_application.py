"""FIRST-APPLICATION.md: the shelf that it builds, as a browser without scripts uses it."""

import re
import subprocess
import urllib.parse

import pytest
import yaml

from harness import documents, guide, paths
from harness.gatehouse import serve_configuration

EMAIL, PASSWORD = "ada@example.org", "analytical engine"


class Visitor:
    """Somebody with a cookie."""

    def __init__(self, server):
        self.server = server
        self.cookie = ""

    def ask(self, path, method="GET", body=b"", kind=""):
        variables = {"HTTP_ACCEPT": "text/html", "HTTP_HOST": "localhost"}
        if self.cookie:
            variables["HTTP_COOKIE"] = self.cookie
        if kind:
            variables["CONTENT_TYPE"] = kind
        answer = self.server.get(path, method, body, **variables)
        for name, value in answer.headers.items():
            if name.lower() == "set-cookie":
                self.cookie = value.split(";")[0]
        return answer

    def post(self, path, **fields):
        return self.ask(path, "POST", urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def post_book(self, cover=b"", **fields):
        parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                 for name, value in fields.items()]
        name = "cover.jpg" if cover else ""
        parts.append(f'--b\r\nContent-Disposition: form-data; name="cover"; filename="{name}"\r\n'
                     "Content-Type: image/jpeg\r\n\r\n".encode() + cover + b"\r\n--b--\r\n")
        return self.ask("/books", "POST", b"".join(parts), "multipart/form-data; boundary=b")


@pytest.fixture
def visitor(folder):
    """The page's commands and its configuration, word for word, but with another folder for /tmp/shelf."""
    def here(text):
        return text.replace("/tmp/shelf", str(folder))

    text = documents.text("FIRST-APPLICATION.md")
    guide.write("FIRST-APPLICATION.md", folder)
    commands = [line for line in text.splitlines() if "/tmp/shelf" in line and line.startswith(("mkdir", "gatehouse"))]
    assert len(commands) == 2, commands
    for command in commands:
        words = [str(paths.GATEHOUSE) if word == "gatehouse" else word for word in here(command).split()]
        subprocess.run(words, cwd=folder, check=True, timeout=300, stdin=subprocess.DEVNULL)
    (configuration,) = documents.blocks(text, "yaml")
    server = serve_configuration(folder, yaml.safe_load(here(configuration)), fastcgi_socket=str(folder / "web.sock"))
    yield Visitor(server)
    assert server.stop() == 0, server.lines()[-20:]


def test_a_visitor_signs_in_and_puts_a_book_with_a_cover_on_the_shelf(visitor):
    assert b"No book yet" in visitor.ask("/").body
    sent = visitor.ask("/books/new")
    assert (sent.status, sent.headers["location"]) == (303, "/sign-in?return=/books/new")
    refused = visitor.post("/sign-in", email=EMAIL, password="short")
    assert refused.status == 422 and f'value="{EMAIL}"'.encode() in refused.body and b"short" not in refused.body
    back = visitor.post("/sign-in", email=EMAIL, password=PASSWORD, back="/books/new")
    assert (back.status, back.headers["location"]) == (303, "/books/new")

    wrong = visitor.post_book(title="Notes & <Sketches>", year="1066", cover=b"no picture")
    assert wrong.status == 422 and b"Notes &amp; &lt;Sketches&gt;" in wrong.body
    assert b"Choose a JPEG" in wrong.body and b"1450" in wrong.body
    cover = b"\xff\xd8\xff\xe0 and so on"
    assert visitor.post_book(title="Notes & <Sketches>", year="1843", cover=cover).status == 303
    page = visitor.ask("/").body.decode()
    assert "<li>Notes &amp; &lt;Sketches&gt; (1843)" in page and "is on the shelf" in page
    assert "is on the shelf" not in visitor.ask("/").body.decode()
    picture = visitor.ask(re.search(r'src="(/covers/[\w-]+)"', page)[1])
    assert (picture.body, picture.headers["content-type"]) == (cover, "image/jpeg")

    assert visitor.post("/sign-out").status == 303 and visitor.ask("/books/new").status == 303
    assert b"do not fit" in visitor.post("/sign-in", email=EMAIL, password="difference engine").body
