"""What the documents say of the command line, and what README.md shows, is what there is."""

import re
import shutil

import pytest

from harness import documents, nginx, paths
from harness.client import ask, free_ports
from harness.gatehouse import run

DOCUMENTS = sorted(path.name for path in paths.ROOT.glob("*.md"))


def commands():
    """Every command, by `gatehouse --help`."""
    part = run("--help").stdout.partition("SUBCOMMANDS:\n")[2]
    return set(re.findall(r"^  ([a-z]+) ", part, re.M)) - {"help"}


def exit_statuses():
    """Every exit status and its meaning, by `gatehouse --help`."""
    text = " ".join(run("--help").stdout.split())
    text = text.partition("Exit status: ")[2].partition(" USAGE:")[0]
    return {int(number) for number in re.findall(r"\b(\d+)\b", text)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_types_exists(document):
    # In a code span or at a line's start in a block: elsewhere "gatehouse" is a word.
    typed = re.findall(r"(?:`|^|-- )gatehouse ([a-z][a-z-]*)", documents.text(document), re.M)
    assert set(typed) <= commands(), document


def test_the_operators_page_has_every_command_that_asks_a_supervisor():
    text = documents.text("SIGNALS.md")
    missing = {name for name in commands() if f"`gatehouse {name}" not in text}
    # What starts one, and what needs none.
    assert missing <= {"serve", "check", "build", "request"}, missing


def test_every_exit_status_that_a_document_names_is_one():
    part = documents.sections("SIGNALS.md")["Exit statuses of `gatehouse serve`"]
    low, high = re.search(r"(\d\d) to (\d\d)\s+when\s+a\s+module", part).groups()
    named = {int(number) for number in re.findall(r"\b(\d\d|0)\b(?! s\b)", part)} | set(range(int(low), int(high) + 1))
    assert len(named) >= 14 and named <= exit_statuses(), named - exit_statuses()
    # The other way round: all that `serve` leaves with, which is all but none.
    assert exit_statuses() <= named | {0}, exit_statuses() - named
    rows = documents.table(documents.sections("TROUBLESHOOTING.md")["The service does not start"])
    assert {int(number) for row in rows for number in re.findall(r"\d+", row[0])} <= exit_statuses()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_that_is_named_is_there(document):
    text = documents.text(document)
    for name in set(re.findall(r"\b[A-Z]{3,}\.md\b", text)):
        assert (paths.ROOT / name).exists(), name
    for target in set(re.findall(r"\]\(([^)#:]+)\)", text)):
        assert (paths.ROOT / target).exists(), target


def test_the_readme_lists_every_document():
    listed = re.findall(r"^\* \[([A-Z]+\.md)\]", documents.sections("README.md")["Documents"], re.M)
    assert sorted([*listed, "README.md"]) == DOCUMENTS


def test_the_glossary_is_in_order_and_has_the_words_of_status():
    words = [row[0] for row in documents.table(documents.text("GLOSSARY.md"))]
    assert words == sorted(words, key=str.lower)
    assert {"pool", "generation", "module", "mount", "stamp", "worker", "supervisor", "quarantine"} <= set(words)


@pytest.fixture
def readmes_nginx(gatehouse, folder):
    """The port of an nginx with README.md's server block, as it is but for the port and the socket."""
    (block,) = documents.blocks(documents.sections("README.md")["A real nginx configuration"], "nginx")
    (port,) = free_ports(1)
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    shutil.copy("/etc/nginx/fastcgi_params", folder)
    front = nginx.start(folder, {"nginx": port}, nginx.moved(block, port, gatehouse.fastcgi_socket))
    yield port
    front.stop()


def test_the_readmes_nginx_serves_and_takes_an_upload(readmes_nginx):
    assert ask(readmes_nginx, "/hello").body == b"Hello from Gatehouse\n"
    assert ask(readmes_nginx, "/count", "POST", bytes(2 << 20)).body == b"2097152\n"
    assert ask(readmes_nginx, "/count", "POST", bytes(17 << 20)).status == 413


def test_the_readmes_module_is_what_it_says(serving, folder):
    (source,) = [block for block in documents.blocks(documents.text("README.md"), "swift") if "@main" in block]
    (folder / "Hello/Sources").mkdir(parents=True)
    (folder / "Hello/Sources/Hello.swift").write_text(source)
    assert run("build", folder / "Hello", "-o", paths.ARTEFACTS / "readme.so", seconds=300).returncode == 0
    module = {"path": str(paths.ARTEFACTS / "readme.so"), "settings": {"greeting": "Good evening"}}
    server = serving({"/blog": module})
    assert server.get("/blog/hello").body == b"Good evening from /blog/\n"
    assert server.get("/blog/upload", "POST", bytes(2 << 20)).body == b"2097152 bytes\n"
