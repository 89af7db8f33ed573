"""MAIL.md: its module sends the mail that the page says, by each way."""

import email
import email.policy
import shutil
import socketserver
import threading
import urllib.parse

import pytest

from harness import guide
from harness.waiting import until

FROM = {"from": "party@example.org", "name": "The party"}


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("MAIL.md", tmp_path_factory.mktemp("page"))


@pytest.fixture
def inviting(module, serving):
    def start(**mail):
        server = serving({"/": {"path": str(module), "settings": {"mail": FROM | mail}}})
        return lambda **fields: server.get(
            "/invite", method="POST", body=urllib.parse.urlencode(fields).encode(),
            CONTENT_TYPE="application/x-www-form-urlencoded")
    return start


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that takes one mail at a time, and what it was told."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 sink\r\n")
            for line in self.rfile:
                verb = line.split()[0].upper()
                self.server.commands.append(line.decode().strip())
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.mails.append(b"".join(line.removeprefix(b".") for line in lines))
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")
                if verb == b"QUIT":
                    return

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.commands, self.mails = [], []
        threading.Thread(target=self.serve_forever).start()


def check(mail):
    """The mail is the page's."""
    assert not mail.defects
    assert mail["from"] == "The party <party@example.org>" and mail["to"] == "Änne Lee <ann@example.org>"
    assert mail["subject"] == "Come, Änne Lee! 🎉"
    assert mail.get_body(("plain",)).get_content() == "You are invited.\n"
    assert mail.get_body(("html",)).get_content() == "<p><b>You</b> are invited, Änne Lee.</p>"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("map.txt", "north\n")


def test_a_mail_in_a_folder(inviting, folder):
    place = folder / "mail"
    place.mkdir()
    place.chmod(0o777)
    invite = inviting(folder=str(place))
    assert invite(email="ann@example.org", name="Änne Lee").status == 200
    until(lambda: list(place.glob("*.eml")), "a mail comes", 10)
    (file,) = place.glob("*.eml")
    check(email.message_from_bytes(file.read_bytes(), policy=email.policy.default))
    # A line end in a name never comes as far as the mail.
    assert invite(email="ann@example.org", name="Ann\r\nBcc: eve@example.org").status == 422


def test_a_mail_by_a_program(inviting, folder):
    place = folder / "sent"
    place.mkdir()
    place.chmod(0o777)
    program = folder / "sendmail"
    program.write_text(
        f"#!/bin/sh\necho \"$@\" > {place}/arguments\ncat > {place}/new && mv {place}/new {place}/mail\n")
    program.chmod(0o755)
    invite = inviting(sendmail=str(program))
    assert invite(email="ann@example.org", name="Änne Lee").status == 200
    until(lambda: (place / "mail").exists(), "the program has the mail", 10)
    check(email.message_from_bytes((place / "mail").read_bytes(), policy=email.policy.default))
    assert (place / "arguments").read_text() == "-i -f party@example.org -- ann@example.org\n"


def test_a_mail_by_msmtp(inviting, folder):
    """A real program, and a server at its other end."""
    with Sink() as sink:
        program = folder / "sendmail"
        program.write_text(f"#!/bin/sh\nexec {shutil.which('msmtp')} --host=127.0.0.1 --port={sink.server_address[1]} "
                           "--auth=off --tls=off \"$@\"\n")
        program.chmod(0o755)
        invite = inviting(sendmail=str(program))
        assert invite(email="ann@example.org", name="Änne Lee").status == 200
        until(lambda: sink.mails, "a mail comes", 10)
        sink.shutdown()
    assert "MAIL FROM:<party@example.org>" in sink.commands and "RCPT TO:<ann@example.org>" in sink.commands
    (mail,) = sink.mails
    assert all(line.endswith(b"\r") or not line for line in mail.split(b"\n"))
    check(email.message_from_bytes(mail.replace(b"\r\n", b"\n"), policy=email.policy.default))
