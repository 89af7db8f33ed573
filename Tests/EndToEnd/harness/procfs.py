"""Facts about a process, from /proc."""

import os
import pathlib
import time


def exists(pid):
    """Whether the process runs; a zombie does not."""
    try:
        return _stat(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    """Process ids of the children, in no order."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def arguments(pid):
    """The words of the process's command line; none for one that has ended."""
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def status_of(pid):
    """The fields of /proc/PID/status."""
    with open(f"/proc/{pid}/status") as file:
        return {name: value.split() for name, _, value in (line.partition(":") for line in file)}


def environment_of(pid):
    """The environment that the process was started with."""
    with open(f"/proc/{pid}/environ") as file:
        return dict(pair.partition("=")[::2] for pair in file.read().split("\0") if pair)


def session_members(session):
    """Living processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = _stat(int(name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(name))
    return found


def descriptors(pid):
    """The number of descriptors that the process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid, key="VmRSS"):
    """Bytes: VmRSS as it is, VmHWM at its highest."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    raise KeyError(key)


def reset_peak_memory(pid):
    """Let VmHWM start again at the present VmRSS."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def rollup(pid, key):
    """Bytes of all its mappings together, as smaps_rollup has them: Rss, Private_Clean, Private_Dirty, ..."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key + ":"))


def cpu_seconds(pid):
    """User and system time together, in ticks of 10 ms."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exact_cpu_seconds(pid):
    """The same to the nanosecond: an idle process uses less than a tick.

    Linux makes the number of a process's clock (clock_getcpuclockid(3)) from its id: MAKE_PROCESS_CPUCLOCK in the
    kernel's posix-timers.h."""
    return time.clock_gettime((~pid << 3) | 2)


def wake_ups(pid):
    """The number of times that its present threads have waited for something."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches:"))
    return total


def executable(pid):
    """The path of what the process runs."""
    return os.readlink(f"/proc/{pid}/exe")


def _stat(pid):
    """The fields of stat(5) from the third on, so that a name with spaces does no harm."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


def is_stopped(pid):
    """Whether every thread of a process has been stopped by a signal (SIGSTOP)."""
    tasks = pathlib.Path(f"/proc/{pid}/task")
    return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks.iterdir())
