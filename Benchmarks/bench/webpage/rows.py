"""The table that every peer shows, and what it costs the server to be asked."""

import os

from .. import processes
from ..database import servers

ROWS = 10_000
# Texts have what must be escaped; the apostrophe is left out, for which each peer has another spelling.
BODY = (
    'Rows & columns: if a < b and b > c, then "a" is <em>not</em> shown in italics. This sentence makes the row as '
    "long as an ordinary one.")


class Postgres(servers.Postgres):
    """With the table `entry`."""

    def __init__(self):
        super().__init__()
        with self.closed_on_failure():
            self.sql(
                "ALTER DATABASE bench SET timezone = 'UTC';"
                "CREATE TABLE entry (id bigint PRIMARY KEY, title text NOT NULL, author text NOT NULL,"
                " body text NOT NULL, written timestamptz NOT NULL, edited boolean NOT NULL);"
                "INSERT INTO entry SELECT id, 'Entry ' || id || ' <of ' || md5(id::text) || '>', 'Ann & Bob',"
                f" '{BODY}', timestamptz '2026-01-01 00:00:00+00' + id * interval '37 minutes', id % 3 = 0"
                f" FROM generate_series(1, {ROWS}) AS id; ANALYZE entry")

    def cpu_seconds(self):
        """The time of the server, of the processes that serve connections, and of those that have ended.

        /proc counts in ticks of 10 ms, which is fine enough for a round."""
        return (_ticks(self.pid, 4) + sum(_ticks(pid, 2) for pid in processes.descendants(self.pid))) / TICKS


TICKS = os.sysconf("SC_CLK_TCK")


def _ticks(pid, fields):
    """User and system time of a process; with four fields also of its children that have ended (proc(5))."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return sum(map(int, file.read().rpartition(")")[2].split()[11:11 + fields]))
    except (FileNotFoundError, ProcessLookupError):
        return 0
