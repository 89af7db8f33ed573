"""A profile: the instructions of one request, function by function."""

import collections
import re
import subprocess

LINES = 40


def print_difference(few, many, requests):
    """The difference of two callgrind runs, divided by the difference of their requests."""
    before, after = _functions(few), _functions(many)
    costs = {name: (after[name] - before[name]) / requests for name in after}
    whole = sum(costs.values())
    libraries = collections.Counter()
    for name, cost in costs.items():
        match = re.search(r"\[(?:.*/)?([^\]]*)\]$", name)
        libraries[match.group(1) if match else "unknown"] += cost
    for name, cost in libraries.most_common(6):
        print(f"{cost:10,.0f} {cost / whole:6.1%}  {name}")
    print()
    for name, cost in sorted(costs.items(), key=lambda item: -item[1])[:LINES]:
        shown = re.sub(r"\[.*/", "[", name)[:160]
        print(f"{cost:10,.0f} {cost / whole:6.1%}  {shown}")


def _functions(file):
    """{function and library: its own instructions}"""
    text = _output(["callgrind_annotate", "--threshold=100", str(file)])
    found = collections.Counter()
    for line in _output(["swift", "demangle", "--simplified"], text).splitlines():
        if match := re.match(r"\s*([\d,]+) \( ?[\d.]+%\)\s+[^:]*:(.*\S)", line):
            found[match.group(2)] += int(match.group(1).replace(",", ""))
    return found


def _output(argv, text=None):
    return subprocess.run(argv, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
