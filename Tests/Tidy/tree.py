"""The texts of the tree, and the comments in them. No build is needed to read any of it."""

import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDY = "Tests/Tidy/"
# Files that are data of tests, and not text that somebody reads.
DATA = ("Fuzz/Corpus/", "Package.resolved", "Benchmarks/instructions.json")
SCRIPT = re.compile(rb"#!.*\b(bash|sh|python3)\b")


@functools.lru_cache(maxsize=None)
def files():
    """The path of every text file below the root: those that git has, and new ones that it does not ignore."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [path for path in said.split("\0") if path and not path.startswith(DATA)]
    return sorted(path for path in found if (ROOT / path).is_file() and not (ROOT / path).is_symlink())


@functools.lru_cache(maxsize=None)
def read(path):
    return (ROOT / path).read_text(errors="replace")


@functools.lru_cache(maxsize=None)
def kind(path):
    """The language of a file: "swift", "python", "c", "shell", or its suffix."""
    suffix = pathlib.Path(path).suffix.removeprefix(".")
    if not suffix:
        first = (ROOT / path).read_bytes()[:80].partition(b"\n")[0]
        found = SCRIPT.match(first)
        return {b"python3": "python", b"bash": "shell", b"sh": "shell"}[found[1]] if found else ""
    return {"py": "python", "h": "c", "sh": "shell", "conf": "shell", "yaml": "shell"}.get(suffix, suffix)


def sources(*kinds, below=""):
    """The paths of all files of these languages."""
    return [path for path in files() if kind(path) in kinds and path.startswith(below)]


def _line_comments(path, mark):
    """(line, text) of each block of comment lines, and of each comment behind code."""
    block, began, found = [], 0, []
    for number, line in enumerate(read(path).splitlines(), 1):
        whole = re.match(rf"\s*{mark}+!?\s?(.*)$", line)
        if whole and not (number == 1 and line.startswith("#!")):
            if not block:
                began = number
            block.append(whole[1])
            continue
        if block:
            found.append((began, "\n".join(block)))
            block = []
        behind = re.search(rf"""\s\s?{mark}\s([^"']*)$""", line)
        if behind:
            found.append((number, behind[1]))
    return found + ([(began, "\n".join(block))] if block else [])


def _blocks(path, pattern):
    """(line, text) of each comment that has a beginning and an end: `/* … */` in C, docstrings in Python."""
    text = read(path)
    for match in re.finditer(pattern, text, re.S | re.M):
        lines = [re.sub(r"^\s*\*?\s?", "", line) for line in match[1].splitlines()]
        yield text.count("\n", 0, match.start()) + 1, "\n".join(lines).strip()


@functools.lru_cache(maxsize=None)
def comments(path):
    """(line, text) of every comment in a source file."""
    if kind(path) == "swift":
        return tuple(_line_comments(path, "//"))
    if kind(path) == "c":
        return (*_line_comments(path, "//"), *_blocks(path, r"/\*+(.*?)\*/"))
    if kind(path) == "python":
        return (*_line_comments(path, "#"), *_blocks(path, r'^\s*"""(.*?)"""'))
    return tuple(_line_comments(path, "#")) if kind(path) == "shell" else ()


def listed(lines, limit=40):
    """The text of a failure: one finding a line."""
    lines = list(lines)
    more = [f"and {len(lines) - limit} more"] if len(lines) > limit else []
    return "\n".join(["", *lines[:limit], *more])
