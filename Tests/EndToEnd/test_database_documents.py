"""DATABASE.md and COOKBOOK.md: their Swift compiles, and the first module does what the page says, on each database."""

import json
import re

import pytest

from harness import documents, paths, sdk
from harness.gatehouse import run

PAGES = ("DATABASE.md", "COOKBOOK.md")


def swift(page):
    return documents.blocks(documents.text(page), "swift")


def first_module():
    (source,) = [block for block in swift("DATABASE.md") if "@main" in block]
    return source


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_examples_compile(page, folder):
    parts = [block for block in swift(page)
             if not any(word in block for word in ("@main", "import Testing", "import PackageDescription"))]
    assert len(parts) >= 5
    for number, part in enumerate(parts):
        (folder / f"Part{number}.swift").write_text(part)
    # To SIL, because the checks against data races come after those of types.
    sdk.compile(sorted(folder.glob("Part*.swift")), "-emit-sil", "-parse-as-library", "-o", "/dev/null",
                "-whole-module-optimization")


def test_the_pages_test_compiles(folder):
    (tests,) = [block for block in swift("DATABASE.md") if "import Testing" in block]
    sdk.emit_testing_library(folder)
    (folder / "Module.swift").write_text(first_module())
    sdk.emit_module("Notes", [folder / "Module.swift"], folder, "-enable-testing")
    (folder / "Tests.swift").write_text(tests)
    plugins = sdk.TOOLCHAIN / "lib" / "swift" / "host" / "plugins"
    sdk.compile([folder / "Tests.swift"], "-typecheck", "-parse-as-library", "-plugin-path", str(plugins / "testing"),
                "-plugin-path", str(plugins), folders=[folder])


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """The first module with the migrations of the page, by the names that the page gives their files."""
    folder = tmp_path_factory.mktemp("page") / "Notes"
    (folder / "Sources").mkdir(parents=True)
    (folder / "Sources" / "Notes.swift").write_text(first_module())
    migrations = folder / "Resources" / "migrations"
    migrations.mkdir(parents=True)
    text = documents.text("DATABASE.md")
    files = re.findall(r"`(?:[\w/]+/)?(001_note\.\w+\.sql)`:\n\n```sql\n(.*?)^```$", text, re.M | re.S)
    assert {name.split(".")[1] for name, _ in files} == {"sqlite", "postgresql", "mysql"}
    for name, sql in files:
        (migrations / name).write_text(sql)
    target = paths.ARTEFACTS / "page-notes.so"
    result = run("build", folder, "-o", target, seconds=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return target


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "mariadb"])
def test_the_first_module_is_what_it_says(kind, notes, serving, request, folder):
    url = f"sqlite:{folder}/notes.sqlite" if kind == "sqlite" else request.getfixturevalue(kind).url
    server = serving({"/": {"path": str(notes), "settings": {"database": {"url": url}}}})
    assert server.get("/1").status == 404
    headers = {"CONTENT_TYPE": "application/json"}
    assert server.get("/", method="POST", body='{"title": "schön 🦉"}'.encode(), **headers).status == 201
    assert server.get("/", method="POST", body=rb'{"title": "a\u0000b"}', **headers).status == 400
    assert json.loads(server.get("/1").body)["title"] == "schön 🦉"
    assert [note["id"] for note in json.loads(server.get("/").body)] == [1]
