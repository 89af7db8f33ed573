"""scripts/with-systemd: it runs, it tells, it leaves nothing behind."""

import pathlib
import subprocess

from harness import paths
from harness.program import Program
from harness.systemd import needs_systemd

pytestmark = needs_systemd
WITH_SYSTEMD = paths.ROOT / "scripts" / "with-systemd"


def with_systemd(*words, seconds=60):
    return subprocess.run([WITH_SYSTEMD, *map(str, words)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=seconds)


def unit(folder, name, text):
    file = folder / name
    file.write_text(text)
    return file


def test_a_failure_is_the_commands_own_and_shows_what_the_units_said(folder):
    service = unit(folder, "t.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo a telling word; exit 3'\n")
    result = with_systemd("--unit", service, "--", "sh", "-c", "systemctl start t.service; exit 5")
    assert result.returncode == 5
    assert "a telling word" in result.stderr


def test_a_drop_in_changes_a_unit(folder):
    service = unit(folder, "t.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
    change = unit(folder, "change.conf", "[Service]\nExecStart=\nExecStart=/bin/true\n")
    assert with_systemd("--unit", service, "--", "systemctl", "start", "t.service").returncode == 1
    changed = with_systemd("--unit", service, "--drop-in", "t.service", change, "--", "systemctl", "start", "t.service")
    assert changed.returncode == 0, changed.stderr


def test_the_machine_stays_as_it_was(folder):
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    name = f"with-systemd-{folder.name}"
    script = f"for place in /etc /usr /var /run; do echo > $place/{name} && cat $place/{name}; done; sleep 300 & exit 0"
    runner = Program([WITH_SYSTEMD, "--", "sh", "-c", script])
    assert runner.wait(60) == 0, runner.lines()
    assert not [place for place in ("/etc", "/usr", "/var", "/run") if (pathlib.Path(place) / name).exists()]
    assert not list(pathlib.Path("/sys/fs/cgroup").rglob(f"gatehouse-test-{runner.pid}"))
    assert pathlib.Path("/proc/self/mounts").read_text() == mounts


def test_a_command_that_takes_too_long_is_ended():
    assert with_systemd("--timeout", "1", "--", "sleep", "50").returncode == 124


def test_what_is_not_understood_is_said(folder):
    assert with_systemd("--over", folder / "none", "--", "true").returncode == 64
    assert with_systemd("--sideways").returncode == 64
    assert with_systemd().returncode == 64
