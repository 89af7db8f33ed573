"""A figure beside its goal."""

import dataclasses

HEADER = "| | measured | goal |\n|---|---:|---:|"


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    goal: float = None  # At most this.
    digits: int = 0

    @property
    def is_missed(self):
        return self.goal is not None and round(self.value, self.digits) > self.goal

    def __str__(self):
        goal = "" if self.goal is None else f"≤ {self.goal:,}" + (": **missed**" if self.is_missed else "")
        return f"| {self.name} | {self.value:,.{self.digits}f} | {goal} |"


def spread(name, values, *, median=None, longest=None):
    """The median and the longest of some times in milliseconds, each with its goal."""
    values = sorted(values)
    yield Figure(f"{name}, median of {len(values)}, ms", values[len(values) // 2], median)
    yield Figure(f"{name}, longest, ms", values[-1], longest)
