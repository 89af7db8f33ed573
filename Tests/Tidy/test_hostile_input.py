"""Tests/HOSTILE_INPUT.md and the tests that cite its rows agree."""

import functools
import re

import pytest
import tree

TABLE = "Tests/HOSTILE_INPUT.md"
# A row's name where it is no part of another word, of an escape such as \xC3 or %C3, or of a header's name.
CODE = re.compile(r"(?<![\w%\\{.\-])[A-LN](?:1[0-9]|[1-9])(?![\w!])")
# Nothing but rows, as in "Row E2." or "B3, C2.".
ONLY_CODES = re.compile(r"(?:(?:rows?|and|hostile|input)\b|[A-LN](?:1[0-9]|[1-9])\b|[\s.,:;()])+", re.I)


@functools.lru_cache(maxsize=None)
def table():
    """By row: its title, and the text below it by the bold words that begin its points."""
    parts = re.split(r"^### ([A-LN]\d+)\. (.+)$", tree.read(TABLE), flags=re.M)
    return {row: (title, dict(re.findall(r"^- \*\*([^*]+):\*\* (.+?)(?=^- \*\*|^#|\Z)", text, re.M | re.S)))
            for row, title, text in zip(parts[1::3], parts[2::3], parts[3::3])}


@functools.lru_cache(maxsize=None)
def cited():
    """By file of the tests, sources and fuzz targets: the rows that it cites, each with its first line."""
    found = {}
    for folder in ("Tests/", "Sources/", "Fuzz/"):
        for path in tree.sources("swift", "python", "c", below=folder):
            if path.startswith(tree.TIDY):
                continue
            for number, line in enumerate(tree.read(path).splitlines(), 1):
                for code in CODE.findall(line):
                    found.setdefault(path, {}).setdefault(code, number)
    return found


@functools.lru_cache(maxsize=None)
def files_of(name):
    """The files that a name of the table means: of a Swift suite its declaration and extensions."""
    if name.endswith(".py"):
        return [path for path in tree.sources("python", below="Tests/EndToEnd/") if path.endswith(f"/{name}")]
    declaration = re.compile(rf"^[^/\n]*\b(?:struct|class|enum|extension) {name}\b", re.M)
    return [path for path in tree.sources("swift", below="Tests/") if declaration.search(tree.read(path))]


def named_by(row):
    return re.findall(r"`(\w+(?:\.py)?)`", table()[row][1].get("Tests", ""))


def test_the_table_is_read_as_a_whole():
    assert len(table()) == tree.read(TABLE).count("\n### ") >= 38
    for row, (_, points) in table().items():
        assert list(points) in (["Elsewhere", "Here", "Tests"], ["Elsewhere", "Here", "No test"]), row


def test_every_row_that_is_cited_is_defined():
    wrong = [f"{path}:{line}: row {row} is not in {TABLE}" for path, rows in cited().items()
             for row, line in rows.items() if row not in table()]
    assert not wrong, tree.listed(wrong)


def test_every_test_that_cites_a_row_is_named_there():
    named = {(path, row) for row in table() for name in named_by(row) for path in files_of(name)}
    wrong = [f"{path}:{line} cites row {row}: name it there, in {TABLE}" for path, rows in cited().items()
             for row, line in rows.items() if re.match(r"Tests/.*(Tests|/test_\w+)\.\w+$", path)
             and (path, row) not in named]
    assert not wrong, tree.listed(wrong)


@pytest.mark.parametrize("row", table())
def test_every_test_that_a_row_names_is_there_and_cites_it(row):
    for name in named_by(row):
        paths = files_of(name)
        assert paths, f"row {row}: there is no test {name}"
        assert any(row in cited().get(path, {}) for path in paths), f"row {row}: {name} does not cite it"


@pytest.mark.parametrize("row", table())
def test_every_row_has_a_test_or_says_why_not(row):
    points = table()[row][1]
    assert named_by(row) or len(points.get("No test", "").split()) >= 5, row


def test_a_comment_says_more_than_its_row():
    wrong = [f"{path}:{line}: a comment of nothing but rows: say what the test holds" for path in cited()
             for line, text in tree.comments(path) if ONLY_CODES.fullmatch(text) and CODE.search(text)]
    assert not wrong, tree.listed(wrong)
