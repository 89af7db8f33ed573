"""A measured figure and its limit."""

import dataclasses

HEADER = "| | measured |\n|---|---:|"


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    limit: float = None  # At most this, or at least.
    digits: int = 0
    is_least: bool = False

    @property
    def is_missed(self):
        if self.limit is None:
            return False
        value = round(self.value, self.digits)
        return value < self.limit if self.is_least else value > self.limit

    def __str__(self):
        return f"| {self.name} | {self.value:,.{self.digits}f} |"

    @property
    def verdict(self):
        word = "MISSED" if self.is_missed else "held"
        sign = "≥" if self.is_least else "≤"
        return f"{word}: {self.name}: {self.value:,.{self.digits}f}, limit {sign} {self.limit:,}"


def spread(name, values, *, median=None, longest=None):
    """The median and the longest of some times in milliseconds, each with its limit."""
    values = sorted(values)
    yield Figure(f"{name}, median of {len(values)}, ms", values[len(values) // 2], median)
    yield Figure(f"{name}, longest, ms", values[-1], longest)
