"""The control socket: only its owner gives orders, and no client of it holds up the supervisor."""

import os
import socket
import stat
import subprocess
import sys

from harness import modules, paths
from harness.marks import as_root
from harness.waiting import until


def test_the_control_socket_is_its_owners(serving):
    server = serving(modules.build("worker"), by_file=True)
    found = os.lstat(server.control_socket)
    assert stat.S_IMODE(found.st_mode) == 0o600 and found.st_uid == os.geteuid()


@as_root
def test_nobody_else_gives_orders(serving):
    """Even if the file's mode lets them connect, the kernel says who they are."""
    server = serving(modules.build("worker"), by_file=True)
    os.chmod(server.control_socket, 0o666)
    program = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
               "try: s.sendall(b'{\"stop\":{\"atOnce\":true}}\\n')\nexcept BrokenPipeError: pass\n"
               "sys.stdout.write(s.makefile().read())\n")
    result = subprocess.run([sys.executable, "-c", program, server.control_socket], capture_output=True, text=True,
                            user=paths.FRONT_USER, timeout=30)
    assert "only root and the supervisor's own user" in result.stdout, result
    assert server.running and server.get("/pid").status == 200


def test_malformed_requests_on_the_control_socket(serving):
    server = serving(modules.build("worker"), by_file=True)
    for sent in (b"\n", b"GET / HTTP/1.1\r\n\r\n", b'{"dance":{}}\n', b'{"scale":{"pool":"web","workers":"many"}}\n',
                 b"\xff" * 70000 + b"\n", b'{"scale":{"pool":"web","workers":0}}\n',
                 b'{"scale":{"pool":"web","workers":9223372036854775807}}\n', b'{"drain":{"pool":"../x"}}\n'):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(server.control_socket)
            try:
                connection.sendall(sent)
                answer = connection.makefile().read()
            except (BrokenPipeError, ConnectionResetError):
                continue
            assert "failed" in answer, (sent[:60], answer)
    assert server.running and len(server.serving()) == 1


def test_clients_that_say_nothing_keep_nobody_waiting(serving):
    """Sixty-four of them may wait; the sixty-fifth is told, and the supervisor does all else meanwhile."""
    server = serving(modules.build("worker"), by_file=True)
    held = [socket.socket(socket.AF_UNIX) for _ in range(64)]
    try:
        for connection in held[:-1]:
            connection.connect(server.control_socket)
        assert server.status()["pid"] == server.pid
        held[-1].connect(server.control_socket)
        reply = server.command("status")
        assert reply.message and "too many" in reply.message
        (worker,) = {pid for pid in server.workers}
        os.kill(worker, 9)
        until(lambda: server.workers - {worker}, "it is replaced", 10)
    finally:
        for connection in held:
            connection.close()
    until(lambda: server.command("status").report, "there is room again", 5)
