"""The units of deploy/systemd, under a systemd of our own (scripts/with-systemd)."""

import re

import pytest

from harness.systemd import needs_systemd

pytestmark = needs_systemd

# Run in place of the service: the steps of the supervisor before it starts a worker of a pool with `user:`.
BECOMES_ANOTHER = """
[Service]
Type=oneshot
Restart=no
ExecStart=
ExecStart=/usr/bin/python3 -c 'import os; os.setgroups([]); os.setgid(33); os.setuid(33); print("it is", 33, "now")'
"""
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


def test_the_drop_in_for_pools_with_users_gives_what_that_takes(systemd):
    text = systemd.run("cat", "/usr/share/gatehouse/systemd/gatehouse.service.d/root.conf").stdout
    systemd.drop_in("gatehouse.service", text, "root.conf")
    result = systemd.run("systemd-analyze", "verify", "--man=no", "gatehouse.service", check=False)
    assert "gatehouse" not in result.stderr and result.returncode == 0, result.stderr
    systemd.drop_in("gatehouse.service", BECOMES_ANOTHER)
    systemd.run("systemctl", "start", "gatehouse.service")
    assert "it is 33 now" in systemd.journal("gatehouse.service")


def test_without_that_drop_in_nobody_becomes_another_user(systemd):
    systemd.drop_in("gatehouse.service", BECOMES_ANOTHER)
    assert systemd.run("systemctl", "start", "gatehouse.service", check=False).returncode != 0
    assert "Operation not permitted" in systemd.journal("gatehouse.service")


def test_the_account_and_the_folders_are_made(systemd):
    assert re.match(r"gatehouse:x:\d+:\d+:.*:/usr/sbin/nologin$", systemd.run("getent", "passwd", "gatehouse").stdout)
    assert systemd.run("stat", "-c", "%A %U %G", "/run/gatehouse").stdout == "drwxr-xr-x gatehouse gatehouse\n"


def test_the_example_configuration_lacks_nothing_but_its_module(systemd):
    command = ["gatehouse", "check", "--config", "/etc/gatehouse/gatehouse.yaml"]
    systemd.run("cp", "/usr/share/gatehouse/gatehouse.yaml", "/etc/gatehouse/gatehouse.yaml")
    module = "/usr/lib/gatehouse/modules/libHello.so"
    before = systemd.run(*command, check=False)
    assert before.returncode != 0 and module in before.stderr
    systemd.run("cp", "/usr/lib/gatehouse/modules/libEcho.so", module)
    systemd.run(*command)
    systemd.run("rm", module)


@pytest.mark.parametrize("instance, path", [("gatehouse.socket", "web.sock"), ("gatehouse@shop.socket", "shop.sock")])
def test_the_socket_is_the_front_servers_alone(systemd, instance, path):
    """And its folder is there whoever comes first."""
    systemd.run("rm", "-rf", "/run/gatehouse")
    systemd.run("systemctl", "start", instance)
    assert systemd.run("stat", "-c", "%A %U %G", f"/run/gatehouse/{path}").stdout == "srw-rw---- gatehouse www-data\n"
    assert systemd.run("stat", "-c", "%A %U %G", "/run/gatehouse").stdout == "drwxr-xr-x gatehouse gatehouse\n"
    systemd.run("systemctl", "stop", instance)
    assert systemd.run("test", "-e", f"/run/gatehouse/{path}", check=False).returncode == 1
