"""Gatehouse as systemd's service: activated, restarted, reloaded, hung, killed, replaced, under load."""

import json
import os
import re

import pytest

from harness import fastcgi
from harness.client import ask as ask_nginx
from harness.client import can_connect
from harness.nginx import shipped
from harness.steady import Steady
from harness.systemd import needs_systemd
from harness.waiting import until

pytestmark = needs_systemd
KILLS = int(os.environ.get("GATEHOUSE_SUPERVISOR_KILLS", "5"))
SOCKET = "/run/gatehouse/web.sock"
OWN = "/run/gatehouse/own.sock"
MODULE = "/usr/lib/gatehouse/modules/libEcho.so"


@pytest.fixture
def activated(systemd):
    """The socket unit waits, the service does not run yet."""
    systemd.configure(listen=["fastcgi:systemd:web"])
    systemd.run("systemctl", "start", "gatehouse.socket")
    assert systemd.show("gatehouse.service", "ActiveState") == "inactive"
    return systemd


def ask(systemd, path=SOCKET, target="/hello"):
    with systemd.connect(path) as connection:
        return connection.request(target)


def kill_main(systemd, signal="KILL"):
    """Kill the supervisor alone, wait until another runs; the numbers of those that ran before."""
    before, main = systemd.processes(), systemd.main_process()
    systemd.run("kill", f"-{signal}", main)
    until(lambda: systemd.main_process() not in (0, main), "another supervisor", 20)
    return before


def test_the_first_request_starts_it(activated):
    assert ask(activated).body == b"Hello from Gatehouse\n"
    activated.wait_for("active")
    assert re.search(r"\w", activated.show("gatehouse.service", "StatusText"))


@pytest.fixture
def nginx(activated, folder):
    """The port of an nginx in front of the socket unit, a service beside ours, with the configuration we hand out."""
    command, port = shipped(folder, SOCKET)
    activated.run("systemd-run", "--unit=front", *command)
    until(lambda: can_connect(port), "nginx listens", 20)
    yield port
    activated.run("systemctl", "stop", "front")


def test_the_demo_works_in_the_sandbox(activated, nginx):
    """The service, hardened by its unit, answers the requests of `scripts/demo --check`."""
    assert activated.show("gatehouse.service", "ActiveState") == "inactive"
    assert ask_nginx(nginx, "/hello").body == b"Hello from Gatehouse\n"
    form = ask_nginx(nginx, "/form", "POST", "name=Ada+Lovelace&year=1843",
                     {"Content-Type": "application/x-www-form-urlencoded"})
    assert form.body == b"name=Ada Lovelace\nyear=1843\n"
    upload = os.urandom(5 << 20)
    assert ask_nginx(nginx, "/count", "POST", upload).body == b"5242880\n"
    assert ask_nginx(nginx, "/echo", "POST", upload).body == upload
    activated.wait_for("active")
    assert activated.show("gatehouse.service", "NRestarts") == "0"


def test_an_instance_of_the_template_has_its_own_configuration_and_socket(systemd):
    systemd.configure("shop", listen=["fastcgi:systemd:web"])
    systemd.run("systemctl", "start", "gatehouse@shop.socket")
    assert ask(systemd, "/run/gatehouse/shop.sock").body == b"Hello from Gatehouse\n"
    systemd.wait_for("active", "gatehouse@shop.service")


def test_workers_learn_nothing_of_systemd_and_belong_to_the_account(activated):
    ask(activated)
    main = activated.main_process()
    workers = activated.processes() - {main}
    assert workers
    for worker in workers:
        environment = activated.run("cat", f"/proc/{worker}/environ").stdout
        assert not re.search(r"LISTEN_|NOTIFY_SOCKET|WATCHDOG_", environment)
        owner = activated.run("stat", "-c", "%U", f"/proc/{worker}").stdout
        assert owner == "gatehouse\n"


def test_restarts_under_load_refuse_nothing_and_cut_nothing_short(activated):
    with Steady(activated.root + SOCKET) as load:
        for _ in range(3):
            activated.run("systemctl", "restart", "gatehouse.service")
            load.goes_on()
    assert not load.refused and not load.failed


def test_reloads_under_load_keep_the_supervisor_and_lose_nothing(activated):
    with Steady(activated.root + SOCKET) as load:
        main = activated.main_process()
        for _ in range(5):
            workers = activated.processes() - {main}
            # A pool whose configuration and modules are the same would keep its workers.
            activated.run("touch", MODULE)
            activated.run("systemctl", "reload", "gatehouse.service")
            load.goes_on()
            until(lambda: not workers & activated.processes(), "the old generation has left", 20)
        assert activated.main_process() == main
    assert not load.refused and not load.failed


def test_a_reload_that_fails_says_so_and_changes_nothing(activated):
    with Steady(activated.root + SOCKET) as load:
        before = activated.processes()
        activated.write("/etc/gatehouse/gatehouse.yaml", "pools: { web: { lisen: [] } }\n")
        assert activated.run("systemctl", "reload", "gatehouse.service", check=False).returncode != 0
        load.goes_on()
        assert activated.show("gatehouse.service", "ActiveState") == "active"
        assert activated.processes() == before
    assert not load.refused and not load.failed
    assert "lisen" in activated.journal("gatehouse.service")


def test_a_wrong_configuration_does_not_cost_the_socket(activated):
    """A client that waits starts it again and again, and systemd gives up a socket whose service fails too fast."""
    activated.write("/etc/gatehouse/gatehouse.yaml", "pools:\n  web:\n    workes: 2\n")
    with activated.connect(SOCKET) as waiting:
        waiting.send(fastcgi.request("/hello"))
        until(lambda: activated.show("gatehouse.socket", "ActiveState") != "active"
              or activated.journal("gatehouse.service").count('unknown key "workes"') >= 4, "it has failed often", 60)
        assert activated.show("gatehouse.socket", "ActiveState") == "active"
        activated.configure(listen=["fastcgi:systemd:web"])
        answer = waiting.response()
    assert answer.status == 200


def test_an_upgrade_under_load_loses_nothing(activated):
    with Steady(activated.root + SOCKET) as load:
        command = ["gatehouse", "upgrade", "--config", "/etc/gatehouse/gatehouse.yaml"]
        for _ in range(3):
            activated.run(*command)
            load.goes_on()
            assert activated.show("gatehouse.service", "ActiveState") == "active"
            assert activated.main_process() in activated.processes()
    assert not load.refused and not load.failed
    assert activated.show("gatehouse.service", "NRestarts") == "0"


def test_a_worker_that_hangs_is_replaced(systemd):
    systemd.configure(listen=["fastcgi:systemd:web"], workers=1)
    systemd.drop_in("gatehouse.service", "[Service]\nWatchdogSec=4s\n")
    systemd.run("systemctl", "start", "gatehouse.service")
    with Steady(systemd.root + SOCKET) as load:
        (worker,) = systemd.processes() - {systemd.main_process()}
        systemd.run("kill", "-STOP", worker)
        until(lambda: worker not in systemd.processes(), "the hung worker is gone", 30)
        load.goes_on()
    assert not load.refused


def test_a_stop_ends_everything_and_the_next_request_starts_it_again(activated):
    ask(activated)
    activated.wait_for("active")
    activated.run("systemctl", "stop", "gatehouse.service")
    assert activated.show("gatehouse.service", "Result") == "success"
    assert not activated.processes()
    assert ask(activated).status == 200


@pytest.mark.parametrize("path, endpoint", [(SOCKET, "fastcgi:systemd:web"), (OWN, f"fastcgi:{OWN}")],
                         ids=["activated", "own"])
def test_a_killed_supervisor_refuses_no_connection_and_leaves_no_process(systemd, path, endpoint):
    """A socket of systemd's, and one of ours, which systemd has kept."""
    systemd.configure(listen=[endpoint])
    systemd.run("systemctl", "start", "gatehouse.service")
    clients = 8
    with Steady(systemd.root + path, clients) as load:
        for _ in range(KILLS):
            before = kill_main(systemd)
            load.goes_on()
            until(lambda: not before & systemd.processes(), "no process of the killed one is left", 5)
    print(f"{KILLS} kills: {load.answered} answered, {dict(load.failed)} failed, {dict(load.refused)} refused")
    assert not load.refused
    assert sum(load.failed.values()) <= KILLS * clients, "only what was in flight when one was killed"


def test_a_restart_keeps_a_socket_that_we_opened(systemd):
    systemd.configure(listen=[f"fastcgi:{OWN}"])
    systemd.run("systemctl", "start", "gatehouse.service")
    with Steady(systemd.root + OWN) as load:
        systemd.run("systemctl", "restart", "gatehouse.service")
        load.goes_on()
    assert not load.refused and not load.failed


def test_one_bad_pool_does_not_keep_the_unit_from_being_active(systemd):
    systemd.configure()
    pools = {"web": {"listen": [f"fastcgi:{OWN}"], "modules": [{"mount": "/", "path": MODULE}]},
             "bad": {"listen": [f"fastcgi:{OWN}.bad"], "modules": [{"mount": "/", "path": "/usr/lib/none.so"}]}}
    systemd.write("/etc/gatehouse/gatehouse.yaml", json.dumps({"pools": pools}))
    systemd.run("systemctl", "start", "gatehouse.service")
    assert systemd.show("gatehouse.service", "ActiveState") == "active"
    assert "bad degraded, cannot be started" in systemd.show("gatehouse.service", "StatusText")
    assert ask(systemd, OWN).status == 200 and ask(systemd, f"{OWN}.bad").status == 503


def test_a_socket_that_was_made_anew_outlives_a_restart(systemd):
    """systemd keeps the new one, and not the old one."""
    systemd.configure(listen=[f"fastcgi:{OWN}"])
    systemd.run("systemctl", "start", "gatehouse.service")
    systemd.run("rm", OWN)
    systemd.run("systemctl", "reload", "gatehouse.service")
    with Steady(systemd.root + OWN) as load:
        systemd.run("systemctl", "restart", "gatehouse.service")
        load.goes_on()
    assert not load.refused and not load.failed


def test_a_supervisor_that_hangs_is_replaced(systemd):
    systemd.configure(listen=["fastcgi:systemd:web"])
    systemd.drop_in("gatehouse.service", "[Service]\nWatchdogSec=2s\n")
    systemd.run("systemctl", "start", "gatehouse.service")
    with Steady(systemd.root + SOCKET) as load:
        kill_main(systemd, "STOP")
        load.goes_on()
    assert not load.refused
    assert systemd.show("gatehouse.service", "NRestarts") == "1"


def test_one_that_is_well_lives_longer_than_its_watchdog(systemd):
    systemd.configure(listen=["fastcgi:systemd:web"])
    systemd.drop_in("gatehouse.service", "[Service]\nWatchdogSec=1s\n")
    systemd.run("systemctl", "start", "gatehouse.service")
    main = systemd.main_process()
    stamp = int(systemd.show("gatehouse.service", "WatchdogTimestampMonotonic"))
    until(lambda: int(systemd.show("gatehouse.service", "WatchdogTimestampMonotonic")) > stamp + 3_000_000,
          "it was fed for three seconds", 10)
    assert systemd.main_process() == main and systemd.show("gatehouse.service", "NRestarts") == "0"


def test_logrotate_moves_every_services_logs_and_each_goes_on_in_a_new_one(systemd):
    """Those of an instance too; one that does not run is left out."""
    logs = {}
    for name, folder in (("gatehouse", "/var/log/gatehouse"), ("shop", "/var/log/gatehouse/shop")):
        logs[name] = f"{folder}/web.log"
        pool = {"listen": ["fastcgi:systemd:web"], "modules": [{"path": MODULE}], "access-log": logs[name]}
        systemd.write(f"/etc/gatehouse/{name}.yaml",
                      json.dumps({"control": f"/run/gatehouse/{name}.control", "pools": {"web": pool}}))
    systemd.write("/etc/gatehouse/asleep.yaml", "{}\n")
    systemd.run("systemctl", "start", "gatehouse.service", "gatehouse@shop.service")

    def has(name, target):
        return systemd.run("grep", "-c", f"GET {target} ", logs[name], check=False).stdout.strip() == "1"

    try:
        for round in ("/hello?1", "/hello?2"):
            for name, path in (("gatehouse", SOCKET), ("shop", "/run/gatehouse/shop.sock")):
                assert ask(systemd, path, round).status == 200
                until(lambda: has(name, round), f"{round} is in the log of {name}")
            if round == "/hello?1":
                systemd.run("logrotate", "--force", "/usr/share/gatehouse/logrotate/gatehouse")
        for name in logs:
            assert not has(name, "/hello?1"), "it is in the file that was moved"
    finally:
        systemd.run("rm", "/etc/gatehouse/asleep.yaml", "/etc/gatehouse/shop.yaml")
