"""Gatehouse as process 1, as CONTAINERS.md and deploy/Containerfile have it; the namespaces are made by unshare(1)."""

import json
import os
import re
import shlex
import signal
import subprocess

import pytest

from harness import documents, fastcgi, modules, paths, procfs
from harness.program import Program
from harness.waiting import until

pytestmark = pytest.mark.skipif(not paths.IS_ROOT, reason="only root can make namespaces")

CONTAINERFILE = paths.ROOT / "deploy" / "Containerfile"


class Recipe:
    """The instructions of the Containerfile, by stage."""

    def __init__(self):
        text = CONTAINERFILE.read_text().replace("\\\n", " ")
        lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
        self.stages = []
        for word, _, rest in lines:
            if word == "FROM":
                self.stages.append([])
            self.stages[-1].append((word, rest))

    def all(self, stage, word):
        return [rest for name, rest in self.stages[stage] if name == word]

    def last(self, word):
        return self.all(-1, word)[-1]

    @property
    def command(self):
        return json.loads(self.last("ENTRYPOINT")) + json.loads(self.last("CMD"))


def documented_run():
    """The words of "podman run" in CONTAINERS.md."""
    text = documents.text("CONTAINERS.md").replace("\\\n", " ")
    return shlex.split(re.search(r"^podman run .*$", text, re.M)[0])


def image(folder):
    """What the first stage leaves in /image: its own commands, but for packages and the build, which are there."""
    made = folder / "image"
    for command in Recipe().all(0, "RUN"):
        if "apt-get" in command or command == "scripts/build":
            continue
        result = subprocess.run(["sh", "-c", command.replace("/image", str(made))], cwd=paths.ROOT, text=True,
                                capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
        assert result.returncode == 0, f"{command}:\n{result.stdout}{result.stderr}"
    return made


def toolchain():
    """The folder of Swift's libraries, which the second stage does not have."""
    loaded = subprocess.run(["ldd", paths.GATEHOUSE], capture_output=True, text=True, check=True).stdout
    return os.path.dirname(next(line.split()[2] for line in loaded.splitlines() if "libswiftCore.so" in line))


# A copy of this machine's root takes the place of the base image; what is mounted where is what CONTAINERS.md says.
CONTAINER = """
set -eu
mount -t tmpfs none "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
cp -a "$image/." "$root/"
mount -t tmpfs none "$root$toolchain"
{setup}
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$sockets" "$root/sockets"
chown "$(chroot "$root" id -u {user})" "$sockets"
{tmpfs}
mount -o remount,ro,bind "$root"
exec chroot --userspec={user} "$root" {command}
"""


class Container:
    """The image, run as documented, by unshare in place of podman."""

    def __init__(self, folder):
        recipe, run = Recipe(), documented_run()
        assert "--read-only" in run and f"sockets:{recipe.last('VOLUME')}" in run
        self.sockets = folder / "sockets"
        self.sockets.mkdir()
        (folder / "work").mkdir()
        tmpfs = [run[place + 1].split(":") for place, word in enumerate(run) if word == "--tmpfs"]
        script = CONTAINER.format(
            setup="\n".join(f"chroot \"$root\" sh -c {shlex.quote(command)}" for command in recipe.all(-1, "RUN")
                            if "apt-get" not in command),
            tmpfs="\n".join(f"mount -t tmpfs -o {options} none \"$root{place}\"" for place, options in tmpfs),
            user=recipe.last("USER"), command=shlex.join(recipe.command))
        places = {"work": folder / "work", "image": image(folder), "sockets": self.sockets, "toolchain": toolchain()}
        self.outside = Program(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c", script],
            env={name: str(place) for name, place in places.items()})
        self.outside.wait_for_line("gatehouse: ready", 60)
        (self.first,) = procfs.children(self.outside.pid)

    def get(self, path):
        with fastcgi.Connection(self.sockets / "web.sock", 20) as connection:
            return connection.request(path, SERVER_PROTOCOL="HTTP/1.1")

    def run(self, *words):
        """As "podman exec"."""
        return subprocess.run(["nsenter", "--target", str(self.first), "--mount", "--pid", "--root", *words],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def test_the_recipes_image_serves_as_documented(folder):
    container = Container(folder)
    try:
        assert container.get("/hello?1").status == 200
        container.outside.wait_for_line('"GET /hello?1 HTTP/1.1" 200')
        documented = re.findall(r"^podman exec hello (.*)$", documents.text("CONTAINERS.md"), re.M)
        assert documented == ["gatehouse status"]
        told = container.run(*shlex.split(documented[0]))
        assert told.returncode == 0 and "web" in told.stdout, told.stderr
        os.kill(container.first, signal.SIGHUP)
        container.outside.wait_for_line("gatehouse: reloaded")
        assert container.get("/hello").status == 200
        os.kill(container.first, signal.Signals[Recipe().last("STOPSIGNAL")])
        assert container.outside.wait(30) == 0
        assert not (container.sockets / "web.sock").exists()
    finally:
        container.outside.stop(signal.SIGKILL)


class First:
    """`gatehouse serve` as process 1, on this machine's files."""

    def __init__(self, folder, module):
        self.socket = folder / "one.sock"
        self.outside = Program(
            ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", paths.GATEHOUSE, "serve", "--module", module,
             "--listen", f"fastcgi:{self.socket}"])
        self.outside.wait_for_line("gatehouse: ready")
        (self.pid,) = procfs.children(self.outside.pid)

    def get(self, path):
        with fastcgi.Connection(self.socket, 20) as connection:
            return connection.request(path)


@pytest.fixture
def first(folder):
    one = First(folder, modules.build("children"))
    yield one
    one.outside.stop(signal.SIGKILL)


def test_process_1_collects_what_it_has_not_started(first):
    (worker,) = procfs.children(first.pid)
    for _ in range(20):
        assert first.get("/background").status == 200
    until(lambda: procfs.children(first.pid) == [worker], "of what handlers have left nothing stays")
    # Its own children it still knows the end of.
    os.kill(worker, signal.SIGKILL)
    first.outside.wait_for_line("signal 9")
    until(lambda: [child for child in procfs.children(first.pid) if child != worker and procfs.exists(child)],
          "another worker is there")
    assert first.get("/background").status == 200
    until(lambda: len(procfs.children(first.pid)) == 1, "nobody else stays")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_process_1_stops_when_it_is_told(first, number):
    os.kill(first.pid, number)
    assert first.outside.wait(20) == 0
    assert not first.socket.exists()


def test_without_dev_a_worker_starts_all_the_same(folder):
    module = modules.build("children")
    socket = folder / "dev.sock"
    server = Program(["unshare", "--mount", "--propagation", "private", "sh", "-c",
                      'mount -t tmpfs none /dev && exec "$@"', "-", paths.GATEHOUSE, "serve", "--module", module,
                      "--listen", f"fastcgi:{socket}"])
    try:
        server.wait_for_line("gatehouse: ready")
        with fastcgi.Connection(socket, 20) as connection:
            assert connection.request("/hello").status == 200
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("words, status", [
    (["serve", "--module", "/none.so", "--listen", "fastcgi:/none.sock"], 70), (["--version"], 0), (["--nonsense"], 64),
])
def test_without_proc_it_does_as_it_is_told_or_says_why_not(words, status):
    script = 'mount -t tmpfs none /proc && exec "$@"'
    result = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "-", paths.GATEHOUSE,
                             *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert result.returncode == status, result.stderr
    if words[0] == "serve":
        assert "/proc is not mounted here" in result.stderr and "mount -t proc" in result.stderr
    if words[0] == "--version":
        assert result.stdout.startswith("gatehouse ")
