"""A systemd of our own, with Gatehouse installed in it: scripts/with-systemd, kept running."""

import json
import os
import shutil
import subprocess

import pytest

from . import fastcgi, installed, paths
from .program import Program
from .waiting import until

# Only root can start a systemd, and some containers lack the package.
needs_systemd = pytest.mark.skipif(
    not (paths.IS_ROOT and os.path.exists("/lib/systemd/systemd") and shutil.which("unshare")),
    reason="needs root and the package systemd")


class Systemd(Program):
    """Runs until `close()`. `/etc`, `/srv`, `/usr`, `/var`, `/run` are its own, `/tmp` and the network the machine's.

    An `empty` one has no Gatehouse, and a network of its own: every port of 127.0.0.1 is free."""

    def __init__(self, empty=False):
        options = ["--own-network"] if empty else ["--over", installed.tree()]
        self._spaces = ["-m", "-p", "-C", *(["-n"] if empty else [])]
        super().__init__([paths.ROOT / "scripts" / "with-systemd", *options, "--timeout", "1200",
                          "--", "sh", "-c", "echo systemd is $SYSTEMD_PID; exec cat"], stdin=subprocess.PIPE)
        self.number = int(self.wait_for_line("systemd is").split()[-1])
        if not empty:
            self.run("systemd-sysusers")
            self.run("systemd-tmpfiles", "--create", "gatehouse.conf")

    def close(self):
        """End everything in it."""
        self._child.stdin.close()
        assert self.wait(30) == 0, "\n".join(self.lines())
        self.stop()

    @property
    def root(self):
        """Its file system, as a path."""
        return f"/proc/{self.number}/root"

    def command(self, *words):
        """A command line that runs `words` inside."""
        return ["nsenter", "-t", str(self.number), *self._spaces, "--", *map(str, words)]

    def run(self, *words, check=True, seconds=60):
        """Run a command inside to its end: the completed process."""
        result = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=seconds,
                                stdin=subprocess.DEVNULL)
        assert not check or result.returncode == 0, f"{words}: {result.stdout}{result.stderr}\n{self.journal()}"
        return result

    def show(self, unit, name):
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def main_process(self, unit="gatehouse.service"):
        """The number, inside, of its main process; 0 if there is none."""
        return int(self.show(unit, "MainPID"))

    def processes(self, unit="gatehouse.service"):
        """The numbers, inside, of all processes of a unit."""
        group = self.show(unit, "ControlGroup")
        result = self.run("cat", f"/sys/fs/cgroup{group}/cgroup.procs", check=False)
        return {int(word) for word in result.stdout.split()} if group else set()

    def wait_for(self, state, unit="gatehouse.service", seconds=20):
        """Until a unit is `active`, `failed`, ..."""
        try:
            until(lambda: self.show(unit, "ActiveState") == state, f"{unit} is {state}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.run('systemctl', 'status', unit, check=False).stdout}"
                                 f"{self.journal(unit)}")

    def journal(self, unit=None, lines=60):
        """The last lines of a unit's processes, and of systemd about it."""
        words = [*(["-u", unit] if unit else []), f"--lines={lines}"]
        return subprocess.run(self.command("journalctl", "--no-pager", *words), capture_output=True, text=True).stdout

    def write(self, path, text):
        """Make a file inside, for root only to change, and its folder."""
        self.run("mkdir", "-p", path.rpartition("/")[0])
        subprocess.run(self.command("tee", path), input=text, text=True, check=True, stdout=subprocess.DEVNULL)

    def configure(self, name="gatehouse", **settings):
        """`/etc/gatehouse/NAME.yaml`, with the echo sample as pool "web"; `settings` are the pool's."""
        pool = {"modules": [{"mount": "/", "path": "/usr/lib/gatehouse/modules/libEcho.so"}], **settings}
        self.write(f"/etc/gatehouse/{name}.yaml", json.dumps({"pools": {"web": pool}}, indent=2) + "\n")

    def drop_in(self, unit, text, name="test.conf"):
        """Change a unit, until `clean()`."""
        self.write(f"/run/systemd/system/{unit}.d/{name}", text)
        self.run("systemctl", "daemon-reload")

    def clean(self, *units):
        """Stop units and forget their changes, failures and stored descriptors."""
        self.run("systemctl", "stop", *units)
        for unit in units:
            self.run("rm", "-rf", f"/run/systemd/system/{unit}.d")
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "reset-failed")

    def connect(self, path="/run/gatehouse/web.sock", timeout=20.0):
        """A FastCGI connection to a socket inside."""
        return fastcgi.Connection(self.root + path, timeout)
