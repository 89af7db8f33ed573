"""Mistakes with the data layer that the compiler finds, so that no test of a module has to."""

import re
import subprocess

from harness import sdk

HEAD = """\
import Gatehouse
import GatehouseDatabase

"""

# Found by the types. Each marked line has an error with these words.
PASTED = HEAD + """\
func paste(_ title: String, into database: Database, _ transaction: Transaction) async throws {
    let pasted = "SELECT id FROM note WHERE title = '\\(title)'"
    _ = try await database.first(pasted, Int.self)  // error: cannot convert value of type 'String'
    try await database.execute(title)  // error: cannot convert value of type 'String'
    try await transaction.execute("DELETE FROM note WHERE title = '" + title + "'")  // error: 'String'
    _ = try await database.first("SELECT id FROM note WHERE title = \\(title)", Int.self)
}
"""

# Found by the checks of isolation, which come after the types.
SHARED = HEAD + """\
func both(_ database: Database) async throws {
    try await database.transaction { transaction in
        async let one = transaction.execute("INSERT INTO note VALUES (1)")  // error: data race
        async let two = transaction.execute("INSERT INTO note VALUES (2)")  // error: data race
        _ = try await (one, two)
    }
}

func later(_ database: Database) async throws {
    try await database.transaction { transaction in
        Task { try await transaction.execute("INSERT INTO note VALUES (1)") }  // error: data race
        try await transaction.execute("INSERT INTO note VALUES (2)")
    }
}
"""


def errors(folder, source):
    """The compiler's errors, by line."""
    file = folder / "Mistakes.swift"
    file.write_text(source)
    command = ["swiftc", "-swift-version", "6", "-parse-as-library", "-c", "-o", "/dev/null", *sdk.STRICT,
               *sdk.search_flags(), str(file)]
    said = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300).stderr
    found = {}
    for line, text in re.findall(r"^\S*Mistakes\.swift:(\d+):\d+: error: (.*)$", said, re.M):
        found.setdefault(int(line), []).append(text)
    return found


def check(folder, source):
    """Just the marked lines have errors, with the words of the marks."""
    marks = {number: line.partition("// error: ")[2] for number, line in enumerate(source.splitlines(), 1)
             if "// error: " in line}
    found = errors(folder, source)
    assert found.keys() <= marks.keys(), found
    for number, words in marks.items():
        assert any(words in text for text in found.get(number, [])), (number, words, found)


def test_text_that_is_pasted_together_is_no_sql(folder):
    """A `String` does not fit where SQL belongs (behaviour 1)."""
    check(folder, PASTED)


def test_two_tasks_cannot_use_one_transaction(folder):
    """The transaction is not Sendable (behaviour 13)."""
    check(folder, SHARED)
