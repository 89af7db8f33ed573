"""Folder, account, process and log of a server that a test starts."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

# Debian's base system always has this account.
ACCOUNT, GROUP = "nobody", "nogroup"
IS_ROOT = os.geteuid() == 0


class ServerError(Exception):
    """A server did not start, did not end, or refused a statement; the text says why."""


def program(name, package, folders=()):
    """The path of a program; the error is the one line that installs it."""
    for folder in [*folders, *os.environ.get("PATH", "").split(":"), "/usr/sbin", "/sbin"]:
        path = f"{folder}/{name}"
        if os.access(path, os.X_OK):
            return path
    raise ServerError(f"{name} is not installed: apt-get install {package}")


def as_account(*options):
    """The words before a command that runs as the servers' account; `options` are setpriv's."""
    rights = [f"--reuid={ACCOUNT}", f"--regid={GROUP}", "--clear-groups"] if IS_ROOT else []
    return ["setpriv", *rights, *options, "--"] if rights or options else []


class Server:
    """A process and the folder with all that it writes. `close` removes both."""

    # Signals: one ends the process well, the kernel sends the other if the parent was killed.
    STOP, ORPHANED = signal.SIGTERM, signal.SIGKILL
    NAME = ""

    def __init__(self):
        # Short, as a socket's path has 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gh-db-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.log_path = self.folder / "log"
        self._child = None

    @contextlib.contextmanager
    def closed_on_failure(self):
        """A block that sets the server up: if it fails, nothing is left behind."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def make_folder(self, name, mode=0o755):
        """A folder of the server's account."""
        made = self.folder / name
        made.mkdir()
        made.chmod(mode)
        if IS_ROOT:
            shutil.chown(made, ACCOUNT, GROUP)
        return made

    def write(self, name, text, mode=0o644):
        """A file of the server's account."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        if IS_ROOT:
            shutil.chown(path, ACCOUNT, GROUP)
        return path

    @property
    def pid(self):
        return self._child.pid if self._child else None

    @property
    def running(self):
        return self._child is not None and self._child.poll() is None

    def log(self):
        """All that the server wrote so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def run(self, command):
        """One command as the server's account; its output, or an error with what it said."""
        done = subprocess.run([*as_account(), *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, cwd=self.folder, timeout=120)
        if done.returncode != 0:
            raise ServerError(f"{command[0]} failed: {done.stderr or done.stdout}")
        return done.stdout

    def command(self):
        """The words of the server's command line, for subclasses to say."""
        raise NotImplementedError

    def is_ready(self):
        """Whether the server serves by now, for subclasses to say."""
        raise NotImplementedError

    def start(self, seconds=60):
        """Start the process and wait until it serves."""
        self.log_offset = len(self.log())
        deadline = time.monotonic() + seconds
        words = [*as_account("--pdeathsig", self.ORPHANED.name.removeprefix("SIG")), *map(str, self.command())]
        while True:
            with open(self.log_path, "ab") as log:
                self._child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                               cwd=self.folder, start_new_session=True)
            while self.running and time.monotonic() < deadline:
                if self.is_ready():
                    return
                time.sleep(0.005)
            # A predecessor that was killed may still have its memory for a moment.
            if self.running or time.monotonic() > deadline or not self.may_try_again():
                self.kill()
                raise ServerError(f"{self.NAME} did not start:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def may_try_again(self):
        """Whether a start that failed is worth repeating."""
        return False

    def stop(self, number=None, seconds=60):
        """End the process and wait for it."""
        if not self.running:
            return
        self._child.send_signal(number or self.STOP)
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise ServerError(f"{self.NAME} did not end within {seconds} s:\n{self.log()[-3000:]}")

    def kill(self):
        """End the process as a crash would."""
        self.stop(signal.SIGKILL)

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        """End the process without ceremony and remove all that it wrote."""
        if self.running:
            self.stop(self.ORPHANED)
        # Children of the process may write for a moment longer.
        deadline = time.monotonic() + 5
        while self.folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(self.folder, ignore_errors=True)
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
