"""DESIGN.md's table of rooms, Package.swift and the imports of the sources say the same."""

import functools
import json
import re
import subprocess

import pytest
import tree

# Modules of the toolchain, which every Swift target may import. Foundation is not among them: it costs each worker its
# start and its memory.
TOOLCHAIN = {"Glibc", "Synchronization", "FoundationEssentials", "Swift", "_Concurrency"}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|typealias|var|let)\s+)?(\w+)", re.M)


@functools.lru_cache(maxsize=None)
def rooms():
    """Each target's "may import" cell, as a set of modules. `Wire` is GatehouseWire; a remark is in parentheses."""
    part = tree.read("DESIGN.md").partition("| target | what lives there | may import |\n")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines()[1:]]
    targets = {row[0].strip("` ") for row in rows}

    def module(name):
        whole = f"Gatehouse{name}"
        return whole if whole in targets else name

    return {row[0].strip("` "): {module(name) for name in re.findall(r"\w+", re.sub(r"\(.*?\)", "", row[2]))}
            for row in rows}


@functools.lru_cache(maxsize=None)
def package():
    """Each target of Package.swift below Sources with the modules that it depends on."""
    command = ["swift", "package", "dump-package"]
    said = subprocess.run(command, cwd=tree.ROOT, check=True, capture_output=True, text=True, timeout=120).stdout
    # A dependency is {"byName": [NAME, …]}, {"product": [NAME, PACKAGE, …]} or {"target": [NAME, …]}.
    ours = [target for target in json.loads(said)["targets"]
            if target["type"] != "test" and not (target.get("path") or "").startswith(("Tests", "samples"))]
    return {target["name"]: {name for one in target["dependencies"] for name, *_ in one.values()} for target in ours}


@functools.lru_cache(maxsize=None)
def imported():
    """The imports of each target, without the toolchain's modules: for each module the first place."""
    found = {}
    for path in tree.sources("swift", below="Sources/"):
        modules = found.setdefault(path.split("/")[1], {})
        for match in IMPORT.finditer(tree.read(path)):
            line = tree.read(path).count("\n", 0, match.start(1)) + 1
            if match[1] not in TOOLCHAIN:
                modules.setdefault(match[1], f"{path}:{line}")
    return found


def test_the_table_has_a_row_for_each_target():
    assert rooms().keys() == package().keys()


@pytest.mark.parametrize("target", sorted(imported()))
def test_a_target_imports_what_the_table_allows_and_no_more(target):
    used, allowed = imported()[target], rooms()[target]
    wrong = [f"{place}: DESIGN.md's table does not allow {target} to import {module}"
             for module, place in used.items() if module not in allowed]
    wrong += [f"DESIGN.md: the table allows {target} to import {module}, and nothing does"
              for module in sorted(allowed - used.keys())]
    cell = ", ".join(module.removeprefix("Gatehouse") or module for module in in_order(used))
    assert not wrong, tree.listed([*wrong, f"the cell of what it imports today: {cell}"])


@pytest.mark.parametrize("target", sorted(imported()))
def test_a_targets_dependencies_are_what_it_may_import(target):
    allowed, depends = rooms()[target], package()[target]
    wrong = [f"Package.swift: {target} has to depend on {module}, which DESIGN.md's table allows it to import"
             for module in in_order(allowed - depends)]
    wrong += [f"Package.swift: {target} depends on {module}, which DESIGN.md's table does not allow it to import"
              for module in in_order(depends - allowed)]
    assert not wrong, tree.listed(wrong)


def in_order(modules):
    """Rooms of ours in the table's order, then the modules of other packages."""
    order = list(rooms())
    return sorted(modules, key=lambda module: (order.index(module) if module in order else len(order), module))
