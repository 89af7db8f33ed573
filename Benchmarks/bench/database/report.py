"""The three tables as Markdown, and whether their figures keep the limits."""

from ..limits import Verdict, at_most, none
from ..page import Page
from ..report import OURS
from . import limits, trials
from .contenders import CALLERS

TITLES = {"postgres": "PostgreSQL", "mariadb": "MariaDB", "sqlite": "SQLite"}


class Report(Page):
    def queries(self, contenders, figures):
        for database, title in TITLES.items():
            present = [one for one in contenders if one.database == database and (database, one.name) in figures]
            if not present:
                continue
            self.lines += [
                f"**{title}**, `SELECT id, title FROM t WHERE id = $1`, {CALLERS} callers"
                + (" on one loop" if present[0].name == OURS else ""), ""]
            ours = figures.get((database, OURS))
            self.table(
                ("client", "CPU µs / query", "least", "Gatehouse ÷ it", "queries / s", "p50 µs", "p99 µs"),
                [self._query_row(one, figures[database, one.name], ours) for one in present])

    def _query_row(self, one, row, ours):
        ratio = ""
        if ours and not one.name.startswith(OURS):
            ratio = self.ratio(f"{TITLES[one.database]}: CPU ÷ that of {one.title}", ours["cpu_us"], row["cpu_us"],
                               limits.QUERY[one.database, one.name])
        percentiles = [f"{row[key]:,.0f}" if key in row else "" for key in ("p50_us", "p99_us")]
        return (one.title, f"{row['cpu_us']:.1f}", f"{row['least_cpu_us']:.1f}", ratio, f"{row['rate']:,.0f}",
                *percentiles)

    def requests(self, figures):
        if not figures:
            return
        self.lines += ["**One request with one query behind nginx**, kept-alive connections, 32 clients", ""]
        ours, rows = figures.get(OURS), []
        for name, row in figures.items():
            ratio = ""
            if ours and name != OURS:
                ratio = self.ratio(f"a request: CPU ÷ that of {row['title']}", ours["cpu_us"], row["cpu_us"],
                                   limits.REQUEST[name])
            self.verdicts.append(none(f"a request: {row['title']}: requests that failed", row["failed"]))
            rows.append((row["title"], f"{row['cpu_us']:.1f}", ratio, f"{row['rate']:,.0f}", f"{row['p50_ms']:.2f}",
                         f"{row['p99_ms']:.2f}", str(row["failed"])))
        self.table(
            ("server", "CPU µs / request", "Gatehouse ÷ it", "requests / s", "p50 ms", "p99 ms", "failed"), rows)

    def trials(self, figures):
        if not figures:
            return
        self.lines += ["**Big results and bad days**, PostgreSQL, one worker with one event loop", ""]
        rows = [row for name, found in figures.items() for row in getattr(self, f"_{name}_rows")(found)]
        self.table(("trial", "measured"), rows)

    def _stream_rows(self, found):
        self.verdicts.append(at_most("rows streamed: growth MiB", found["growth_mib"], limits.STREAM_GROWTH))
        what = f"{found['rows']:,} rows of 200 bytes streamed"
        return [(f"{what}: growth of the worker, MiB", f"{found['growth_mib']:.1f}"),
                (f"{what}: CPU of a row, ns", f"{found['row_ns']:,.0f}")]

    def _all_rows(self, found):
        self.verdicts.append(at_most("a big result: CPU ms that held the loop", found["held_ms"], limits.HELD))
        self.verdicts.append(Verdict("a big result without a raised cap", found["capped"], "tooManyRows",
                                     found["capped"] == "tooManyRows"))
        what = f"{found['rows']:,} rows into `all`"
        return [(f"{what}, cap raised: longest turn of the loop, ms of CPU", f"{found['held_ms']:.1f}"),
                (f"{what}, cap raised: longest turn of the loop, ms", f"{found['wall_ms']:.1f}"),
                (f"{what}, cap as it is: the error", f"`{found['capped']}`")]

    def _cancels_rows(self, found):
        lost, untrue = trials.POOL - found["usable"], max(0, found["committed"] - found["pairs"])
        self.verdicts += [
            none("cancelled transactions: left open", found["open"]),
            none("cancelled transactions: half committed", found["halves"]),
            none("cancelled transactions: said to be committed, and are not", untrue),
            none("cancelled transactions: errors other than the cancellation", found["other"]),
            none("cancelled transactions: connections lost for good", lost)]
        what = f"{found['count']:,} transactions cancelled at random moments"
        return [(f"{what}: committed, cancelled", f"{found['committed']:,}, {found['cancelled']:,}"),
                (f"{what}: left open, half committed, connections lost", f"{found['open']}, {found['halves']}, {lost}")]

    def _queue_rows(self, found):
        self.verdicts += [
            at_most("a queue: places that a caller was overtaken by", found["overtaken"], trials.POOL - 1),
            none("a queue: errors other than exhaustion", found["other"]),
            none("a queue: callers that wait afterwards", found["waiting"])]
        what = f"pool of {trials.POOL}, {found['callers']:,} callers, 20 ms statements, `wait` of 2 s"
        return [(f"{what}: served, refused as exhausted", f"{found['served']:,}, {found['exhausted']:,}"),
                (f"{what}: places overtaken", str(found["overtaken"])),
                (f"{what}: a query afterwards, ms", f"{found['after'] * 1e3:.1f}")]

    def _restart_rows(self, found):
        back = found["back_s"]
        self.verdicts += [
            none("a restart: errors but those of statements in flight", found["other"]),
            at_most("a restart: statements in flight that failed", found["in_flight"], 8),
            Verdict("a restart: s until it answers again", "never" if back is None else f"{back:.2f}",
                    f"≤ {limits.BACK}", back is not None and back <= limits.BACK)]
        what = f"PostgreSQL restarted under {trials.RATE} requests / s"
        return [(f"{what}: it was away, s", f"{found['down_s']:.2f}"),
                (f"{what}: first answer after that, s", "never" if back is None else f"{back:.2f}"),
                (f"{what}: slowest answer, s", f"{found['slowest_s']:.2f}"),
                (f"{what}: requests; failed in flight; failed otherwise",
                 f"{found['requests']:,}; {found['in_flight']}; {found['other']}")]
