"""Sockets of Gatehouse under systemd: who is let in by which unit and drop-in, and which units are refused (row E8)."""

import pytest

from harness import paths
from harness.client import ask as ask_nginx
from harness.client import can_connect
from harness.nginx import shipped
from harness.systemd import needs_systemd
from harness.waiting import until

pytestmark = needs_systemd
SOCKET = "/run/gatehouse/web.sock"


@pytest.fixture
def front(systemd, folder):
    """Ask a socket through an nginx whose worker is an unprivileged user, a service beside ours."""
    started = []

    def start(socket):
        made = folder / str(len(started))
        made.mkdir()
        command, port = shipped(made, socket)
        started.append(f"front{len(started)}")
        systemd.run("systemd-run", f"--unit={started[-1]}", *command)
        until(lambda: can_connect(port), "nginx listens", 20)
        return lambda: ask_nginx(port, "/hello").status

    yield start
    systemd.run("systemctl", "stop", *started)


DROP_INS = sorted(paths.ROOT.glob("deploy/systemd/*.d/*.conf"))


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
@pytest.mark.parametrize("unit, path", [("gatehouse", SOCKET), ("gatehouse@shop", "/run/gatehouse/shop.sock")])
def test_nginx_is_let_in_with_and_without_each_drop_in(systemd, front, unit, path, drop_in):
    """The socket unit's and one that Gatehouse opens, while the drop-in comes and goes; nobody takes a socket away."""
    name = unit.rpartition("@")[2]
    service, own = f"{unit}.service", f"/run/gatehouse/{name}-own.sock"
    plain, opened = front(path), front(own)
    settings = {"listen": ["fastcgi:systemd:web"]}
    systemd.configure(name, **settings)
    systemd.run("systemctl", "start", f"{unit}.socket", service)
    assert plain() == 200
    # To give a socket to nginx's group takes root: with the drop-in alone.
    systemd.configure(name, listen=["fastcgi:systemd:web", f"fastcgi:{own}"], socket={"group": paths.FRONT_USER},
                      user="nobody")
    systemd.run("install", "-D", "-m", "644", f"/usr/share/gatehouse/systemd/{drop_in.parent.name}/{drop_in.name}",
                f"/run/systemd/system/{service}.d/{drop_in.name}")
    systemd.run("systemctl", "daemon-reload")
    for _ in range(2):
        systemd.run("systemctl", "restart", service)
        assert (plain(), opened()) == (200, 200)
        owner = systemd.run("stat", "-c", "%U", f"/proc/{systemd.main_process(service)}").stdout
        assert owner == "root\n"
    assert systemd.run("stat", "-c", "%A %U %G", path).stdout == "srw-rw---- gatehouse www-data\n"
    systemd.configure(name, **settings)
    systemd.run("rm", f"/run/systemd/system/{service}.d/{drop_in.name}")
    systemd.run("systemctl", "daemon-reload")
    systemd.run("systemctl", "restart", service)
    assert plain() == 200


def test_with_root_a_pools_own_files_stay_its_own(systemd):
    """systemd's own folders for a service belong to the service's user with everything in them: these must not."""
    systemd.run("install", "-d", "-o", "nobody", "/var/lib/gatehouse/pool", "/var/log/gatehouse/pool")
    systemd.configure(listen=["fastcgi:systemd:web"], user="nobody")
    text = systemd.run("cat", "/usr/share/gatehouse/systemd/gatehouse.service.d/root.conf").stdout
    systemd.drop_in("gatehouse.service", text, "root.conf")
    systemd.run("systemctl", "start", "gatehouse.service")
    for folder in ("/var/lib/gatehouse/pool", "/var/log/gatehouse/pool"):
        assert systemd.run("stat", "-c", "%U", folder).stdout == "nobody\n"


@pytest.mark.parametrize("more, is_kept", [("", True), ("SystemCallFilter=~setfsuid setfsgid", False)])
def test_with_root_a_module_is_copied_once_or_it_is_said_why_not(systemd, more, is_kept):
    """With the rights of the pool's user; else a later worker would load what lies in the file's place by then."""
    systemd.configure(listen=["fastcgi:systemd:web"], user="nobody")
    text = systemd.run("cat", "/usr/share/gatehouse/systemd/gatehouse.service.d/root.conf").stdout
    systemd.drop_in("gatehouse.service", f"{text}\n{more}\n", "root.conf")
    systemd.run("systemctl", "start", "gatehouse.service")
    main = systemd.main_process()
    held = systemd.run("ls", "-l", f"/proc/{main}/fd").stdout
    assert ("memfd:libEcho.so" in held) == is_kept, held
    said = "cannot read the modules with the rights of the pool's user"
    lines = [line for line in systemd.journal("gatehouse.service").splitlines() if f"[{main}]" in line]
    assert any(said in line for line in lines) != is_kept, lines


def test_the_path_of_the_socket_unit_is_no_endpoint_and_the_message_says_what_is(systemd):
    systemd.configure(listen=[f"fastcgi:{SOCKET}"])
    assert systemd.run("systemctl", "start", "gatehouse.service", check=False).returncode != 0
    assert "write fastcgi:systemd:web instead" in systemd.journal("gatehouse.service")
    assert systemd.show("gatehouse.service", "ExecMainStatus") == "78"


@pytest.mark.parametrize("lines, wanted", [
    ("ListenStream=\nListenDatagram=/run/gatehouse/web.sock\n", "is not a stream socket"),
    ("ListenStream=\nListenFIFO=/run/gatehouse/web.sock\n", "is not a socket"),
])
def test_a_socket_unit_that_cannot_serve_is_refused_by_name(systemd, lines, wanted):
    """A descriptor that is no listening stream socket is named, and nothing is served (row E8)."""
    systemd.configure(listen=["fastcgi:systemd:web"])
    systemd.drop_in("gatehouse.socket", f"[Socket]\n{lines}")
    assert systemd.run("systemctl", "start", "gatehouse.service", check=False).returncode != 0
    systemd.wait_for("failed")
    said = systemd.journal("gatehouse.service")
    assert f'descriptor 3 ("web") {wanted}' in said and "ListenStream=" in said
    assert systemd.show("gatehouse.service", "ExecMainStatus") == "78"
