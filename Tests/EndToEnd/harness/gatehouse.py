"""A running `gatehouse serve`."""

import itertools
import json
import pathlib
import signal
import subprocess

from . import control, fastcgi, paths, procfs
from .program import Program
from .waiting import until

# The gateway protocols, by the word that begins an endpoint.
PROTOCOLS = ("fastcgi", "scgi", "uwsgi")

_numbers = itertools.count()


class Gatehouse(Program):
    """`gatehouse serve` with its sockets in `folder`. It is ready when the constructor returns."""

    def __init__(self, folder, arguments, *, fastcgi_socket=None, scgi_socket=None, uwsgi_socket=None, wait=True,
                 **options):
        self.folder = pathlib.Path(folder)
        self.fastcgi_socket = fastcgi_socket
        self._how = (folder, arguments, {"fastcgi_socket": fastcgi_socket, "scgi_socket": scgi_socket,
                                         "uwsgi_socket": uwsgi_socket, **options})
        self.scgi_socket = scgi_socket
        self.uwsgi_socket = uwsgi_socket
        # The content of its configuration file, the file's path and the control socket that it names; or None.
        self.configuration = self.file = self.control_socket = None
        if arguments[0] == "--config":
            self.file = pathlib.Path(arguments[1])
            self.configuration = json.loads(self.file.read_text())
            self.control_socket = self.configuration["control"]
        # The folder of crash reports if no configuration names one.
        options["env"] = {"XDG_STATE_HOME": str(self.folder), **(options.get("env") or {})}
        super().__init__([paths.GATEHOUSE, "serve", *arguments], **options)
        if wait:
            try:
                self.ready_line = self.wait_for_line("gatehouse: ready")
            except AssertionError:
                self.stop(signal.SIGKILL)
                raise

    def again(self):
        """Start another one with the same arguments."""
        folder, arguments, options = self._how
        return Gatehouse(folder, arguments, **options)

    @property
    def worker(self):
        """The process id of the only worker."""
        workers = until(lambda: self.workers, "a worker runs", 5)
        assert len(workers) == 1, f"which of {workers}?"
        return workers.pop()

    @property
    def workers(self):
        """The process ids of all workers, of every generation, whether they serve already or not."""
        # While it looks up the place of a crash in the source, the supervisor has another child.
        return {child for child in procfs.children(self.pid) if "locate" not in procfs.arguments(child)}

    def command(self, name, **fields):
        """An operator's command over the control socket, without the command line."""
        return control.command(self.control_socket, name, **fields)

    def status(self, pool=None):
        """The status report, or its part about one pool."""
        report = self.command("status").report
        return next(one for one in report["pools"] if one["name"] == pool) if pool else report

    def status_text(self):
        """The output of `gatehouse status`."""
        return run("status", "--control", self.control_socket).stdout

    def serving(self, pool="web"):
        """The process ids of the workers of a pool that serve."""
        return {worker["pid"] for worker in self.status(pool)["workers"] if worker["state"] == "serving"}

    def rewrite(self, configuration=None):
        """Put another configuration (by default `self.configuration`, as it is now) in place of the file, in one step.

        A text is written as it is."""
        text = configuration if isinstance(configuration, str) else json.dumps(configuration or self.configuration)
        new = self.file.with_suffix(".new")
        new.write_text(text + "\n")
        new.rename(self.file)

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


def serve_configuration(folder, configuration, **options):
    """Start Gatehouse with a configuration, a mapping. Its control socket is in `folder` if it names none."""
    number = next(_numbers)
    folder = pathlib.Path(folder)
    configuration = {"control": str(folder / f"c{number}.sock"), **configuration}
    file = folder / f"gatehouse{number}.yaml"
    # JSON is YAML, and Python can write it.
    file.write_text(json.dumps(configuration, indent=2) + "\n")
    return Gatehouse(folder, ["--config", file], **options)


def serve(folder, modules, *, limits=None, socket=None, pool=None, by_file=False, wait=True,
          **options):
    """Start Gatehouse on a socket for each protocol.

    `modules` is a path for `/`, or a mapping from mount to path or to a mapping with `path` and `settings`. `limits`,
    `socket` and `pool` are a configuration's values of those keys. If nothing needs a configuration, and `by_file` does
    not ask for one, there are only command line options."""
    folder = pathlib.Path(folder)
    number = next(_numbers)
    sockets = {f"{protocol}_socket": f"{folder}/{protocol[0]}{number}.sock" for protocol in PROTOCOLS}
    if not isinstance(modules, dict):
        modules = {"/": modules}
    listen = [f"{protocol}:{sockets[f'{protocol}_socket']}" for protocol in PROTOCOLS]
    if by_file or limits or pool or any(isinstance(module, dict) for module in modules.values()):
        mounts = [{"mount": mount, **(module if isinstance(module, dict) else {"path": str(module)})}
                  for mount, module in modules.items()]
        web = {"listen": listen, "modules": mounts, **(pool or {})}
        web.update({key: value for key, value in (("limits", limits), ("socket", socket)) if value})
        return serve_configuration(folder, {"pools": {"web": web}}, **sockets, wait=wait, **options)
    arguments = [word for mount, module in modules.items() for word in ("--module", f"{module}@{mount}")]
    arguments += [word for endpoint in listen for word in ("--listen", endpoint)]
    flags = {"mode": "--socket-mode", "group": "--socket-group", "allow-users": "--allow-user"}
    for key, value in (socket or {}).items():
        for one in value if isinstance(value, list) else [value]:
            arguments += [flags[key], one]
    return Gatehouse(folder, arguments, **sockets, wait=wait, **options)


def module_pool(folder, module, name="web", **more):
    """The settings of a pool of one module on a socket of its own."""
    return {"listen": [f"fastcgi:{folder}/{name}.sock"], "modules": [{"mount": "/", "path": str(module)}],
            "socket": shared_socket(), **more}


def run(*arguments, seconds=60, **options):
    """Run `gatehouse` to its end: exit status and output."""
    return subprocess.run([paths.GATEHOUSE, *map(str, arguments)], capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, **options)


def shared_socket():
    """The `socket` setting that lets only the front servers' account connect."""
    return {"mode": "0660", "group": paths.FRONT_USER} if paths.IS_ROOT else {"mode": "0600"}
