"""A `gatehouse serve` whose output nobody reads."""

import os
import signal
import subprocess

from . import control, fastcgi, paths, procfs
from .waiting import until


class Unread:
    """A `gatehouse serve` whose standard output and error are one pipe, which nobody reads until `read` is called."""

    def __init__(self, folder, module, pool="", top=""):
        self.socket, self.control = f"{folder}/web.sock", f"{folder}/control.sock"
        file = folder / "gatehouse.yaml"
        file.write_text(f"control: {self.control}\n{top}pools:\n  web:\n    listen: [\"fastcgi:{self.socket}\"]\n"
                        f"    modules: [{{ path: {module} }}]\n{pool}")
        self._text = b""
        self.reader, writer = os.pipe()
        self._child = subprocess.Popen([paths.GATEHOUSE, "serve", "--config", file], stdin=subprocess.DEVNULL,
                                       stdout=writer, stderr=writer, start_new_session=True)
        os.close(writer)
        self.pid = self._child.pid
        until(self._serves, "it serves", 20)

    def _serves(self):
        try:
            return self.command("status").report["pools"] and self.get("/hello").status == 200
        except OSError:
            return False

    def get(self, path, **variables):
        with fastcgi.Connection(self.socket, 20) as connection:
            return connection.request(path, **variables)

    def command(self, name):
        return control.command(self.control, name, timeout=20)

    def read(self, enough):
        """Lines, from the next one on, up to the first of which `enough` holds."""
        lines = []
        while True:
            while b"\n" in self._text:
                line, _, self._text = self._text.partition(b"\n")
                lines.append(line.decode())
                if enough(lines[-1]):
                    return lines
            piece = os.read(self.reader, 65536)
            assert piece, "it ended, and never said that:\n" + "\n".join(lines[-20:])
            self._text += piece

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        return self._child.wait(20)

    def close(self):
        if self._child.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._child.wait(20)
        os.close(self.reader)
        until(lambda: not procfs.session_members(self.pid), "nothing is left of it", 10)
