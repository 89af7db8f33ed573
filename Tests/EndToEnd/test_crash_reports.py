"""Crash reports, and quarantine: a route that keeps killing workers is refused alone, for a while (row E2)."""

import shutil

import pytest

from harness import fastcgi, modules
from harness.exit_statuses import USAGE
from harness.waiting import until

DEATHS = "deaths/Sources/Deaths.swift"


@pytest.fixture
def watched(serving, echo, folder):
    """Start Gatehouse with a folder for crash reports: `watched(quarantine=…)`."""
    (folder / "state").mkdir()

    def start(module=echo, env=None, **pool):
        server = serving(module, pool=pool, by_file=True, env=env)
        server.configuration["state"] = str(folder / "state")
        server.rewrite()
        assert server.command("reload").done
        return server

    return start


def crash(server, target="/crash"):
    """End a worker by a request; returns when another serves."""
    before = server.serving()

    def dies():
        with server.connect() as connection:
            connection.send(fastcgi.request(target))
            return not any(record.kind == fastcgi.END_REQUEST for record in connection.at_end())

    # For a moment after the end of a quarantine, a worker may still refuse the route.
    until(dies, "a request that ends its worker", 10)
    until(lambda: server.serving() - before, "another serves", 30)


def reports(folder):
    return sorted((folder / "state").glob("crash-*.txt"))


def test_the_log_and_the_report_name_the_request(watched, folder):
    server = watched(quarantine="off")
    (pid,) = server.serving()
    with server.connect() as other:
        other.send(fastcgi.request("/sleep?ms=30000"))
        until(lambda: server.counters()["live"] == 1, "the handler runs", 5)
        crash(server, "/crash?token=1")
        assert not any(record.kind == fastcgi.END_REQUEST for record in other.at_end())
    line = server.wait_for_line("while it served")
    assert f"(pid {pid})" in line and "as you asked" in line and "GET /crash" in line, line
    assert "also had GET /sleep" in server.wait_for_line("also had")
    server.wait_for_line("the report of worker")
    (report,) = reports(folder)
    text = report.read_text()
    assert "GET /crash" in text and "GET /sleep" in text and "as you asked" in text
    assert "  none\n" not in text.partition("backtrace of the thread")[2].partition("its last output")[0], text
    assert report.stat().st_mode & 0o007 == 0, "others may not read it"
    assert "GET /crash" in server.status("web")["lastCrash"]


def test_a_trap_says_why_and_where(watched, folder):
    """Optimised Swift writes nothing when an index is out of range; the functions, which are inlined, have lines."""
    server = watched(modules.build("deaths"), quarantine="off")
    crash(server, "/index")
    line = server.wait_for_line("crashed: ")
    assert f"Index out of range, in static Deaths.pick(_:_:) at {modules.place(DEATHS, 'func pick')}" in line, line
    caller = f"at {modules.place(DEATHS, '/index')}"
    server.wait_for_line(caller)
    server.wait_for_line("the report of worker")
    (report,) = reports(folder)
    text = report.read_text()
    assert "Index out of range, in static Deaths.pick(_:_:) at" in text.partition("requests in flight")[0]
    located = text.partition("in the source, innermost call first:")[2]
    assert caller in located, text
    assert "module deaths.so+0x" in text.partition("backtrace of the thread that crashed:\n  ")[2].splitlines()[0]
    assert "Index out of range" in server.status("web")["lastCrash"]


def test_without_a_tool_the_report_says_what_it_takes(watched, folder):
    programs = folder / "bin"
    programs.mkdir()
    # All that the harness needs.
    (programs / "setpriv").symlink_to(shutil.which("setpriv"))
    server = watched(modules.build("deaths"), quarantine="off", env={"PATH": str(programs)})
    crash(server, "/index")
    server.wait_for_line("the report of worker")
    (report,) = reports(folder)
    text = report.read_text()
    assert "llvm-symbolizer (package llvm)" in text and str(modules.build("deaths")) in text
    assert "module deaths.so+0x" in text


def test_swifts_own_words_are_kept_beside_the_place(watched, folder):
    server = watched(modules.build("deaths"), quarantine="off")
    crash(server, "/trap")
    line = server.wait_for_line("crashed: ")
    assert "Fatal error: as you asked, " in line and f"at {modules.place(DEATHS, 'func trap')}" in line, line


def test_a_module_that_is_tried_leaves_a_report_too(serving, folder):
    """Without a configuration no state folder is named."""
    server = serving(modules.build("deaths"))
    with server.connect() as connection:
        connection.send(fastcgi.request("/index"))
        assert not any(record.kind == fastcgi.END_REQUEST for record in connection.at_end())
    path = server.wait_for_line("the report of worker").split()[-1]
    assert path.startswith(f"{folder}/gatehouse/crash-")
    with open(path) as report:
        assert "Index out of range" in report.read()


def test_a_crash_on_a_thread_that_may_be_blocked_names_its_request(watched, folder):
    """Other requests are blocked on other threads meanwhile, and the report still names the right one."""
    server = watched(modules.build("blocking"), quarantine={"crashes": 1, "within": "1m", "for": "5m"})
    with server.connect() as first, server.connect() as second:
        for connection in (first, second):
            connection.send(fastcgi.request("/block"))
        until(lambda: len(in_flight(server)) == 2, "both are blocked", 10)
        crash(server)
    line = server.wait_for_line("while it served")
    assert "it was at GET /crash" in line and "as you asked" in line, line
    assert "also had GET /block" in server.wait_for_line("also had")
    server.wait_for_line("the report of worker")
    (report,) = reports(folder)
    backtrace = report.read_text().partition("backtrace of the thread")[2].partition("its last output")[0]
    assert "blocking.so" in backtrace, backtrace
    (held,) = server.status("web")["quarantines"]
    assert held["path"] == "/crash"
    assert server.get("/hello").body == b"hello\n"


def in_flight(server):
    return [request for worker in server.status("web")["workers"] for request in worker["requestsInFlight"]]


def test_a_route_that_kills_is_quarantined_and_the_rest_serves(watched):
    server = watched(quarantine={"crashes": 2, "within": "1m", "for": "5m"})
    crash(server)
    assert not server.status("web")["quarantines"]
    crash(server)
    (held,) = server.status("web")["quarantines"]
    assert (held["method"], held["path"], held["crashes"]) == ("GET", "/crash", 2) and held["left"] <= 300_000
    server.wait_for_line("is quarantined")
    before = server.serving()
    refused = server.get("/crash?other=query")
    assert refused.status == 503 and 0 < int(refused.headers["retry-after"]) <= 300
    assert server.get("/hello").status == 200
    assert server.get("/crash", method="POST", body=b"x").status != 503, "it is another route"
    assert server.serving() == before and server.status("web")["crashes"] == 2
    assert "GET /crash" in server.command("release", pool="web", route="GET /crash").done
    assert not server.status("web")["quarantines"]
    crash(server)
    assert server.command("release", pool="web", route="GET /nothing").status == USAGE


def test_a_quarantine_ends_by_itself(watched):
    server = watched(quarantine={"crashes": 1, "within": "1m", "for": "1s"})
    crash(server)
    server.wait_for_line("is no longer quarantined")
    crash(server)
    assert server.status("web")["crashes"] == 2


def test_a_quarantine_outlives_workers_and_reloads(watched):
    server = watched(quarantine={"crashes": 1, "within": "1m", "for": "5m"})
    crash(server)
    assert server.get("/crash").status == 503
    assert server.command("reload", pool="web").done
    assert server.get("/crash").status == 503


def test_a_quarantine_ends_with_the_module_that_it_blames(watched, echo, folder):
    """Other bytes, and not merely another file."""
    module = folder / "changing.so"

    def install(more):
        new = folder / "changing.new"
        new.write_bytes(echo.read_bytes() + more)
        new.chmod(0o755)
        new.rename(module)
        assert server.command("reload").done

    shutil.copy(echo, module)
    server = watched(module, quarantine={"crashes": 1, "within": "1m", "for": "5m"})
    crash(server)
    assert server.get("/crash").status == 503
    install(b"")
    assert server.get("/crash").status == 503, "the same, copied anew"
    # The dynamic linker ignores bytes behind the sections.
    install(b"another build")
    assert not server.status("web")["quarantines"]
    server.wait_for_line("GET /crash is no longer quarantined: its module has been replaced")
    before = server.status("web")["crashes"]
    with server.connect() as connection:
        connection.send(fastcgi.request("/crash"))
        assert not any(record.kind == fastcgi.END_REQUEST for record in connection.at_end()), "it is tried at once"
    until(lambda: server.status("web")["crashes"] == before + 1, "it has crashed", 10)
    assert server.status("web")["quarantines"]


def test_two_hundred_reports_are_enough(watched, folder):
    """A crash loop does not fill the disk: the oldest go."""
    server = watched(quarantine="off")
    for number in range(250):
        (folder / "state" / f"crash-20200101T000000Z-web-{number:05}.txt").write_text("old")
    (folder / "state" / "mine.txt").write_text("not a report")
    crash(server)
    until(lambda: len(reports(folder)) == 200, "the oldest have gone", 5)
    assert "GET /crash" in reports(folder)[-1].read_text()
    assert (folder / "state" / "mine.txt").exists()
