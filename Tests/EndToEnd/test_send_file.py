"""`sendFile` of the SDK behind a real nginx: sent by nginx where it says that it can, and by the worker otherwise."""

import re
import urllib.parse

import pytest

from harness import modules, paths, pattern, procfs
from harness.client import ask, connect
from harness.client import get as raw_get
from harness.gatehouse import module_pool
from harness.marks import as_root
from harness.nginx import nginx_over, params
from harness.waiting import until_steady

MIB = 1 << 20
LARGE = 64 * MIB
NAME, CONTENT = "a b%?ä.txt", b"0123456789" * 1000
# The worker's ETags have a point; nginx's have none.
OF_THE_WORKER = re.compile(r'"[0-9a-f]+-[0-9a-f]+\.\d+"')


class Site:
    """The module, and an nginx with two doors: /nginx/ sends the files itself, /worker/ does not."""

    def __init__(self, folder, serving_pools):
        files = folder / "files"
        files.mkdir()
        (files / NAME).write_bytes(CONTENT)
        with open(files / "large", "wb") as large:
            for start in range(0, LARGE, MIB):
                large.write(pattern.expected(MIB, start))
        files.chmod(0o755)
        folder.chmod(0o755)
        pool = module_pool(folder, modules.build("sending"), workers=1)
        pool["modules"][0]["settings"] = {"folder": str(files)}
        self.server = serving_pools(web=pool)
        front = folder / "front"
        front.mkdir()
        front.chmod(0o777)
        (front / "params").write_text(params())
        word = f'fastcgi_param GATEHOUSE_SENDFILE "nginx /elsewhere/=/else/, {files}/=/protected/";'
        passing = f"include {front}/params; fastcgi_pass unix:{folder}/web.sock;"
        self.front = nginx_over(front, {
            "/nginx/": f"{word} {passing}", "/worker/": passing, "/protected/": f"internal; alias {files}/;",
            "/misspelled/": f'fastcgi_param GATEHOUSE_SENDFILE "ngnix {files}/=/protected/"; {passing}'})
        self.files = files
        (self.port,) = self.front.ports.values()


@pytest.fixture
def site(folder, serving_pools):
    made = Site(folder, serving_pools)
    yield made
    made.front.stop()


@pytest.mark.parametrize("door", ["nginx", "worker"])
def test_a_file_is_sent_under_the_requests_conditions(site, door):
    target = f"/{door}/?name={urllib.parse.quote(NAME)}"

    def get(method="GET", **headers):
        return ask(site.port, target, method, headers={name.replace("_", "-"): text for name, text in headers.items()})

    whole = get()
    assert (whole.status, whole.body) == (200, CONTENT)
    assert whole.headers["Content-Type"] == "text/plain" and whole.headers["Cache-Control"] == "private"
    assert int(whole.headers["Content-Length"]) == len(CONTENT)
    assert "X-Accel-Redirect" not in whole.headers
    assert (OF_THE_WORKER.fullmatch(whole.headers["ETag"]) is not None) == (door == "worker")
    head = get("HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(CONTENT)))
    assert get(If_None_Match=whole.headers["ETag"]).status == 304
    assert get(If_Modified_Since=whole.headers["Last-Modified"]).status == 304
    part = get(Range="bytes=5-14", If_Range=whole.headers["ETag"])
    assert (part.status, part.body) == (206, CONTENT[5:15])
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(CONTENT)}"
    assert get(Range=f"bytes={len(CONTENT)}-").status == 416
    assert ask(site.port, f"/{door}/?name=missing").status == 404
    assert ask(site.port, f"/protected/{urllib.parse.quote(NAME)}").status == 404


def test_a_client_does_not_choose_who_sends(site):
    headers = {name: "nginx /=/protected/" for name in ("GATEHOUSE_SENDFILE", "Gatehouse-Sendfile", "X-Sendfile-Type")}
    answer = ask(site.port, f"/worker/?name={urllib.parse.quote(NAME)}", headers=headers)
    assert answer.body == CONTENT and OF_THE_WORKER.fullmatch(answer.headers["ETag"])


def test_a_misspelled_variable_is_said_once_and_the_worker_sends(site):
    for _ in range(3):
        assert ask(site.port, f"/misspelled/?name={urllib.parse.quote(NAME)}").body == CONTENT
    ask(site.port, "/nginx/?name=missing")
    ask(site.port, "/worker/?name=missing")
    site.server.wait_for_line("GATEHOUSE_SENDFILE is")
    said = [line for line in site.server.lines() if "GATEHOUSE_SENDFILE is" in line]
    assert len(said) == 1 and '"ngnix" is no front server that sends files' in said[0], said
    assert not [line for line in site.server.lines() if "cannot open" in line]


@as_root
def test_a_file_that_the_pools_user_may_not_read_is_said(folder, serving_pools):
    (folder / "closed").write_bytes(CONTENT)
    (folder / "closed").chmod(0o600)
    folder.chmod(0o755)
    pool = module_pool(folder, modules.build("sending"), workers=1)
    pool |= {"user": paths.FRONT_USER}
    pool["modules"][0]["settings"] = {"folder": str(folder)}
    server = serving_pools(web=pool)
    assert server.get("/worker/?name=closed").status == 404
    server.wait_for_line(f"sendFile: cannot open {folder}/closed: Permission denied; answered 404")


@pytest.mark.parametrize("door", ["nginx", "worker"])
def test_a_slow_reader_costs_no_memory(site, door):
    worker = site.server.worker
    before = procfs.memory(worker)
    procfs.reset_peak_memory(worker)
    with connect(site.port, raw_get(f"/{door}/?name=large"), receive_buffer=65536, timeout=60) as connection:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        until_steady(lambda: procfs.cpu_seconds(worker), "the worker waits for the reader", for_seconds=0.5)
        _, _, chunk = received.partition(b"\r\n\r\n")
        at = 0
        while chunk:
            pattern.check(chunk, at)
            at += len(chunk)
            chunk = connection.recv(262144)
    assert at == LARGE
    assert procfs.memory(worker, "VmHWM") - before < 8 * MIB
