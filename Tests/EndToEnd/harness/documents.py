"""The documents' commands, files and tables, as a reader copies them."""

import re

from . import paths


def path(name):
    """A document's file: README.md and its kin are in the root, the others in Documentation and its Guide."""
    return next(file for file in (paths.ROOT / name, paths.ROOT / "Documentation" / name,
                                  paths.ROOT / "Documentation" / "Guide" / name) if file.exists())


def text(name):
    return path(name).read_text()


def sections(name):
    """The text of each section by its heading, in order."""
    parts = re.split(r"^##+ (.+)$", text(name), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def blocks(part, language):
    """The contents of a text's code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", part, re.M | re.S)


def table(part):
    """The rows of a text's first table, without its head, each a list of cells."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in part.splitlines() if line.startswith("|")]
    assert len(rows) > 2, "there is no table"
    return rows[2:]
