"""The table as Markdown, and whether its figures keep the limits."""

from ..limits import none
from ..page import Page
from ..report import OURS
from . import limits


class Report(Page):
    def pages(self, figures):
        self.lines += [
            "**A page of fifty rows from PostgreSQL**, a template in a layout, 32 clients, one nginx worker", ""]
        ours, rows = figures.get(OURS), []
        for name, row in figures.items():
            ratio = ""
            if ours and name != OURS:
                ratio = self.ratio(
                    f"a page: CPU ÷ that of {row['title']}", ours["cpu_us"], row["cpu_us"], limits.PAGE[name])
            self.verdicts.append(none(f"a page: {row['title']}: requests that failed", row["failed"]))
            rows.append((
                row["title"], f"{row['cpu_us']:.0f}", ratio, f"{row['database_us']:.0f}", f"{row['rate']:,.0f}",
                f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}", f"{row['rss_mib']:.0f}", str(row["failed"])))
        self.table(
            ("server", "CPU µs / page", "Gatehouse ÷ it", "PostgreSQL's CPU µs / page", "pages / s", "p50 ms",
             "p99 ms", "RSS MiB", "failed"), rows)
