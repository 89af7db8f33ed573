"""The figures as Markdown, each with its goal."""

from . import goals, peers, sleeping

MODE_TITLES = {
    "kept": "Kept-alive connections (`keepalive 64`)",
    "new": "A new connection per request (nginx's default)",
}
OURS = "gatehouse"


class Report:
    """Markdown lines, and the goals met or missed on the way."""

    def __init__(self):
        self.lines = []
        self.verdicts = []

    def _judged(self, verdict):
        self.verdicts.append(verdict)
        return str(verdict)

    def _table(self, header, rows):
        self.lines.append("| " + " | ".join(header) + " |")
        self.lines.append("|---" + "|--:" * (len(header) - 1) + "|")
        self.lines += ["| " + " | ".join(row) + " |" for row in rows]
        self.lines.append("")

    def machine(self, facts):
        self.lines += [f"* {name}: {value}" for name, value in facts] + [""]

    def hello(self, figures):
        for mode, title in MODE_TITLES.items():
            present = [peer for peer in peers.PEERS if (peer.name, mode) in figures]
            if not present:
                continue
            self.lines += [f"**{title}**, routed hello, 32 clients, one nginx worker", ""]
            ours = figures.get((OURS, mode))
            self._table(
                ("backend", "CPU µs / request", "Gatehouse ÷ it", "goal", "requests / s", "p50 ms", "p99 ms",
                 "RSS MiB", "peak MiB", "failed"),
                [self._hello_row(peer, mode, figures[peer.name, mode], ours) for peer in present])

    def _hello_row(self, peer, mode, row, ours):
        ratio, goal = "", ""
        if ours and peer.name != OURS:
            quotient = ours["cpu_us"] / row["cpu_us"]
            ratio = f"{quotient:.2f}"
            if (mode, peer.name) in goals.HELLO:
                goal = self._judged(goals.at_most(quotient, goals.HELLO[mode, peer.name]))
        return (
            peer.title, f"{row['cpu_us']:.1f}", ratio, goal, f"{row['rate']:,.0f}", f"{row['p50_ms']:.2f}",
            f"{row['p99_ms']:.2f}", f"{row['rss_mib']:.0f}", f"{row['peak_mib']:.0f}", str(row["failed"]))

    def sleeping(self, figures):
        if not figures:
            return
        self.lines += [
            f"**{sleeping.CONNECTIONS:,} requests at once to a handler that sleeps 50 ms**, ideal "
            f"{sleeping.IDEAL:,} / s", ""]
        rows = []
        for name, row in figures.items():
            rate_goal = memory_goal = ""
            if name == OURS:
                passes = max((other["rate"] for peer, other in figures.items() if peer != OURS), default=sleeping.IDEAL)
                wanted = goals.SLEEPING_SHARE * min(sleeping.IDEAL, passes)
                rate_goal = self._judged(goals.at_least(row["rate"], wanted))
                memory_goal = self._judged(goals.below(row["peak_mib"], goals.SLEEPING_MEMORY))
            rows.append((
                peers.named(name).title, f"{row['rate']:,.0f}", rate_goal, f"{row['p50_ms']:.1f}",
                f"{row['p99_ms']:.1f}", f"{row['cpu_us']:.1f}", f"{row['peak_mib']:.0f}", memory_goal,
                str(row["failed"])))
        self._table(
            ("backend", "requests / s", "goal", "p50 ms", "p99 ms", "CPU µs / request", "peak MiB", "goal", "failed"),
            rows)

    def transfer(self, figures, mebibytes):
        if not figures:
            return
        self.lines += [f"**One body of {mebibytes:,} MiB**", ""]
        rows = []
        for (name, direction), row in figures.items():
            ratio = cost_goal = growth_goal = ""
            if name == OURS:
                growth_goal = self._judged(goals.below(row["growth_mib"], goals.TRANSFER_GROWTH))
                if ("libfcgi", direction) in figures:
                    quotient = row["cpu_s_per_gib"] / figures["libfcgi", direction]["cpu_s_per_gib"]
                    ratio, cost_goal = f"{quotient:.2f}", self._judged(goals.at_most(quotient, goals.TRANSFER))
            rows.append((
                f"{peers.named(name).title}, {direction}", f"{row['cpu_s_per_gib']:.3f}", ratio, cost_goal,
                f"{row['mib_per_s']:,.0f}", f"{row['growth_mib']:.1f}", growth_goal))
        self._table(
            ("backend, direction", "CPU s / GiB", "Gatehouse ÷ libfcgi", "goal", "MiB / s", "growth MiB", "goal"),
            rows)

    def notes(self):
        self.lines += [
            "CPU is the backend's alone (its process CPU clocks), user and system. Gatehouse runs one worker with one",
            "event loop, and the worker is what is measured. RSS is summed over a backend's processes, so PHP-FPM's",
            "shared pages count once for each child.", ""]

    @property
    def text(self):
        return "\n".join(self.lines)
