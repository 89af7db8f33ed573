"""Forms with files: what other parsers' own tests expect, and what they make of random ones. Memory stays flat."""

import json
import random
import re

import pytest
import yaml

from harness import fastcgi, form_parsers, modules, procfs
from harness.client import ask
from harness.gatehouse import shared_socket
from harness.nginx import nginx

MIB = 1 << 20
SEEDS = range(6)
FORMS = 300


@pytest.fixture(scope="module")
def uploads():
    return modules.build("uploads")


@pytest.fixture
def server(serving, uploads, folder):
    folder.chmod(0o777)
    return serving({"/": {"path": str(uploads), "settings": {"folder": str(folder)}}}, limits={"body": "8GiB"},
                   socket=shared_socket())


def found(answer):
    """The parts that we found, as the other parsers give them; or the error."""
    assert answer.status == 200, answer.stdout
    form = json.loads(answer.body)
    return form.get("error") or [[part["name"], part.get("file"), part["hex"]] for part in form["parts"]]


def read(server, boundary, body, path="/cut"):
    answer = server.get(path, method="POST", body=body, CONTENT_TYPE=f'multipart/form-data; boundary="{boundary}"')
    assert not json.loads(answer.body)["different"], f"cut at {answer.body}"
    return found(answer)


# Forms that python-multipart takes and we do not: encodings that RFC 7578 has ended (section 4.7), which would be
# stored undecoded, and a parameter whose name is no token.
REFUSED = {
    "base64_encoding", "base64_encoding_whitespace", "mixed_case_headers", "mixed_plain_and_base64_encoding",
    "quoted_printable_encoding", "non_ascii_whitespace_before_filename",
}


def test_python_multiparts_forms_are_what_it_expects(server):
    """Rows G2, G3 and G4: malformed forms are errors, whole ones have their parts, however they are cut."""
    forms = sorted(form_parsers.corpus("python_multipart").glob("*.http"))
    assert len(forms) >= 30
    for form in forms:
        description = yaml.safe_load(form.with_suffix(".yaml").read_text())
        # Its test gives this form's boundary itself.
        boundary = "boundary" if form.stem == "single_field_blocks" else description["boundary"]
        parts = read(server, boundary, form.read_bytes())
        if form.stem == "bad_initial_boundary":
            assert parts == []  # RFC 2046 allows a preamble, even one that looks like a boundary
        elif "error" in description["expected"] or form.stem in REFUSED:
            assert isinstance(parts, str), (form.stem, parts)
        else:
            assert parts == [[part["name"], part.get("file_name"), part["data"].hex()]
                             for part in description["expected"]], form.stem


# By folder of Werkzeug's captures: the files' names and the text, as its own tests expect them.
CAPTURES = {
    "firefox3-2png1txt": ("anchor.png", "application_edit.png", "example text"),
    "firefox3-2pnglongtext": ("accept.png", "add.png", "--long text\r\n--with boundary\r\n--lookalikes--"),
    "ie6-2png1txt": ("file1.png", "file2.png", "ie6 sucks :-/"),
    "opera8-2png1txt": ("arrow_branch.png", "award_star_bronze_1.png", "blafasel öäü"),
    "webkit3-2png1txt": ("gtk-apply.png", "gtk-no.png", "this is another text with ümläüts"),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_what_browsers_sent_to_werkzeug_is_whole(server, name):
    folder = form_parsers.corpus("werkzeug") / name
    form = (folder / "request.http").read_bytes()
    boundary = form.partition(b"\r\n")[0].removeprefix(b"--").decode()
    parts = {part[0]: part[1:] for part in read(server, boundary, form)}
    for field, file in zip(("file1", "file2"), CAPTURES[name]):
        # Internet Explorer sends the whole path.
        assert re.split(r"[\\/]", parts[field][0])[-1] == file
        assert bytes.fromhex(parts[field][1]) == (folder / f"{field}.png").read_bytes()
    assert bytes.fromhex(parts["text"][1]).decode() == CAPTURES[name][2]


def test_internet_explorers_document(server):
    # Its line ends were CR LF before somebody committed it.
    form = (form_parsers.corpus("werkzeug") / "ie7_full_path_request.http").read_bytes().replace(b"\n", b"\r\n")
    parts = read(server, "---------------------------7da36d1b4a0164", form, "/read")
    assert [part[1] for part in parts if part[0] == "cb_file_upload_multiple"] == [
        "Sellersburg Town Council Meeting 02-22-2010doc.doc"], parts


BOUNDARY = "----WebKitFormBoundaryAb0"
PIECES = [b"\r", b"\n", b"\r\n", b"-", b"--", b"a", b"\0", b"\xff", b"\r\n--", b"\r\n----WebKit",
          b"\r\n------WebKitFormBoundaryAb", b"\r\n------WebKitFormBoundaryAb1", "ä🦉".encode(), b":", b"\""]
NAMES = ["a", "tags[]", "größe", "with blanks", "semi;colon", "a=b", "%41", "日本.png", ".", "a.txt", "it's"]


def random_form(chance):
    """A form as a browser sends it."""
    form = b""
    for _ in range(chance.randrange(5)):
        name, file = chance.choice(NAMES), chance.choice([None, *NAMES])
        form += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if file is not None:
            form += f'; filename="{file}"\r\nContent-Type: application/octet-stream'.encode()
        form += b"\r\n\r\n" + b"".join(chance.choices(PIECES, k=chance.randrange(12))) + b"\r\n"
    return form + f"--{BOUNDARY}--\r\n".encode()


def broken(form, chance):
    """The form with a few changes."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(form) + 1)
        end = min(len(form), at + chance.randrange(4))
        form = form[:at] + chance.choice([b"", b"", *PIECES]) + form[end:]
    return form


@pytest.fixture(scope="module")
def parsers():
    made = form_parsers.Parsers()
    yield made
    made.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_random_forms_mean_the_same_to_werkzeug_and_python_multipart(server, parsers, seed):
    chance = random.Random(seed)
    for _ in range(FORMS // 3):
        form = random_form(chance)
        parts = read(server, BOUNDARY, form, "/read")
        assert isinstance(parts, list), (parts, form)
        others = parsers.read(BOUNDARY, form)
        assert parts == others["werkzeug"] == others["multipart"], form


# A lone CR or LF around a boundary, which Werkzeug takes for a line's end.
LONE = re.compile(rb"((?<!\r)\n|\r)--B|--B[ \t]*(\n|\r(?!\n))".replace(b"B", BOUNDARY.encode()))


@pytest.mark.parametrize("seed", SEEDS)
def test_broken_forms_never_mean_something_else(server, parsers, seed):
    """Row G3. A form that both take has the same parts for both."""
    chance = random.Random(1000 + seed)
    compared = 0
    for _ in range(FORMS):
        form = broken(random_form(chance), chance)
        parts = read(server, BOUNDARY, form, "/read")
        if isinstance(parts, str):
            continue
        for name, theirs in parsers.read(BOUNDARY, form).items():
            if isinstance(theirs, str) or name == "werkzeug" and LONE.search(form):
                continue
            compared += 1
            assert parts == theirs, (name, form)
    assert compared > FORMS // 4


def blocks(size, name="file"):
    """A form with one file of `size` random-looking bytes, piece by piece, and its length."""
    head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="big.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n").encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    block = random.Random(1).randbytes(MIB)
    return len(head) + size + len(end), (part for part in [head, *[block] * (size // MIB), end])


HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.mark.parametrize("path, expected", [("/count", b"1 %d\n"), ("/store", b"big.bin %d\n")])
def test_a_large_file_leaves_memory_as_it_is(server, folder, path, expected):
    """Row G6, through nginx that passes the body on as it arrives."""
    front = nginx(folder, server)
    try:
        port, size = front.ports["nginx fastcgi unbuffered"], 200 * MIB
        for mebibytes in (8, 200):
            before = procfs.memory(server.worker)
            procfs.reset_peak_memory(server.worker)
            length, body = blocks(mebibytes * MIB)
            answer = ask(port, path, "POST", body, {**HEADERS, "Content-Length": str(length)}, timeout=120)
            assert (answer.status, answer.body) == (200, expected % (mebibytes * MIB))
        # The second time, when the buffers of the first are there.
        assert procfs.memory(server.worker, "VmHWM") - before < 8 * MIB, size
    finally:
        front.stop()


def test_a_refused_file_is_not_read_to_its_end(server):
    """Row G1. What is too much is refused by its length, and while it arrives."""
    length, _ = blocks(100 * MIB)
    with server.connect() as connection:
        connection.send(fastcgi.head("/default", "POST", CONTENT_LENGTH=str(length),
                                     CONTENT_TYPE=HEADERS["Content-Type"]))
        answer = connection.response(1)
    assert answer.status == 413
    assert b"MultipartLimits.totalBytes" in answer.body
    length, body = blocks(17 * MIB)
    answer = server.get("/default", method="POST", body=b"".join(body), CONTENT_TYPE=HEADERS["Content-Type"])
    assert answer.status == 413
    assert b"MultipartLimits.fileBytes" in answer.body


BOMBS = [
    ("parts", f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 50_000),
    ("headers", f"--{BOUNDARY}\r\n" + "X: y\r\n" * 200_000),
    ("headerBytes", f"--{BOUNDARY}\r\nX: " + "y" * MIB),
    ("preambleBytes", "x" * MIB),
    ("preambleBytes", "\r\n" * (MIB // 2)),
    ("preambleBytes", f"--{BOUNDARY[:-1]}\r\n" * 30_000),
    ("epilogueBytes", f"--{BOUNDARY}--" + "x" * MIB),
    ("fieldBytes", f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + "x" * 2 * MIB),
    ("nameBytes", f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{"a" * 2000}"\r\n\r\n1'),
]


@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_a_bomb_costs_little(server, number):
    """Row G1: a refusal that names the limit, and memory as before."""
    name, form = BOMBS[number]
    server.get("/default", method="POST", body=b"x", CONTENT_TYPE=HEADERS["Content-Type"])
    before = procfs.memory(server.worker)
    procfs.reset_peak_memory(server.worker)
    with server.connect() as connection:
        try:
            connection.send(fastcgi.request("/default", "POST", form.encode(), CONTENT_TYPE=HEADERS["Content-Type"]))
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = connection.response(1)
    assert answer.status in (400, 413)
    assert f"MultipartLimits.{name}".encode() in answer.body
    assert procfs.memory(server.worker, "VmHWM") - before < 4 * MIB


def test_almost_boundaries_take_no_longer(server, uploads):
    """Row G2: a file of nothing but beginnings of boundaries is read in the time of any other."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()

    def cost(content):
        body = head + (content * (16 * MIB // len(content)))[:15 * MIB] + end
        before = procfs.exact_cpu_seconds(server.worker)
        answer = server.get("/count", method="POST", body=body, CONTENT_TYPE=HEADERS["Content-Type"])
        assert answer.body == b"1 %d\n" % (15 * MIB)
        return procfs.exact_cpu_seconds(server.worker) - before

    plain = min(cost(random.Random(1).randbytes(4096)) for _ in range(3))
    for content in (b"\r", b"\r\n", b"\r\n--", f"\r\n--{BOUNDARY[:-1]}".encode(), BOUNDARY[-1].encode(), b"0\r"):
        assert min(cost(content) for _ in range(3)) < plain + 0.3, content


def test_a_kept_file_is_there_and_the_others_are_not(server, folder):
    answer = ask_form(server, "/keep", [("as", None, b"cat"), ("file", "../../x.png", b"\x89PNG")])
    assert answer.status == 200, answer.body
    place = answer.body.decode().strip()
    with open(place, "rb") as file:
        assert file.read() == b"\x89PNG"
    assert ask_form(server, "/keep", [("as", None, b"cat"), ("file", "y", b"1")]).status == 500
    assert ask_form(server, "/store", [("file", "..", b"1"), ("file", "a\\b.txt", b"22")]).body == b"file 1\nb.txt 2\n"


def ask_form(server, path, parts):
    body = b""
    for name, file, content in parts:
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        body += (f'; filename="{file}"' if file else "").encode() + b"\r\n\r\n" + content + b"\r\n"
    body += f"--{BOUNDARY}--\r\n".encode()
    return server.get(path, method="POST", body=body, CONTENT_TYPE=HEADERS["Content-Type"])
