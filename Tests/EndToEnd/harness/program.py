"""A child process whose output is collected line by line, and which is gone when the test is."""

import os
import signal
import subprocess
import threading
import time

from . import procfs
from .waiting import Late, until


class Program:
    """One program in a session of its own, so that whatever it leaves behind can be found and ended by id."""

    def __init__(self, argv, *, stdin=subprocess.DEVNULL, pass_fds=(), env=None, cwd=None, user=None, nofile=None,
                 umask=-1):
        self.argv = [str(word) for word in argv]
        # If the tests themselves are killed, the kernel ends what they started.
        command = ["setpriv", "--pdeathsig", "TERM", "--"]
        command += [*(["prlimit", f"--nofile={nofile}", "--"] if nofile else []), *self.argv]
        self._changed = threading.Condition()
        self._lines = []
        self._open_streams = 2
        group = {"user": user, "group": user, "extra_groups": []} if user else {}
        self._child = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=pass_fds, cwd=cwd,
            env={**os.environ, **env} if env else None, start_new_session=True, umask=umask, **group)
        self.pid = self._child.pid
        for stream in (self._child.stdout, self._child.stderr):
            threading.Thread(target=self._collect, args=(stream,), daemon=True).start()

    def _collect(self, stream):
        for line in stream:
            with self._changed:
                self._lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._open_streams -= 1
            self._changed.notify_all()

    def mark(self):
        """A place in the output, for `wait_for_line(after:)` and `lines(after:)`."""
        with self._changed:
            return len(self._lines)

    def lines(self, after=0):
        """Every line so far, of both streams."""
        with self._changed:
            return self._lines[after:]

    def wait_for_line(self, wanted, seconds=20.0, after=0):
        """The first line that contains `wanted`; fails at once if the program ended without saying it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self._lines[after:]:
                    if wanted in line:
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or self._open_streams == 0:
                    ended = "ended" if self._open_streams == 0 else "runs"
                    text = "\n".join(self._lines[-40:])
                    raise Late(f"{self.argv[0]} ({ended}) never said {wanted!r}; it said:\n{text}")
                self._changed.wait(left)

    def send_signal(self, number):
        self._child.send_signal(number)

    def wait(self, seconds=20.0):
        """The exit status, negative for a signal; all output has been collected then."""
        try:
            status = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Late(f"{' '.join(self.argv)} did not end within {seconds:g} s:\n" + "\n".join(self.lines()[-40:]))
        with self._changed:
            self._changed.wait_for(lambda: self._open_streams == 0, 5)
        return status

    @property
    def running(self):
        return self._child.poll() is None

    def stop(self, number=signal.SIGTERM, seconds=20.0):
        """End the program and all that it started; fails if anything had to be killed."""
        if self.running:
            self._child.send_signal(number)
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        try:
            until(lambda: not procfs.session_members(self.pid), "every process of the session is gone", 3)
        except Late:
            left = [(pid, procfs.executable(pid)) for pid in procfs.session_members(self.pid)]
            for pid, _ in left:
                os.kill(pid, signal.SIGKILL)
            self._child.wait(5)
            text = "\n".join(self.lines()[-40:])
            raise Late(f"{' '.join(self.argv)} left processes: {left}; it said:\n{text}")
        return self._child.returncode
