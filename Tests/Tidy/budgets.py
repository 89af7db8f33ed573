"""Findings that are allowed for the time being, by rule and folder. A number here only goes down, and the aim is none.

A test fails if a folder has more findings than its number, and also if it has fewer: lower the number then."""

import collections

from tree import folder, listed

BUDGETS = {
    "openers": {},
    "words": {
        "Sources/GatehouseSupervisor": 1, "Tests/GatehouseServerTests": 8, "Tests/GatehouseSupervisorTests": 4,
    },
}


def hold(rule, findings):
    """Compare the findings of a rule, (path, line, text) each, with its budgets."""
    by_folder = collections.defaultdict(list)
    for path, line, text in findings:
        by_folder[folder(path)].append(f"{path}:{line}: {text}")
    allowed = BUDGETS[rule]
    over = [line for name, lines in by_folder.items() if len(lines) > allowed.get(name, 0) for line in lines]
    assert not over, listed(over)
    counts = {name: len(lines) for name, lines in sorted(by_folder.items())}
    assert counts == allowed, f'lower BUDGETS["{rule}"] in Tests/Tidy/budgets.py to {counts}'
