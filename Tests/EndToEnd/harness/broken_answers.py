"""Answers that break off, as a client sees them through each front server."""

import concurrent.futures
import contextlib
import signal

from . import fastcgi, front_servers, modules
from .apache import apache
from .client import connect
from .gatehouse import Gatehouse, serve_configuration, shared_socket
from .nginx import nginx
from .waiting import until

FRONTS = {"nginx": nginx, "lighttpd": front_servers.lighttpd, "apache": apache, "haproxy": front_servers.haproxy,
          "caddy": front_servers.caddy, "h2o": front_servers.h2o, "uwsgi-router": front_servers.uwsgi_router}

# Ways for an answer to end: the module's route and, if its handler waits, the action once all have begun: a signal to
# the supervisor, or another request.
WAYS = {
    "the handler throws": ("/throw", None),
    "too few bytes": ("/short", None),
    "too many bytes": ("/long", None),
    "the request's limit": ("/wait", None),
    "a drain's end": ("/wait", signal.SIGTERM),
    "stop --now": ("/wait", signal.SIGINT),
    "the worker crashes": ("/wait", "/crash"),
}

# Outcomes after which a client believes that it has the whole answer, or takes the next one for a part of it.
WRONG = {"COMPLETE", "DESYNCHRONISED"}


def outcome(port, path, seconds=9.0):
    """The outcome of one answer for a client that keeps its connection.

    `cut`: the connection ends first. `error`: a status of 500 or more. `COMPLETE`: it looks whole. `promised`: it has
    the hundred bytes that were announced, and none that the handler wrote beyond them. `unended`: nothing more comes,
    and the next answer on the same connection stands where a chunk's length belongs. `DESYNCHRONISED`: the next answer
    is read as a part of this one."""
    received = b""
    with connect(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), timeout=seconds) as connection:
        try:
            while b"\r\n\r\n" not in received or not _is_whole(received):
                more = connection.recv(65536)
                if not more:
                    return "cut"
                received += more
                if received[9:10] == b"5":
                    return "error"
            # Beyond its length a handler writes letters x.
            return "promised" if received.count(b"x" * 90) == 1 and b"x" * 91 not in received else "COMPLETE"
        except TimeoutError:
            pass
        except ConnectionResetError:
            return "cut"
        chunked = b"\r\ntransfer-encoding: chunked\r\n" in received.lower()
        try:
            connection.sendall(b"GET /whole HTTP/1.1\r\nHost: localhost\r\n\r\n")
            more = connection.recv(65536)
        except OSError:
            return "cut"
        return "cut" if not more else "unended" if chunked else "DESYNCHRONISED"


def _is_whole(received):
    head, _, body = received.partition(b"\r\n\r\n")
    head = head.lower() + b"\r\n"
    if b"\r\ntransfer-encoding: chunked\r\n" in head:
        return body.endswith(b"0\r\n\r\n")
    _, found, rest = head.partition(b"\r\ncontent-length: ")
    return bool(found) and len(body) >= int(rest.partition(b"\r\n")[0])


class Probe:
    """One of each front server, and behind them a Gatehouse that is started anew for each way to end."""

    def __init__(self, folder, fronts=tuple(FRONTS)):
        self.folder = folder
        self.fastcgi_socket, self.scgi_socket, self.uwsgi_socket = (str(folder / f"{name}.sock") for name in "fsu")
        self.module = modules.build("breaking")
        self.servers = {}
        for name in fronts:
            place = folder / name
            place.mkdir()
            place.chmod(0o777)
            self.servers[name] = FRONTS[name](place, self)

    def stop(self):
        for server in self.servers.values():
            server.stop()

    @property
    def ports(self):
        """The port of each variant of each front server."""
        return {variant: port for server in self.servers.values() for variant, port in server.ports.items()}

    @contextlib.contextmanager
    def serving(self, **limits):
        """A Gatehouse on the sockets that the front servers connect to."""
        gatehouse = serve_configuration(self.folder, {"pools": {"web": {
            "listen": [f"fastcgi:{self.fastcgi_socket}", f"scgi:{self.scgi_socket}", f"uwsgi:{self.uwsgi_socket}"],
            "socket": shared_socket(), "modules": [{"path": str(self.module)}], "limits": limits,
            "quarantine": "off"}}},
            fastcgi_socket=self.fastcgi_socket, scgi_socket=self.scgi_socket,
            uwsgi_socket=self.uwsgi_socket)
        try:
            yield gatehouse
        finally:
            gatehouse.stop()

    def outcomes(self, way):
        """The outcome of an answer that ends this way, by variant and by whether its length was announced."""
        path, then = WAYS[way]
        limit = "1s" if then is None and path == "/wait" else "60s"
        cases = [(variant, announced) for variant in self.ports for announced in (False, True)
                 if announced or path not in ("/short", "/long")]
        with self.serving(drain="1s", request=limit) as gatehouse, \
                concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            asked = [pool.submit(outcome, self.ports[variant], path + ("?announced" if announced else ""))
                     for variant, announced in cases]
            if then is not None:
                until(lambda: self._waiting(gatehouse) == len(cases), "every request waits in its handler", 30)
                self._end(gatehouse, then)
            return {case: one.result() for case, one in zip(cases, asked)}

    @staticmethod
    def _end(gatehouse: Gatehouse, then):
        if isinstance(then, str):
            with gatehouse.connect() as connection:
                connection.send(fastcgi.request(then))
                connection.at_end()
        else:
            gatehouse.send_signal(then)

    @staticmethod
    def _waiting(gatehouse: Gatehouse):
        return sum(len(worker["requestsInFlight"]) for worker in gatehouse.status("web")["workers"])
