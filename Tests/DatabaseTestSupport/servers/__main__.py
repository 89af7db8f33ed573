"""A server for the tests of another process: it serves as long as that process holds its end of standard input.

usage: python3 Tests/DatabaseTestSupport/servers KIND [JSON]

KIND is a key of KINDS, JSON an object with the arguments of its class. Each line of input is a JSON array, the name of
a method and its arguments; each line of output is an object: `{"answer": …}` or `{"error": "…"}`. The first line of
output is the server's facts, as soon as it serves."""

import json
import os
import pathlib
import signal
import sys

# The folder itself is what Python was given, so the package is found beside it.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

from servers import MariaDB, PgBouncer, Postgres, ServerError  # noqa: E402
from servers.sqlite import SQLite  # noqa: E402
from servers.tls_relay import TLSRelay  # noqa: E402

KINDS = {"mariadb": MariaDB, "pgbouncer": PgBouncer, "postgres": Postgres, "sqlite": SQLite, "tls-relay": TLSRelay}


def answer(make):
    """One line: the value that `make` gives, or why there is none."""
    try:
        line = {"answer": make()}
    except (ServerError, OSError) as error:
        line = {"error": str(error)}
    print(json.dumps(line), flush=True)
    return "answer" in line


def serve(kind, arguments):
    started = []

    def start():
        started.append(KINDS[kind](**arguments))
        return started[0].facts()

    try:
        if not answer(start):
            return 1
        for line in sys.stdin:
            method, *words = json.loads(line)
            answer(lambda: getattr(started[0], method)(*words))
        return 0
    except BrokenPipeError:
        # The tests ended before the answer. Nor can the rest of it be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        # A second order to end must not stop the first in the middle.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for server in started:
            server.close()


def main():
    # Threads of libdispatch, on which tests start this, block signals, and a child inherits that.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    # Ctrl-C is for the tests; their end is what ends the server.
    if os.getsid(0) != os.getpid():
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return serve(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})


sys.exit(main())
