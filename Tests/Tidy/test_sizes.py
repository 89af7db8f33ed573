"""A file is as big as its idea: none has more than 300 lines, no function more than 60, and no line
more than 120 columns."""

import ast
import re

import tree

FILE, FUNCTION, LINE = 300, 60, 120


def test_no_file_is_longer_than_300_lines():
    lengths = {path: tree.read(path).count("\n") for path in tree.sources("swift", "python", "c", "shell")}
    long = [f"{path}: {length} lines" for path, length in lengths.items() if length > FILE]
    assert not long, tree.listed(long)


def test_no_line_is_longer_than_120_columns():
    # swift format looks at code only; in C and Python nothing else does.
    found = [f"{path}:{number}: {len(line)} columns"
             for path in tree.sources("swift", "python", "c")
             for number, line in enumerate(tree.read(path).splitlines(), 1) if len(line) > LINE]
    assert not found, tree.listed(found)


def python_functions(text):
    """(name, first line, number of lines) of each function."""
    return [(node.name, node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def without_texts(text):
    """Swift or C without its comments and string literals: it has the same lines, and only braces of code."""
    def blank(match):
        return "\n" * match[0].count("\n")

    literals = r'//[^\n]*|/\*.*?\*/|#"""(?:.*?)"""#|"""(?:\\.|.)*?"""|#"[^\n]*?"#|"(?:\\.|[^"\\\n])*"'
    return re.sub(literals, blank, text, flags=re.S)


def braced_functions(text, head):
    """(name, first line, number of lines) of each function whose head matches and which has a body in braces."""
    text = without_texts(text)
    for match in re.finditer(head, text, re.M):
        depth, at = 0, match.end()
        # The body's brace comes before anything else that could follow a head.
        opening = re.compile(r"[{;}]|^\s*(?:func|var|let|init)\b", re.M).search(text, at)
        if not opening or opening[0] != "{":
            continue
        for at in range(opening.start(), len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                break
        first = text.count("\n", 0, match.start(1)) + 1
        yield match[1], first, text.count("\n", 0, at) + 2 - first


SWIFT_HEAD = r"^[^\n]*?\b(func `[^`]+`|func [^\s(<]+|init|deinit|subscript)(?=[?(<\s{])"
C_HEAD = r"^(?:[a-z][\w *]*[ *])(\w+)\([^;{}]*\)(?=\s*\{)"


def test_no_function_is_longer_than_60_lines():
    found = []
    for path in tree.sources("swift", "python", "c"):
        text = tree.read(path)
        functions = python_functions(text) if tree.kind(path) == "python" else braced_functions(
            text, SWIFT_HEAD if tree.kind(path) == "swift" else C_HEAD)
        found += [f"{path}:{line}: {name} has {length} lines" for name, line, length in functions if length > FUNCTION]
    assert not found, tree.listed(found)
