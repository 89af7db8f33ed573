"""Start a program, know what it and its children cost, and stop it; always by process id."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


class Failed(Exception):
    """A measurement cannot be made; the message says why."""


class Program:
    """A program and whatever it starts. Its output goes to a file, whose end is shown when something fails."""

    def __init__(self, name, argv, log, *, pass_fds=(), env=None):
        self.name = name
        self.log = log
        with open(log, "wb") as output:
            self.child = subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                pass_fds=pass_fds, env={**os.environ, **env} if env else None, start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def check_running(self):
        if self.child.poll() is not None:
            raise Failed(f"{self.name} ended with status {self.child.returncode}:\n{self.last_output()}")

    def last_output(self):
        with open(self.log, errors="backslashreplace") as file:
            return file.read()[-2000:]

    def stop(self, seconds=10):
        """SIGTERM to the program; SIGKILL, by id, to what is left of it after `seconds`."""
        family = [self.pid, *descendants(self.pid)]
        if self.child.poll() is None:
            self.child.terminate()
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        for pid in family[1:]:
            if in_session(pid, self.pid):
                os.kill(pid, signal.SIGKILL)
        return self.child.returncode


@contextlib.contextmanager
def folder_of_programs():
    """A folder, and a list for the programs that run in it: at the end they stop, the last one first, and it goes."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
    running = []
    try:
        yield folder, running
    finally:
        for program in reversed(running):
            program.stop()
        shutil.rmtree(folder)


def descendants(pid):
    """Process ids of the children, their children, and so on."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                for child in map(int, file.read().split()):
                    found += [child, *descendants(child)]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def in_session(pid, session):
    """Whether a living process still belongs to the session: its number may have been used again."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0] != "Z" and int(fields[3]) == session
    except (FileNotFoundError, ProcessLookupError):
        return False


def cpu_seconds(pids):
    """CPU time of the processes, ended threads included.

    The process CPU clock (clock_getcpuclockid(3)) counts nanoseconds where /proc/PID/stat counts ticks of 10 ms. Linux
    makes the clock's number from the process id like this: see MAKE_PROCESS_CPUCLOCK in the kernel's posix-timers.h.
    """
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def memory(pids, key="VmRSS"):
    """MiB, summed: VmRSS as it is, VmHWM at its highest. Pages that processes share count in each of them."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith(key + ":"))
    return total / 1024


def reset_peak_memory(pids):
    """Let VmHWM start again at the present VmRSS."""
    for pid in pids:
        with open(f"/proc/{pid}/clear_refs", "w") as file:
            file.write("5")


def wait_until(condition, what, program, seconds=20):
    """Returns when the condition holds; fails where the program ends first or time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        program.check_running()
        if time.monotonic() > deadline:
            raise Failed(f"{program.name}: {what} did not happen in {seconds} s:\n{program.last_output()}")
        time.sleep(0.02)
