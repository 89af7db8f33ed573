"""The machine and the programs that the figures were measured on."""

import datetime
import glob
import os
import platform
import re
import subprocess
import sys

VERSIONS = [
    ("nginx", ["nginx", "-v"]), ("wrk", ["wrk", "--version"]), ("Swift", ["swift", "--version"]),
    ("cc", ["cc", "--version"]), ("Go", ["go", "version"]), ("uWSGI", ["uwsgi", "--version"]),
]


def facts():
    """[(name, value)], in the order to print."""
    rows = [
        ("Date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("CPU", f"{_processor()}, {os.cpu_count()} cores"),
        ("Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("Kernel", platform.release()),
        ("System", _system()),
    ]
    php = sorted(glob.glob("/usr/sbin/php-fpm[0-9]*"))
    versions = VERSIONS + ([("PHP-FPM", [php[-1], "--version"])] if php else [])
    found = [(name, _version(argv)) for name, argv in versions]
    found.append(("libfcgi", package_version("libfcgi-dev")))
    rows.append(("Versions", ", ".join(f"{name} {version}" for name, version in found if version)))
    return rows


def compiler():
    """The Swift compiler, as it names itself."""
    return _output(["swift", "--version"]).splitlines()[0] if _output(["swift", "--version"]) else ""


def package_version(name):
    """The upstream version of a Debian package; None if it is not installed."""
    text = _output(["dpkg-query", "-W", "-f", "${Version}", name])
    return None if " " in text else text.split("-")[0]


def warn_if_busy():
    if (load := os.getloadavg()[0]) > 0.5:
        print(f"the machine is busy (load {load:.1f}): these figures will be noise", file=sys.stderr)


def _processor():
    with open("/proc/cpuinfo") as file:
        match = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", file.read(), re.MULTILINE)
    return match.group(1) if match else platform.machine()


def _system():
    match = re.search(r'^PRETTY_NAME="(.+)"$', open("/etc/os-release").read(), re.MULTILINE)
    return match.group(1) if match else platform.system()


def _version(argv):
    match = re.search(r"\d+(\.\d+)+", _output(argv))
    return match.group(0) if match else None


def _output(argv):
    try:
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    except FileNotFoundError:
        return ""
