"""A running `gatehouse serve`."""

import itertools
import json
import os
import pathlib
import signal
import subprocess

from . import fastcgi, paths, procfs
from .program import Program
from .waiting import until

_numbers = itertools.count()


class Gatehouse(Program):
    """`gatehouse serve` with its sockets in `folder`. It is ready when the constructor returns."""

    def __init__(self, folder, arguments, *, fastcgi_socket=None, scgi_socket=None, wait=True, **options):
        self.folder = pathlib.Path(folder)
        self.fastcgi_socket = fastcgi_socket
        self._how = (folder, arguments, {"fastcgi_socket": fastcgi_socket, "scgi_socket": scgi_socket, **options})
        self.scgi_socket = scgi_socket
        super().__init__([paths.GATEHOUSE, "serve", *arguments], **options)
        if wait:
            try:
                self.ready_line = self.wait_for_line("gatehouse: ready")
            except AssertionError:
                self.stop(signal.SIGKILL)
                raise

    def again(self):
        """The same once more, for when this one has died."""
        folder, arguments, options = self._how
        return Gatehouse(folder, arguments, **options)

    @property
    def worker(self):
        """The process id of the worker: the supervisor's only child."""
        return until(lambda: procfs.children(self.pid), "a worker runs", 5)[0]

    def connect(self, timeout=20.0):
        """A FastCGI connection straight to the socket."""
        return fastcgi.Connection(self.fastcgi_socket, timeout)

    def get(self, path, method="GET", body=b"", **variables):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.request(path, method=method, body=body, **variables)

    def counters(self):
        """The sample's counters of /sleep, /stream and /stall handlers."""
        words = self.get("/counters").body.decode().split()
        return {name: int(value) for name, _, value in (word.partition("=") for word in words)}


def serve(folder, modules, *, limits=None, socket=None, pool=None, by_file=False, wait=True,
          **options):
    """Start Gatehouse on a FastCGI and an SCGI socket.

    `modules` is a path for `/`, or a mapping from mount to path or to a mapping with `path` and `settings`. `limits`,
    `socket` and `pool` are what a configuration has under those keys; where nothing needs one, and `by_file` does not
    ask for one, the command line says it all."""
    folder = pathlib.Path(folder)
    number = next(_numbers)
    fastcgi_socket, scgi_socket = folder / f"f{number}.sock", folder / f"s{number}.sock"
    if not isinstance(modules, dict):
        modules = {"/": modules}
    listen = [f"fastcgi:{fastcgi_socket}", f"scgi:{scgi_socket}"]
    if by_file or limits or pool or any(isinstance(module, dict) for module in modules.values()):
        file = folder / f"gatehouse{number}.yaml"
        mounts = [{"mount": mount, **(module if isinstance(module, dict) else {"path": str(module)})}
                  for mount, module in modules.items()]
        web = {"listen": listen, "modules": mounts, **(pool or {})}
        web.update({key: value for key, value in (("limits", limits), ("socket", socket)) if value})
        # JSON is YAML, and Python can write it.
        file.write_text(json.dumps({"pools": {"web": web}}, indent=2) + "\n")
        arguments = ["--config", file]
    else:
        arguments = [word for mount, module in modules.items() for word in ("--module", f"{module}@{mount}")]
        arguments += [word for endpoint in listen for word in ("--listen", endpoint)]
        flags = {"mode": "--socket-mode", "group": "--socket-group", "allow-users": "--allow-user"}
        for key, value in (socket or {}).items():
            for one in value if isinstance(value, list) else [value]:
                arguments += [flags[key], one]
    return Gatehouse(folder, arguments, fastcgi_socket=str(fastcgi_socket), scgi_socket=str(scgi_socket), wait=wait,
                     **options)


def run(*arguments, seconds=60, **options):
    """Run `gatehouse` to its end: exit status and output."""
    return subprocess.run([paths.GATEHOUSE, *map(str, arguments)], capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, **options)


def shared_socket():
    """The `socket` setting that lets the front servers' account in and nobody else."""
    return {"mode": "0660", "group": paths.FRONT_USER} if paths.IS_ROOT else {"mode": "0600"}
