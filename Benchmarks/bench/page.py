"""Lines of Markdown, and a verdict for each figure that has a limit."""

import sys

from . import limits


class Page:
    def __init__(self):
        self.lines = []
        self.verdicts = []

    def machine(self, facts):
        self.lines += [f"* {name}: {value}" for name, value in facts] + [""]

    def table(self, header, rows):
        self.lines.append("| " + " | ".join(header) + " |")
        self.lines.append("|---" + "|--:" * (len(header) - 1) + "|")
        self.lines += ["| " + " | ".join(row) + " |" for row in rows]
        self.lines.append("")

    def ratio(self, what, ours, theirs, limit=None):
        """The text of our figure divided by theirs, which has to keep the limit if there is one."""
        quotient = ours / theirs
        if limit is not None:
            self.verdicts.append(limits.at_most(what, quotient, limit))
        return f"{quotient:.2f}"

    @property
    def text(self):
        return "\n".join(self.lines)

    def judge(self):
        """Whether all limits are held. Says which, and not on standard output: that is what BENCHMARKS.md shows."""
        for verdict in self.verdicts:
            print(verdict, file=sys.stderr)
        held = sum(verdict.held for verdict in self.verdicts)
        print(f"limits: {held} of {len(self.verdicts)} held", file=sys.stderr)
        return held == len(self.verdicts)
