"""Logs for their readers: programs that know Apache's format, and the group that may read a log."""

import json
import os
import re
import shutil
import stat
import subprocess

import pytest

from harness import fastcgi, modules, paths
from harness.apache import apache
from harness.client import connect, read_to_end
from harness.gatehouse import run, serve_configuration, shared_socket
from harness.waiting import until

# Apache writes the time at which a request began; we write the time at which it ended.
TIME = re.compile(r"\[\d\d/\w\w\w/\d{4}:\d\d:\d\d:\d\d \+0000\]")


@pytest.fixture
def logging(serving, folder, echo):
    """Start a Gatehouse with an access log; `log()` gives its lines when there are so many."""
    def start(**settings):
        path = folder / "access.log"
        server = serving(echo, socket=shared_socket(), pool={"access-log": {"path": str(path), **settings}})
        server.log = lambda count: until(
            lambda: path.exists() and path.read_text().count("\n") >= count, f"{count} lines") and (
                path.read_text().splitlines())
        server.log_file = path
        return server

    return start


REQUESTS = [
    ("GET", "/hello", ""),
    ("GET", "/hello?a=%22b%22&c=d", "Referer: https://example.org/?q=1\r\nUser-Agent: one two\r\n"),
    ("HEAD", "/hello", "User-Agent: a \"quoted\" one, a \\ and a\ttab\r\n"), ("GET", "/status?code=204", ""),
    ("GET", "/no/such/page", "User-Agent: \xe9t\xe9\r\n"), ("GET", "/stream?mib=1&length=1", "Referer: \r\n"),
    ("POST", "/hello", "Content-Length: 0\r\n"),
]


def send(port, method, target, headers):
    request = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    return read_to_end(connect(port, request.encode("latin-1")))


@pytest.mark.parametrize("name", ["combined", "common"])
def test_a_line_is_the_one_that_apache_writes(logging, folder, name):
    """Apache is in front, and writes its own line of each request."""
    if paths.IS_ROOT:
        folder.chmod(0o777)
    server = logging(format=name)
    format = {"common": r'%h %l %u %t \"%r\" %>s %b',
              "combined": r'%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"'}[name]
    front = apache(folder, server, f'CustomLog {folder}/apache.log "{format}"')
    try:
        for one in REQUESTS:
            assert send(front.ports["apache fastcgi"], *one).startswith(b"HTTP/1.1 ")
        theirs = until(
            lambda: (folder / "apache.log").read_text().count("\n") == len(REQUESTS), "Apache has written") and (
                (folder / "apache.log").read_text().splitlines())
    finally:
        front.stop()
    ours = server.log(len(REQUESTS))
    assert [TIME.sub("[]", line) for line in ours] == [TIME.sub("[]", line) for line in theirs]
    assert all("[]" in TIME.sub("[]", line) for line in ours)


def test_goaccess_reads_it(logging, folder):
    server = logging()
    for number in range(20):
        assert server.get(f"/hello?{number}", HTTP_USER_AGENT=f'Mozilla/5.0 "{number}"', HTTP_REFERER="").status == 200
    server.log(20)
    report = folder / "report.json"
    subprocess.run(["goaccess", str(server.log_file), "--log-format=COMBINED", "--no-global-config", "-o", str(report)],
                   check=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    general = json.loads(report.read_text())["general"]
    assert (general["total_requests"], general["valid_requests"], general["failed_requests"]) == (20, 20, 0)


def test_awstats_reads_it(logging, folder):
    server = logging()
    for number in range(20):
        assert server.get(f"/hello?{number}", HTTP_USER_AGENT="Mozilla/5.0").status == 200
    server.log(20)
    (folder / "awstats.site.conf").write_text(f"""
LogFile="{server.log_file}"
LogFormat=1
SiteDomain="example.org"
DirData="{folder}"
DNSLookup=0
""")
    done = subprocess.run(
        ["/usr/lib/cgi-bin/awstats.pl", "-config=site", f"-configdir={folder}", "-update"], capture_output=True,
        text=True, timeout=60, stdin=subprocess.DEVNULL, cwd=folder)
    assert "Found 0 corrupted records" in done.stdout and "Found 20 new qualified records" in done.stdout, done.stdout


def test_the_formats_with_an_id_end_with_it(logging):
    server = logging(format="combined-id")
    assert server.get("/hello", REQUEST_ID="r-1").status == 200
    (line,) = server.log(1)
    assert line.endswith('"GET /hello HTTP/1.1" 200 21 "-" "-" "r-1"')


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


@pytest.mark.parametrize("mask", [0o077, 0o027, 0])
def test_under_any_umask_the_modes_are_those_of_the_documents(folder, echo, mask):
    """CONFIGURATION.md and SECURITY.md promise them to the group that reads logs, and to nobody else."""
    access, said = folder / "access.log", folder / "said.log"
    server = serve_configuration(folder, {"state": str(folder), "log": str(said), "pools": {"web": {
        "listen": [f"fastcgi:{folder}/web.sock"], "socket": {"mode": "0666"}, "access-log": str(access),
        "modules": [{"mount": "/", "path": str(echo)}]}}},
        fastcgi_socket=str(folder / "web.sock"), wait=False, umask=mask)
    try:
        # The socket's file is there a moment before the socket accepts connections.
        until(lambda: said.exists() and "gatehouse: ready" in said.read_text(), "it serves", 20)
        assert server.get("/hello").status == 200
        assert (mode(access), mode(said)) == ("0o640", "0o640")
        assert (mode(folder / "web.sock"), mode(server.control_socket)) == ("0o666", "0o600")
        for log in (access, said):
            log.rename(log.with_suffix(".old"))
        assert server.command("reopen").done
        assert (mode(access), mode(said)) == ("0o640", "0o640")
        with server.connect() as connection:
            connection.send(fastcgi.request("/crash"))
            connection.at_end()
        # The report's file is there a moment before it has its mode.
        until(lambda: "the report of worker" in said.read_text(), "a crash report", 20)
        (report,) = folder.glob("crash-*.txt")
        assert mode(report) == "0o640"
    finally:
        server.stop()


@pytest.mark.parametrize("mask", [0o077, 0o002])
def test_under_any_umask_a_module_s_resources_can_be_read(folder, mask):
    """The pool's user reads them, and is seldom the one who builds."""
    shutil.copytree(paths.SAMPLES / "hello", folder / "hello")
    (folder / "hello" / "Resources" / "deep").mkdir(parents=True)
    (folder / "hello" / "Resources" / "deep" / "page.html").write_text("<p>")
    assert run("build", folder / "hello", "-o", folder / "libHello.so", seconds=300, umask=mask).returncode == 0
    made = folder / "libHello.resources"
    assert [mode(made), mode(made / "deep"), mode(made / "deep" / "page.html")] == ["0o755", "0o755", "0o644"]
    assert mode(folder / "libHello.so") == "0o755"


def test_a_log_that_is_there_keeps_its_mode(folder, serving, echo):
    """logrotate and operators decide: `create 0600 root adm`."""
    log = folder / "access.log"
    log.touch(0o600)
    server = serving(echo, pool={"access-log": str(log)})
    assert server.get("/hello").status == 200
    assert mode(log) == "0o600"


def test_what_libraries_log_keeps_to_the_level_and_the_form(serving):
    server = serving(modules.build("library"), pool={"log-level": "warning"})
    assert server.get("/").body == b"warning warning\n"
    line = server.wait_for_line("could not")
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3}Z error org\.example\.library could not\\nreach it host=db\\x1b1$", line)
    said = "\n".join(server.lines())
    assert r"warning org.example.library set\nup by=init" in said
    assert "nobody asked" not in said
