"""The guide's pages. Each but the first, README.md, has one complete module, which is built as a reader would build it,
with the files that the page names beside it."""

import re

from . import documents, paths
from .gatehouse import run

PAGES = sorted(
    path.name for path in (paths.ROOT / "Documentation" / "Guide").glob("*.md") if path.name != "README.md")

# A file of the module: its name in a code span, a colon, and its text in a block.
FILE = re.compile(r"^`((?:Resources|Sources)/[\w./-]+)`:\n\n```\w*\n(.*?)^```$", re.M | re.S)


def module_source(page):
    """The source of the page's module."""
    (source,) = [block for block in documents.blocks(documents.text(page), "swift") if "@main" in block]
    return source


def parts(page):
    """The page's other Swift, which can use the module's types."""
    sources = {text for name, text in files(page).items() if name.endswith(".swift")}
    return [block for block in documents.blocks(documents.text(page), "swift")
            if not any(word in block for word in ("@main", "import Testing")) and block not in sources]


def files(page):
    """The module's other files, as the page has them."""
    return dict(FILE.findall(documents.text(page)))


def write(page, folder):
    """The module's folder, as a reader makes it."""
    name = re.search(r"@main\s+struct (\w+)", module_source(page))[1]
    place = folder / name
    for file, text in {f"Sources/{name}.swift": module_source(page), **files(page)}.items():
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).write_text(text)
    return place


def build(page, folder):
    """The page's module, built; the path of its .so."""
    target = paths.ARTEFACTS / f"guide-{page.removesuffix('.md').lower()}.so"
    result = run("build", write(page, folder), "-o", target, seconds=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return target
