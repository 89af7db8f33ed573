"""Programs of other languages beside Swift modules: the same supervision, the same reload, the same log."""

import http.cookiejar
import os
import re
import signal
import urllib.parse
import urllib.request

import pytest

from harness import modules, paths, procfs, programs
from harness.client import ask
from harness.exit_statuses import INIT_HUNG
from harness.gatehouse import serve_configuration, shared_socket
from harness.nginx import nginx_over
from harness.paced_load import PacedLoad
from harness.waiting import until

pytestmark = pytest.mark.skipif(
    not (programs.PHP and programs.UWSGI and programs.UWSGI_PLUGIN),
    reason="needs Debian's php-cgi, uwsgi-core and uwsgi-plugin-python3")

# Each program's pool, by name: its endpoint's protocol, and the rest of its configuration.
PROGRAMS = ["django", "uwsgi", "php", "libfcgi"]


def pool_of(name, folder):
    """A pool's settings, and what nginx says about it."""
    socket = f"{folder}/{name}.sock"
    match name:
        case "django":
            return (f"http:{socket}", programs.django_site(folder),
                    f"proxy_pass http://unix:{socket}:; proxy_set_header X-Forwarded-Proto http;")
        case "uwsgi":
            # Configured like this, it finishes its requests on SIGTERM; by default it would restart.
            command = [programs.UWSGI, "--plugin", "python3", "--master", "--processes", "2", "--need-app",
                       "--disable-logging", "--die-on-term", "--hook-master-start",
                       "unix_signal:15 gracefully_kill_them_all", "--wsgi-file",
                       str(programs.SOURCES / "wsgi" / "hello.py")]
            return f"uwsgi:{socket}", {"command": command}, f"uwsgi_pass unix:{socket};"
        case "php":
            return (f"fastcgi:{socket}", {"command": [programs.PHP], "workers": 2},
                    f"fastcgi_pass unix:{socket}; root {programs.SOURCES}/php;")
        case "libfcgi":
            return (f"fastcgi:{socket}", {"command": [programs.libfcgi_program()], "workers": 2, "stop-signal": "USR1"},
                    f"fastcgi_pass unix:{socket};")


class Site:
    """Gatehouse with a pool for each of these programs, and one of a Swift module, behind one nginx."""

    def __init__(self, folder, names):
        folder.chmod(0o777)
        pools = {"swift": {"listen": [f"fastcgi:{folder}/swift.sock"], "socket": shared_socket(),
                           "modules": [{"mount": "/", "path": str(modules.build("worker"))}]}}
        locations = {"/": f"fastcgi_pass unix:{folder}/swift.sock;"}
        for name in names:
            endpoint, pool, locations[f"/{name}/"] = pool_of(name, folder)
            pool["environment"] = {**pool.get("environment", {}), "GREETING": "first"}
            pools[name] = {"listen": [endpoint], "socket": shared_socket(), **pool}
        self.server = serve_configuration(folder, {"pools": pools})
        self.front = nginx_over(folder, locations)
        self.port = self.front.ports["all"]

    def ask(self, name, query=""):
        return ask(self.port, f"/{name}/whoami{query}")

    def stop(self):
        self.front.stop()
        assert self.server.stop() == 0, self.server.lines()[-20:]


@pytest.fixture
def site(folder):
    """`site("django", …)`"""
    started = []

    def start(*names):
        started.append(Site(folder, names))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_status_has_no_request_counts_of_a_program(site):
    """Zeros would mean that there were none."""
    both = site("libfcgi")
    assert both.ask("libfcgi").status == 200
    report = both.server.status("libfcgi")
    known = {*report, *report["workers"][0]}
    assert report["spawned"] == 2 and not known & {"requests", "failures", "connections", "requestsInFlight"}


def test_a_django_site_beside_a_swift_module(site):
    """A page with a session, a form with its token, and a database, as somebody's browser would use them."""
    both = site("django")
    assert ask(both.port, "/pid").status == 200
    page = f"http://127.0.0.1:{both.port}/django/admin/login/"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = browser.open(page, timeout=30).read().decode()
    assert "Django administration" in form
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    fields = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "username": "nobody", "password": "wrong"})
    assert "Please enter the correct username" in browser.open(page, fields.encode(), timeout=30).read().decode()
    assert ask(both.port, "/django/admin/login/", "POST", b"a=b").status == 403, "without the token"
    # The log has gunicorn's output, one line per record, after the pool's name and the process.
    both.server.wait_for_line("Starting gunicorn")
    line = both.server.wait_for_line("Booting worker")
    assert re.search(r"Z info django\[\d+\]: ", line), line


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_it_writes_is_in_the_log(site, name):
    both = site(name)
    assert both.ask(name, "?say=one-line").status == 200
    line = both.server.wait_for_line("one-line")
    match = re.search(rf"Z info {name}\[(\d+)\]: one-line$", line)
    assert match, line
    assert int(match[1]) in both.server.serving(name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_is_replaced(site, name):
    both = site(name)
    before = both.server.serving(name)
    swift = both.server.serving("swift")
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in both.server.serving(name) and len(both.server.serving(name)) == len(before),
          "another runs", 20)
    until(lambda: both.ask(name).status == 200, "it answers", 20)
    assert both.server.status(name)["crashes"] == 1
    assert both.server.serving("swift") == swift


@pytest.mark.parametrize("name", ["django", "uwsgi"])
def test_what_a_killed_program_has_started_goes_with_it(site, name):
    """It would go on serving the socket, old code and all, and nobody would see to it."""
    both = site(name)
    (victim,) = both.server.serving(name)
    children = until(lambda: procfs.children(victim), "it has workers of its own", 10)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not [pid for pid in children if procfs.exists(pid)], "they have ended", 2)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_reload_under_load_loses_nothing(site, name):
    both = site(name)
    before = both.server.serving(name)
    swift = both.server.serving("swift")
    load = PacedLoad(both.port, rate=40, clients=4, get=f"/{name}/whoami?ms=20", post=None, keeps=False)
    try:
        until(lambda: load.count > 5, "the load runs", 20)
        both.server.configuration["pools"][name]["environment"]["GREETING"] = "second"
        both.server.rewrite()
        assert both.server.command("reload").done
        assert not both.server.serving(name) & before
        until(lambda: not both.server.workers & before, "the old ones have left", 20)
        asked = load.count
        until(lambda: load.count > asked + 20, "the load goes on", 20)
        load.stop()
        assert not load.failures, (load.failures[:5], both.server.lines()[-10:])
        assert name == "libfcgi" or both.ask(name).body.endswith(b"second")
        assert both.server.serving("swift") == swift
    finally:
        load.stop()


# A request that each answers well, and one that it does not.
PROBES = {"django": ("/django/admin/login/", "/django/nothing"), "uwsgi": ("/uwsgi/whoami", None),
          "php": ("/hello.php", "/nothing.php"), "libfcgi": ("/libfcgi/whoami", None)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_up_when_it_answers_its_probe(site, name):
    both = site(name)
    pool = both.server.configuration["pools"][name]
    pool["limits"] = {"load": "10s"}
    if name == "php":
        pool["directory"] = str(programs.SOURCES / "php")
    good, bad = PROBES[name]
    pool["probe"] = good
    both.server.rewrite()
    assert both.server.command("reload").done
    assert both.ask(name).status == 200
    before = both.server.serving(name)
    if bad:
        pool["probe"], pool["limits"] = bad, {"load": "2s"}
        both.server.rewrite()
        refused = both.server.command("reload")
        assert refused.status == INIT_HUNG and f"GET {bad} at " in refused.message, refused
        assert "is answered 404" in refused.message
        assert both.server.serving(name) == before and both.ask(name).status == 200


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_it_has_is_finished_at_the_end(site, name, folder):
    """Requests that came before the drain, and those that waited meanwhile, are all answered."""
    both = site(name)
    load = PacedLoad(both.port, rate=4, clients=4, get=f"/{name}/whoami?ms=500", post=None, keeps=False)
    try:
        until(lambda: load.count > 0, "the load runs", 20)
        assert both.server.command("drain", pool=name).done
        until(lambda: not both.server.status(name)["workers"], "it has left", 20)
        assert both.server.command("scale", pool=name, workers=1).done
        asked = load.count
        until(lambda: load.count > asked + 8, "those who came meanwhile are answered, too", 30)
        load.stop()
        assert not load.failures, load.failures[:5]
    finally:
        load.stop()


def test_a_program_that_ends_by_its_own_rule_is_replaced(site, folder):
    """php-cgi leaves after so many requests; nobody who comes then may notice."""
    endpoint, pool, directives = pool_of("php", folder)
    both = site("php")
    both.server.configuration["pools"]["php"]["environment"]["PHP_FCGI_MAX_REQUESTS"] = "20"
    both.server.rewrite()
    assert both.server.command("reload").done
    for _ in range(100):
        assert both.ask("php").status == 200
    assert both.server.status("php")["spawned"] >= 6


def test_a_program_that_cannot_start(folder):
    """Said at the start, with what it wrote itself, and the way it ended."""
    bad = {"listen": [f"http:{folder}/bad.sock"], "command": ["/bin/sh", "-c", "echo no database >&2; exit 3"]}
    server = serve_configuration(folder, {"pools": {"bad": bad}}, wait=False)
    assert server.wait(20) == 3
    said = "\n".join(server.lines())
    assert "no database" in said and "left with status 3" in said


def test_a_reload_with_a_program_that_cannot_start(site):
    both = site("libfcgi")
    before = both.server.serving("libfcgi")
    both.server.configuration["pools"]["libfcgi"]["command"] = ["/bin/sh", "-c", "exit 3"]
    both.server.rewrite()
    refused = both.server.command("reload")
    assert refused.status == 3 and "status 3" in refused.message
    assert both.server.serving("libfcgi") == before and both.ask("libfcgi").status == 200


@pytest.mark.skipif(not paths.IS_ROOT, reason="needs root to become another user")
def test_a_program_as_another_user(folder):
    folder.chmod(0o777)
    server = serve_configuration(folder, {"pools": {"c": {
        "listen": [f"fastcgi:{folder}/c.sock"], "command": [programs.libfcgi_program()], "stop-signal": "USR1",
        "user": paths.FRONT_USER}}})
    try:
        (pid,) = server.serving("c")
        assert os.stat(f"/proc/{pid}").st_uid != 0
        # Its socket, standard output and error, and nothing else.
        assert procfs.descriptors(pid) == 3
    finally:
        assert server.stop() == 0
