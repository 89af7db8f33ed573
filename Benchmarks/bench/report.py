"""The figures as Markdown, which BENCHMARKS.md shows as it is, and whether they keep their limits."""

import dataclasses

from . import limits, peers, sleeping
from .page import Page

OURS = "gatehouse"
OURS_BY_UWSGI = "gatehouse-uwsgi"


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of `hello`: Gatehouse in one of its protocols beside others."""

    name: str
    title: str
    mode: str
    ours: str = OURS
    others: tuple = tuple(peer.name for peer in peers.PEERS if peer.name not in (OURS, OURS_BY_UWSGI))


HELLO = (
    Table("kept", "Kept-alive connections (`keepalive 64`)", "kept"),
    Table("new", "A new connection per request (nginx's default)", "new"),
    Table("uwsgi", "A new connection per request, by `uwsgi_pass`", "new", OURS_BY_UWSGI, ("uwsgi",)),
)


class Report(Page):
    def hello(self, figures):
        for table in HELLO:
            present = [peers.named(name) for name in (table.ours, *table.others) if (name, table.mode) in figures]
            if not present:
                continue
            self.lines += [f"**{table.title}**, routed hello, 32 clients, one nginx worker", ""]
            self.table(
                ("backend", "CPU µs / request", "Gatehouse ÷ it", "requests / s", "p50 ms", "p99 ms", "RSS MiB",
                 "peak MiB", "failed"),
                [self._hello_row(table, peer, figures[peer.name, table.mode]) for peer in present])

    def _hello_row(self, table, peer, row):
        ratio = ""
        if (quotient := row["divided"].get(table.ours)) is not None and peer.name != table.ours:
            ratio = f"{quotient:.2f}"
            what = f"hello, {table.name}: CPU ÷ that of {peer.title}"
            for known, judge in ((limits.HELLO, limits.at_most), (limits.HELLO_BELOW, limits.less)):
                if (limit := known.get((table.name, peer.name))) is not None:
                    self.verdicts.append(judge(what, quotient, limit))
        return (
            peer.title, f"{row['cpu_us']:.1f}", ratio, f"{row['rate']:,.0f}", f"{row['p50_ms']:.2f}",
            f"{row['p99_ms']:.2f}", f"{row['rss_mib']:.0f}", f"{row['peak_mib']:.0f}", str(row["failed"]))

    def sleeping(self, figures):
        if not figures:
            return
        self.lines += [
            f"**{sleeping.CONNECTIONS:,} requests at once to a handler that sleeps 50 ms**, ideal "
            f"{sleeping.IDEAL:,} / s", ""]
        rows = []
        for name, row in figures.items():
            if name == OURS:
                passes = max((other["rate"] for peer, other in figures.items() if peer != OURS), default=sleeping.IDEAL)
                wanted = limits.SLEEPING_SHARE * min(sleeping.IDEAL, passes)
                self.verdicts += [
                    limits.at_least("sleeping handlers: requests / s", row["rate"], wanted),
                    limits.below("sleeping handlers: peak MiB", row["peak_mib"], limits.SLEEPING_MEMORY)]
            rows.append((
                peers.named(name).title, f"{row['rate']:,.0f}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}",
                f"{row['cpu_us']:.1f}", f"{row['peak_mib']:.0f}", str(row["failed"])))
        self.table(
            ("backend", "requests / s", "p50 ms", "p99 ms", "CPU µs / request", "peak MiB", "failed"), rows)

    def transfer(self, figures, mebibytes):
        if not figures:
            return
        self.lines += [f"**One body of {mebibytes:,} MiB**", ""]
        rows = []
        for (name, direction), row in figures.items():
            ratio = ""
            if name == OURS:
                growth = limits.below(f"{direction}: growth MiB", row["growth_mib"], limits.TRANSFER_GROWTH)
                self.verdicts.append(growth)
                if ("libfcgi", direction) in figures:
                    ratio = self.ratio(f"{direction}: CPU ÷ libfcgi's", row["cpu_s_per_gib"],
                                       figures["libfcgi", direction]["cpu_s_per_gib"], limits.TRANSFER[direction])
            rows.append((
                f"{peers.named(name).title}, {direction}", f"{row['cpu_s_per_gib']:.3f}", ratio,
                f"{row['mib_per_s']:,.0f}", f"{row['growth_mib']:.1f}"))
        self.table(("backend, direction", "CPU s / GiB", "Gatehouse ÷ libfcgi", "MiB / s", "growth MiB"), rows)

    def notes(self):
        self.lines += [
            "CPU is user and system time of the backend's processes. Gatehouse runs one worker with one event loop,",
            "and the worker is measured. RSS is summed over a backend's processes, so PHP-FPM's shared pages count",
            "once for each child.",
            ""]
