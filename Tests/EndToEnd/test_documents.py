"""Compares the documents with the command line, the configuration, each other, and what their examples do."""

import re
import shutil
import sys

import pytest

from harness import documents, guide, nginx, paths
from harness.client import ask, free_ports
from harness.command_line import commands, exit_statuses, known_words
from harness.gatehouse import run

OPERATORS = sorted(path.name for path in (paths.ROOT / "Documentation").glob("*.md"))
GUIDE = ["Documentation/Guide/README.md", *guide.PAGES]
DOCUMENTS = sorted(path.name for path in paths.ROOT.glob("*.md")) + OPERATORS
OTHERS = ["Benchmarks/README.md", "Tests/EndToEnd/README.md"]


@pytest.mark.parametrize("document", DOCUMENTS + GUIDE)
def test_every_command_that_a_document_types_exists(document):
    # In a code span or at a line's start in a block: elsewhere "gatehouse" is a word.
    typed = re.findall(r"(?:`|^|-- )gatehouse ([a-z][a-z-]*)", documents.text(document), re.M)
    assert set(typed) <= commands(), document


def test_the_operators_page_has_every_command_that_asks_a_supervisor():
    text = documents.text("SIGNALS.md")
    missing = {name for name in commands() if f"`gatehouse {name}" not in text}
    # The others start a supervisor or need none.
    assert missing <= {"serve", "check", "migrate", "build", "request"}, missing


def test_every_exit_status_that_a_document_names_is_one():
    rows = documents.table(documents.sections("SIGNALS.md")["Exit statuses of `gatehouse serve`"])
    # All that `serve` ends with is all that there is.
    assert {int(row[0]) for row in rows} == exit_statuses()
    for row in rows:
        assert row[1], row
    rows = documents.table(documents.sections("TROUBLESHOOTING.md")["The service does not start"])
    assert {int(number) for row in rows for number in re.findall(r"\d+", row[0])} <= exit_statuses()


def first_cells(part, head="key"):
    """The words in code spans of the first cells of a part's tables that begin with this head."""
    tables = re.findall(rf"^\| {head} \|.*\n((?:\|.*\n)+)", part, re.M)
    rows = [line.split("|")[1] for table in tables for line in table.splitlines()]
    return {word for row in rows for word in re.findall(r"`\$?([\w-]+)`", row)}


def test_the_configuration_page_has_every_key_and_no_other(folder):
    known, page = known_words(folder), documents.sections("CONFIGURATION.md")
    pool = first_cells(page["A pool"]) | first_cells(page["Programs"])
    processes, rlimits = page["Processes"].split("`rlimits` sets")
    assert first_cells(page["Top level"]) == known["the configuration"]
    assert pool | first_cells(processes) == known["a pool"]
    assert first_cells(page["modules"]) == known["a module"]
    assert first_cells(page["socket"]) == known["socket"]
    assert first_cells(page["limits"]) == known["limits"]
    assert first_cells(rlimits) == known["rlimits"]
    for part, keys in (("workers", "workers"), ("quarantine", "quarantine"), ("stalls", "stalls")):
        assert known[keys] <= set(re.findall(r"[\w-]+", page[part])), part


def test_the_configuration_page_has_every_variable_and_every_choice(folder):
    known, page = known_words(folder), documents.sections("CONFIGURATION.md")
    assert first_cells(page["access-log"], "variable") - {"http_NAME"} == known["variables"]
    (levels,) = re.findall(r"levels of `log-level` are ([^.]*)", page["A pool"])
    assert set(re.findall(r"`(\w+)`", levels)) == known["log-level"]
    (signals,) = [row for row in documents.table(page["Programs"]) if row[0] == "`stop-signal`"]
    assert set(re.findall(r"`(\w+)`", signals[1] + signals[2])) == known["stop-signal"]
    (passing,) = [row for row in documents.table(page["Programs"]) if row[0] == "`socket-passing`"]
    assert set(re.findall(r"`([a-z-]+)`", passing[2])) == known["socket-passing"]


@pytest.mark.parametrize("document", DOCUMENTS + GUIDE + OTHERS)
def test_every_document_and_file_that_is_named_is_there(document):
    text, folder = documents.text(document), documents.path(document).parent
    for name in set(re.findall(r"(?<![\w/-])[A-Z]{3,}\.md\b", text)):
        assert documents.path(name).exists(), name
    for target in set(re.findall(r"\]\(([^)#:]+)\)", text)):
        assert (folder / target).exists(), target
    rooms = "Sources|Tests|Documentation|Benchmarks|Fuzz|scripts|deploy|samples"
    # Files that a page of the guide gives its module are none of ours.
    shown = set(re.findall(r"^`([\w./-]+)`:$", text, re.M))
    for target in set(re.findall(rf"(?<![\w/.])((?:{rooms})/[\w./+-]*\w)", text)) - shown:
        assert (paths.ROOT / target).exists() or re.search(r"TARGET|Findings", target), target


@pytest.mark.parametrize(
    ("document", "heading"),
    [
        ("DESIGN.md", "The path of one request"), ("DESIGN.md", "The path of one reload"),
        ("CONTRIBUTING.md", "Where things are"), ("CONTRIBUTING.md", "A gateway protocol"),
        ("CONTRIBUTING.md", "An access log variable"), ("CONTRIBUTING.md", "A control command"),
    ],
)
def test_every_type_and_file_that_a_path_through_the_code_names_is_there(document, heading):
    files = [path for path in (paths.ROOT / "Sources").rglob("*") if path.suffix in {".swift", ".c"}]
    names = {path.stem for path in files} | {path.name for path in files}
    code = "\n".join(path.read_text() for path in files)
    names |= set(re.findall(r"(?:struct|class|enum|protocol|actor|func|var|let) (\w+)", code))
    names |= {path.name for path in (paths.ROOT / "Sources").rglob("*") if path.is_dir()}
    part = documents.sections(document)[heading]
    # Whole code spans that are a name: of a type, a function, or a file.
    spans = set(re.findall(r"`([A-Z]\w+(?:\+\w+)?(?:\.\w+)*|[a-z]+[A-Z]\w+|\w+\.c)`", part))
    assert len(spans) >= 2
    for name in spans:
        assert name in names or set(name.split(".")) <= names, name


def test_the_readme_lists_every_document():
    listed = re.findall(r"^\* \[([A-Z]+\.md)\]", documents.sections("README.md")["Documents"], re.M)
    assert sorted([*listed, "README.md"]) == sorted(DOCUMENTS)


def test_the_guides_first_page_lists_every_page_of_it():
    listed = re.findall(r"^\| \[([A-Z-]+\.md)\]", documents.text("Documentation/Guide/README.md"), re.M)
    assert sorted(listed) == guide.PAGES


def test_the_version_is_the_same_everywhere():
    said = run("--version").stdout
    version = re.fullmatch(r"gatehouse (\d+\.\d+\.\d+)(?: \(commit [0-9a-f]{12}(?:-dirty)?\))?\n", said)[1]
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", documents.text("CHANGELOG.md"), re.M)[1]
    assert newest == version
    assert f"Version {version} (" in documents.text("README.md")
    supported = documents.table(documents.sections("SECURITY.md")["Reporting a weakness"])
    assert [version.rpartition(".")[0], "yes"] in supported


def test_contributing_types_what_there_is():
    commands = "".join(documents.blocks(documents.text("CONTRIBUTING.md"), "sh")).splitlines()
    assert len(commands) >= 12
    tests = "\n".join(path.read_text() for path in (paths.ROOT / "Tests").rglob("*.swift"))
    for command in commands:
        words = [word for word in command.split() if not re.match(r"[A-Z_]+=", word)]
        for word in words:
            file, _, test = word.partition("::")
            if re.match(r"(scripts|Tests)/", file):
                assert (paths.ROOT / file).exists(), command
                assert not test or f"def {test}(" in (paths.ROOT / file).read_text(), command
        if words[:3] == ["swift", "test", "--filter"]:
            target, _, suite = words[3].rpartition(".")
            assert (paths.ROOT / "Tests" / (target or suite)).is_dir() or f"struct {suite}" in tests, command
            assert not target or (paths.ROOT / "Tests" / target).is_dir(), command
        else:
            assert words[0].startswith("scripts/") or words[:3] == ["/usr/bin/python3", "-m", "pytest"], command
    for name in re.findall(r"\b(SIMULATION_\w+)=", "".join(commands)):
        assert f'"{name}"' in tests, name


def test_benchmarks_shows_what_the_commands_print():
    sys.path.insert(0, str(paths.ROOT / "Benchmarks"))
    try:
        from bench import peers, report
        from bench.database import behind_nginx, contenders
        from bench.database.report import Report as DatabaseReport
        from bench.webpage import contenders as webpage
        from bench.webpage.report import Report as PageReport
    finally:
        sys.path.pop(0)
    page, text = report.Report(), documents.text("BENCHMARKS.md")
    figures = dict.fromkeys(("cpu_us", "rate", "p50_ms", "p99_ms", "rss_mib", "peak_mib", "failed"), 1)
    page.hello({(peer.name, table.mode): {**figures, "divided": {}} for peer in peers.PEERS for table in report.HELLO})
    page.sleeping({report.OURS: figures})
    page.transfer({(report.OURS, "upload"): dict.fromkeys(("cpu_s_per_gib", "mib_per_s", "growth_mib"), 1)}, 1024)
    page.notes()
    database = DatabaseReport()
    figures.update(dict.fromkeys(("least_cpu_us", "p50_us", "p99_us"), 1), title="")
    database.queries(
        contenders.CONTENDERS, {(one.database, one.name): figures for one in contenders.CONTENDERS})
    database.requests(dict.fromkeys(behind_nginx.NAMES, figures))
    database.trials({"stream": {"rows": 1, "growth_mib": 1, "row_ns": 1}})
    site = PageReport()
    site.pages(dict.fromkeys(webpage.NAMES, {**figures, "database_us": 1}))
    # All that is no figure: the titles, the tables' heads, the notes.
    printed = [line for line in (page.text + database.text + site.text).splitlines() if not re.match(r"\| .*\d", line)]
    assert len(printed) > 25
    for line in printed:
        # Text may be wrapped in another way, a table's head may not.
        assert line in text.splitlines() or not line.startswith("|") and line in " ".join(text.split()), line
    from figures import figure
    assert f"\n{figure.HEADER}\n" in text
    heads = re.findall(r'print\("(\|.*)"\)', (paths.ROOT / "scripts/compare-reload").read_text())
    assert len(heads) == 2 and "\n".join(heads) in text


def test_the_glossary_is_in_order_and_has_the_words_of_status():
    words = [row[0] for row in documents.table(documents.text("GLOSSARY.md"))]
    assert words == sorted(words, key=str.lower)
    assert {"pool", "generation", "module", "mount", "stamp", "worker", "supervisor", "quarantine"} <= set(words)


@pytest.fixture
def readmes_nginx(gatehouse, folder):
    """The port of an nginx with README.md's server block, as it is but for the port and the socket."""
    yield from behind_the_readmes(folder, "nginx", "fastcgi_params", gatehouse.fastcgi_socket)


@pytest.fixture
def readmes_uwsgi_pass(gatehouse, folder):
    """The same with the server block for uwsgi."""
    yield from behind_the_readmes(folder, "nginx, by uwsgi", "uwsgi_params", gatehouse.uwsgi_socket)


def behind_the_readmes(folder, heading, params, socket):
    """Start nginx with the block below a heading, yield its port, and stop it."""
    (block,) = documents.blocks(documents.sections("README.md")[heading], "nginx")
    (port,) = free_ports(1)
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    shutil.copy(f"/etc/nginx/{params}", folder)
    front = nginx.start(folder, {"nginx": port}, nginx.moved(block, port, socket))
    yield port
    front.stop()


def test_the_readmes_nginx_serves_and_takes_an_upload(readmes_nginx):
    assert ask(readmes_nginx, "/hello").body == b"Hello from Gatehouse\n"
    assert ask(readmes_nginx, "/count", "POST", bytes(2 << 20)).body == b"2097152\n"
    assert ask(readmes_nginx, "/count", "POST", bytes(17 << 20)).status == 413
    # With the port, or forms would be another site's.
    assert ask(readmes_nginx, "/scheme").body == b"http 127.0.0.1:%d\n" % readmes_nginx


def test_the_readmes_uwsgi_pass_serves_and_takes_an_upload(readmes_uwsgi_pass):
    assert ask(readmes_uwsgi_pass, "/hello").body == b"Hello from Gatehouse\n"
    assert ask(readmes_uwsgi_pass, "/count", "POST", bytes(2 << 20)).body == b"2097152\n"
    assert ask(readmes_uwsgi_pass, "/scheme").body == b"http 127.0.0.1:%d\n" % readmes_uwsgi_pass


def test_the_readmes_module_is_what_it_says(serving, folder):
    (source,) = [block for block in documents.blocks(documents.text("README.md"), "swift") if "@main" in block]
    (folder / "Hello/Sources").mkdir(parents=True)
    (folder / "Hello/Sources/Hello.swift").write_text(source)
    assert run("build", folder / "Hello", "-o", paths.ARTEFACTS / "readme.so", seconds=300).returncode == 0
    module = {"path": str(paths.ARTEFACTS / "readme.so"), "settings": {"greeting": "Good evening"}}
    server = serving({"/blog": module})
    assert server.get("/blog/hello").body == b"Good evening from /blog/\n"
    assert server.get("/blog/upload", "POST", bytes(2 << 20)).body == b"2097152 bytes\n"
