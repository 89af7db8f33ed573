"""A log's reader may stop reading: that stops nobody, and the lines that are lost are counted (row D5)."""

import os
import re
import signal
import subprocess
import threading

import pytest

from harness import control, fastcgi, modules, paths
from harness.gatehouse import run
from harness.unread import Unread
from harness.waiting import until

LOST = re.compile(r"warning gatehouse: (\d+) lines of the log were lost")


@pytest.fixture(scope="module")
def children():
    return modules.build("children")


@pytest.fixture
def unread(folder):
    started = []

    def start(*arguments, **options):
        started.append(Unread(folder, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


# The log is filled by our own log handler, and by a module that prints. Each writes some megabytes: more than the pipes
# between worker, supervisor and reader hold together.
@pytest.mark.parametrize("path, count", [("/log?lines=2000", 20), ("/print?bytes=1000000", 4)])
def test_a_service_goes_on_although_nobody_reads_its_log(unread, children, path, count):
    one = unread(children)
    for _ in range(count):
        assert one.get(path).status == 200
    assert one.command("status").report["pools"][0]["name"] == "web"
    assert one.command("reload").done
    assert one.get("/hello").status == 200
    assert one.stop() == 0 and not os.path.exists(one.socket)


def test_a_reader_that_is_back_is_told_what_it_has_missed(unread, children):
    one = unread(children)
    for _ in range(20):
        assert one.get("/log?lines=2000").status == 200
    lines = one.read(LOST.search)
    lost = int(next(LOST.search(line) for line in lines if LOST.search(line))[1])
    assert 0 < lost < 40_000
    # Everything that came is whole.
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \w+ \S+ .", line) for line in lines if line), lines[:5]
    # From then on the log is as it was.
    assert one.get("/log?lines=1").status == 200
    one.read(lambda line: line.endswith("l" * 99))
    assert one.stop() == 0


def test_an_upgrade_takes_the_count_of_lost_lines_along(unread, children):
    one = unread(children)
    for _ in range(20):
        assert one.get("/log?lines=2000").status == 200
    assert one.command("upgrade").done
    assert one.get("/hello").status == 200
    one.read(LOST.search)
    assert one.stop() == 0


def test_a_start_that_fails_ends_although_nobody_reads_why(folder):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)
    result = subprocess.run([paths.GATEHOUSE, "serve", "--config", folder / "none.yaml"], stdin=subprocess.DEVNULL,
                            stdout=writer, stderr=writer, timeout=60)
    os.close(reader)
    os.close(writer)
    assert result.returncode == 66


def test_a_stalled_terminal_stops_nobody(folder, children):
    """Ctrl-S in the terminal that `serve` was started from."""
    controller, terminal = os.openpty()
    socket = f"{folder}/tty.sock"
    server = subprocess.Popen(
        [paths.GATEHOUSE, "serve", "--module", children, "--listen", f"fastcgi:{socket}"], stdin=terminal,
        stdout=terminal, stderr=terminal, start_new_session=True)
    try:
        os.close(terminal)
        until(lambda: os.path.exists(socket) and b"ready" in os.read(controller, 4096), "it is ready", 20)
        os.write(controller, b"\x13")
        for _ in range(10):
            with fastcgi.Connection(socket, 20) as connection:
                assert connection.request("/log?lines=2000").status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()
        os.close(controller)


def test_a_fifo_that_nobody_reads_gets_an_access_log_all_the_same(unread, children, folder):
    """Neither the start nor a request waits for a reader. One that comes gets whole lines; the log has the number of
    the others."""
    fifo = folder / "access"
    os.mkfifo(fifo)
    one = unread(children, pool=f"    access-log: {{ path: {fifo}, format: '$request_uri' }}\n")
    # More than the FIFO (64 KiB) and the worker (1 MiB) keep.
    path = "/hello?" + "x" * 6000
    count = 250
    with fastcgi.Connection(one.socket, 20) as connection:
        for _ in range(count):
            assert connection.request(path, keep=True).status == 200
    one.read(lambda line: "the access log is not read, lines are lost" in line)
    got = []
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    collector = threading.Thread(target=lambda: _collect(reader, got), daemon=True)
    collector.start()
    again = one.read(lambda line: "the access log is written again" in line)[-1]
    lost = int(re.search(r"(\d+) lines were lost", again)[1])
    assert one.stop() == 0
    collector.join(10)
    os.close(reader)
    lines = b"".join(got).decode().split("\n")
    requests = [line for line in lines if line.startswith("/hello?")]
    assert requests == [path] * len(requests)
    assert lost > 0 and len(requests) + lost == count


def _collect(reader, pieces):
    os.set_blocking(reader, True)
    while piece := os.read(reader, 65536):
        pieces.append(piece)


def test_workers_write_whole_lines_to_the_supervisors_standard_output(unread, children):
    one = unread(children, pool="    access-log: { path: stdout, format: 'A $request_uri Z' }\n    workers: 3\n"
                 "    event-loops: 2\n", top="log: stderr\n")
    # All of it is more than a pipe holds, so pieces of several workers meet there.
    count, length = 600, 1000

    def ask(number):
        for each in range(count // 6):
            assert one.get(f"/hello?{number}-{each}-{'x' * length}").status == 200

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in asking:
        thread.start()
    wanted = {f"{number}-{each}" for number in range(6) for each in range(count // 6)}
    found = []

    def is_last(line):
        match = re.fullmatch(rf"A /hello\?(\d+-\d+)-x{{{length}}} Z", line)
        if match:
            found.append(match[1])
        else:
            assert not line.startswith("A /hello?") and "x" * 20 not in line, f"a torn line: {line[:200]}"
        return len(wanted) == len(set(found))

    seen = 0
    text = b""
    while not wanted <= set(found):
        text += os.read(one.reader, 65536)
        lines = text.split(b"\n")
        for line in lines[seen:-1]:
            is_last(line.decode())
        seen = len(lines) - 1
    for thread in asking:
        thread.join()
    assert sorted(found) == sorted(wanted), "each once"
    assert one.stop() == 0


@pytest.mark.parametrize("word", ["stdout", "/dev/stdout", "/proc/self/fd/1"])
def test_standard_output_has_several_names(unread, children, word):
    one = unread(children, pool=f"    access-log: {word}\n")
    assert one.get("/hello?once", SERVER_PROTOCOL="HTTP/1.1").status == 200
    line = one.read(lambda line: "/hello?once" in line)[-1]
    assert '"GET /hello?once HTTP/1.1" 200' in line
    assert one.stop() == 0


def test_every_line_of_a_log_has_one_format(folder, serving, children):
    """The supervisor's, a worker's log handler's, what a module prints, and a program's."""
    log = folder / "gatehouse.log"
    file = folder / "all.yaml"
    file.write_text(f"""
control: {folder}/all.sock
log: {log}
pools:
  web: {{ listen: ["fastcgi:{folder}/all-web.sock"], modules: [{{ path: {children} }}] }}
  program:
    listen: ["http:{folder}/all-program.sock"]
    command:
      - /usr/bin/python3
      - -c
      - "print('said', flush=True); import socket; s = socket.socket(fileno=3); a = s.accept(); s.accept()"
""")
    server = subprocess.Popen([paths.GATEHOUSE, "serve", "--config", file], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until(lambda: log.exists() and "ready" in log.read_text(), "it is ready", 20)
        for path in ("/log?lines=1", "/print?bytes=100"):
            with fastcgi.Connection(f"{folder}/all-web.sock", 20) as connection:
                assert connection.request(path).status == 200
        until(lambda: "p" * 99 in log.read_text() and "l" * 99 in log.read_text(), "both are in the log")
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    lines = log.read_text().splitlines()
    form = re.compile(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trace|debug|info|notice|warning|error|critical) (\S+) .+")
    who = {form.fullmatch(line)[2] for line in lines}
    assert {re.sub(r"\d+", "N", name) for name in who} >= {"gatehouse:", "web[N]:", "program[N]:"}, who
    assert any("] " + "l" * 99 in line for line in lines), "with the request's id"


def test_a_client_of_the_control_socket_that_does_not_read_stops_nobody(serving, children):
    server = serving(children, by_file=True)
    silent = control.connect(server.control_socket, 20)
    silent.setblocking(False)
    # Questions, until neither side has room for more; none of the answers is read.
    question = b'{"status":{}}\n' * 1000
    try:
        for _ in range(1000):
            silent.send(question)
    except (BlockingIOError, BrokenPipeError, ConnectionResetError):
        pass
    assert server.status("web")["workers"] and server.get("/hello").status == 200
    assert run("status", "--control", server.control_socket).returncode == 0
    silent.close()


def test_a_programs_output_that_nobody_reads_does_not_stop_it(folder):
    """The program says megabytes, and goes on."""
    counter = folder / "count"
    script = f"i=0; while [ $i -lt 40 ]; do head -c 100000 /dev/zero | tr '\\\\0' y | fold -w 99; i=$((i+1)); " \
             f"echo $i > {counter}; done; exec sleep 1000"
    file = folder / "program.yaml"
    file.write_text(f"""
control: {folder}/program.sock
pools:
  program:
    listen: ["http:{folder}/p.sock"]
    command: [/bin/sh, -c, "{script}"]
""")
    reader, writer = os.pipe()
    server = subprocess.Popen([paths.GATEHOUSE, "serve", "--config", file], stdin=subprocess.DEVNULL, stdout=writer,
                              stderr=writer, start_new_session=True)
    try:
        os.close(writer)
        until(lambda: counter.exists() and counter.read_text() == "40\n", "the program has said it all", 30)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()
        os.close(reader)
