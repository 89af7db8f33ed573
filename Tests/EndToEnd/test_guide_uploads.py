"""UPLOADS.md: its module takes a picture through nginx, configured as the page says."""

import pytest

from harness import documents, guide, nginx
from harness.client import ask, free_ports
from harness.gatehouse import shared_socket

PAGE = "UPLOADS.md"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
BOUNDARY = "----WebKitFormBoundaryAb0"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    return guide.build(PAGE, tmp_path_factory.mktemp("page"))


@pytest.fixture
def port(album, serving, folder):
    """The port of an nginx before the module; its pictures are in `folder`/pictures."""
    folder.chmod(0o777)
    (folder / "pictures").mkdir()
    server = serving({"/": {"path": str(album), "settings": {"pictures": str(folder / "pictures")}}},
                     socket=shared_socket())
    (text,) = documents.blocks(documents.text(PAGE), "nginx")
    (port,) = free_ports(1)
    text = nginx.moved(text, port, server.fastcgi_socket).replace("include gatehouse_params;", nginx.params())
    assert "/var/lib/album/" in text
    front = nginx.start(folder, {"page": port}, text.replace("/var/lib/album/", f"{folder}/pictures/"))
    yield port
    front.stop()


def form(file, name="cat.png", title="A cat"):
    return (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\n{title}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: image/png\r\n\r\n").encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def send(port, body, kind=TYPE):
    return ask(port, "/", "POST", body, {"Content-Type": kind})


def test_a_picture_is_kept_and_sent_back(port, folder):
    page = ask(port, "/").body.decode()
    assert 'enctype="multipart/form-data"' in page and 'type="file"' in page
    picture = PNG + bytes(range(256)) * 12_000
    answer = send(port, form(picture, name="../../evil.php"))
    assert answer.status == 303, answer.body
    again = ask(port, answer.headers["Location"])
    assert (again.status, again.body) == (200, picture)
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    (kept,) = (folder / "pictures").iterdir()
    assert kept.suffix == ".png"


def test_what_is_no_picture_comes_back_with_the_reason(port, folder):
    answer = send(port, form(b"<script>alert(1)</script>"))
    assert answer.status == 422
    assert "Choose a picture: PNG" in answer.body.decode() and "A cat" in answer.body.decode()
    assert send(port, form(b"", name="")).status == 422
    assert not list((folder / "pictures").iterdir())


def test_what_is_too_large_or_no_upload_is_refused(port, folder):
    answer = send(port, form(PNG + bytes(10 << 20)))
    assert answer.status == 413 and b"MultipartLimits.fileBytes" in answer.body
    answer = send(port, form(PNG + bytes(11 << 20)))
    assert answer.status == 413 and b"nginx" in answer.body
    assert send(port, b"title=a&file=cat.png", "application/x-www-form-urlencoded").status == 415
    assert send(port, form(PNG)[:-4]).status == 400
    assert not list((folder / "pictures").iterdir())
