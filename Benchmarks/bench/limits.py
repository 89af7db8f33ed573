"""The limits that Gatehouse's figures must keep. Ratios are Gatehouse's figure divided by the peer's."""

import dataclasses

# CPU per routed hello, by table and peer: at most.
HELLO = {
    ("kept", "floor"): 1.25,
    ("kept", "libfcgi"): 0.65,
    ("kept", "hummingbird"): 0.40,
    ("kept", "go"): 0.2,
    ("new", "floor"): 1.10,
    ("new", "libfcgi"): 1.05,
}
# The same: less than. In the table "uwsgi" both speak it.
HELLO_BELOW = {
    ("new", "uwsgi"): 1.0,
    ("uwsgi", "uwsgi"): 0.9,
}
# A thousand sleeping requests: this part of the ideal, or of nginx's own maximum here if that is less; and memory.
SLEEPING_SHARE = 0.9
SLEEPING_MEMORY = 80
# CPU per GiB against libfcgi's, by direction, and growth in MiB.
TRANSFER = {"upload": 0.8, "download": 1.2}
TRANSFER_GROWTH = 8
# A form with a file: CPU against Werkzeug's and against counting the same bytes, and growth in MiB.
MULTIPART_WERKZEUG = 0.2
MULTIPART_RAW = 1.5
MULTIPART_GROWTH = 8
# Growth of the instructions per request over the recorded count.
INSTRUCTIONS = 1.05


@dataclasses.dataclass
class Verdict:
    """Whether a figure keeps its limit."""

    what: str
    figure: str
    limit: str
    held: bool

    def __str__(self):
        return f"{'held' if self.held else 'MISSED'}: {self.what}: {self.figure}, limit {self.limit}"


def at_most(what, figure, limit):
    return Verdict(what, f"{figure:.2f}", f"≤ {limit:g}", figure <= limit)


def less(what, figure, limit):
    return Verdict(what, f"{figure:.2f}", f"< {limit:g}", figure < limit)


def none(what, count):
    return Verdict(what, str(count), "0", count == 0)


def below(what, figure, limit):
    return Verdict(what, f"{figure:.1f}", f"< {limit:g}", figure < limit)


def at_least(what, figure, limit):
    return Verdict(what, f"{figure:,.0f}", f"≥ {limit:,.0f}", figure >= limit)
