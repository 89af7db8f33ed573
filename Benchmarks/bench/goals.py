"""What is to be reached. Ratios are Gatehouse's figure divided by the peer's."""

import dataclasses

# CPU per routed hello, by mode and peer: at most.
HELLO = {
    ("kept", "floor"): 1.7,
    ("kept", "libfcgi"): 0.65,
    ("kept", "hummingbird"): 0.40,
    ("kept", "go"): 0.2,
    ("new", "libfcgi"): 1.05,
}
# A thousand sleeping requests: this part of the ideal, or of what nginx passes here where that is less; and memory.
SLEEPING_SHARE = 0.9
SLEEPING_MEMORY = 80
# CPU per GiB against libfcgi's, and growth in MiB, for each direction.
TRANSFER = 1.2
TRANSFER_GROWTH = 8
# Growth of the instructions per request over the recorded count.
INSTRUCTIONS = 1.05


@dataclasses.dataclass
class Verdict:
    """A goal beside its figure."""

    text: str
    met: bool

    def __str__(self):
        return f"{self.text}: {'met' if self.met else '**missed**'}"


def at_most(figure, limit, unit=""):
    return Verdict(f"≤ {limit:g}{unit}", figure <= limit)


def below(figure, limit, unit=""):
    return Verdict(f"< {limit:g}{unit}", figure < limit)


def at_least(figure, limit, unit=""):
    return Verdict(f"≥ {limit:,.0f}{unit}", figure >= limit)
