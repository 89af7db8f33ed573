"""The units of deploy/systemd, under a systemd of our own (scripts/with-systemd)."""

import re

import pytest

from harness.systemd import needs_systemd

pytestmark = needs_systemd

UNITS = ["gatehouse.socket", "gatehouse.service", "gatehouse@.socket", "gatehouse@.service"]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(systemd, unit):
    name = unit.replace("@", "@shop")
    result = systemd.run("systemd-analyze", "verify", "--man=no", name, check=False)
    # It reads the units that ours depend on too, and those are the distribution's.
    assert [line for line in result.stderr.splitlines() if "gatehouse" in line] == []
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("unit", ["gatehouse.service", "gatehouse@shop.service"])
def test_the_sandbox_scores_two_or_better(systemd, unit):
    words = ["systemd-analyze", "security", "--no-pager", "--threshold=20", unit]
    result = systemd.run(*words, check=False)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
    assert score and float(score[1]) <= 2.0, result.stdout
    assert result.returncode == 0


def test_the_account_and_the_folders_are_made(systemd):
    assert re.match(r"gatehouse:x:\d+:\d+:.*:/usr/sbin/nologin$", systemd.run("getent", "passwd", "gatehouse").stdout)
    assert systemd.run("stat", "-c", "%A %U %G", "/run/gatehouse").stdout == "drwxr-xr-x gatehouse gatehouse\n"


@pytest.mark.parametrize("instance, path", [("gatehouse.socket", "web.sock"), ("gatehouse@shop.socket", "shop.sock")])
def test_the_socket_is_the_front_servers_alone(systemd, instance, path):
    """Its folder belongs to the service's account whoever made it, or the service would take the socket for itself."""
    systemd.run("rm", "-rf", "/run/gatehouse")
    systemd.run("systemctl", "start", instance)
    assert systemd.run("stat", "-c", "%A %U %G", f"/run/gatehouse/{path}").stdout == f"srw-rw---- gatehouse www-data\n"
    assert systemd.run("stat", "-c", "%A %U %G", "/run/gatehouse").stdout == "drwxr-xr-x gatehouse gatehouse\n"
    systemd.run("systemctl", "stop", instance)
    assert systemd.run("test", "-e", f"/run/gatehouse/{path}", check=False).returncode == 1
