"""A module decides who may pass (FastCGI's Authorizer role); another application answers those who may."""

import base64

import pytest

from harness import modules, paths
from harness.apache import apache_authorizing
from harness.client import ask, free_ports
from harness.front_servers import lighttpd_authorizing
from harness.gatehouse import shared_socket
from harness.nginx import nginx_asking


@pytest.fixture
def doorkeeper(serving, folder):
    """A Gatehouse with the doorkeeper, on a Unix socket and on a port."""
    (port,) = free_ports(1)
    server = serving(modules.build("doorkeeper"), socket=shared_socket(), pool={
        "listen": [f"fastcgi:{folder}/door.sock", f"fastcgi:127.0.0.1:{port}"]})
    server.door, server.port = folder / "door.sock", port
    return server


@pytest.fixture
def apache(folder, doorkeeper, gatehouse):
    if paths.IS_ROOT:
        folder.chmod(0o777)
    command = f"{paths.GATEHOUSE} serve --module {modules.build('doorkeeper')}"
    front = apache_authorizing(folder, doorkeeper.port, command, gatehouse)
    yield front
    front.stop()


@pytest.fixture
def lighttpd(folder, doorkeeper, gatehouse):
    front = lighttpd_authorizing(folder, doorkeeper.door, gatehouse)
    yield front
    front.stop()


def credentials(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("asking", ["mod_authnz_fcgi", "mod_fcgid"])
def test_apache_lets_in_whom_the_module_lets_in(apache, asking):
    port = apache.ports[asking]
    assert ask(port, "/variables").status == 401
    assert ask(port, "/variables", headers=credentials("ann", "guessed")).status == 401
    # The right password, and still not among those who may.
    assert ask(port, "/variables", headers=credentials("bob", "secret")).status == 401
    answer = ask(port, "/variables", headers=credentials("ann", "secret"))
    assert answer.status == 200
    variables = dict(line.split("=", 1) for line in answer.body.decode().splitlines())
    assert variables["REMOTE_USER"] == "ann"
    # mod_fcgid keeps the variables of every step, mod_authnz_fcgi only those of the last one.
    assert variables["DOOR"].endswith("AUTHORIZER")


def test_lighttpd_lets_in_whom_the_module_lets_in(lighttpd):
    port = lighttpd.ports["lighttpd"]
    assert ask(port, "/variables").status == 403
    assert ask(port, "/variables", headers={"X-Badge": "forged"}).status == 403
    answer = ask(port, "/variables", headers={"X-Badge": "secret"})
    assert answer.status == 200
    assert "DOOR=ONLY" in answer.body.decode().splitlines()


@pytest.fixture
def nginx(folder, gatehouse):
    if paths.IS_ROOT:
        folder.chmod(0o777)
    front = nginx_asking(folder, gatehouse)
    yield front
    front.stop()


@pytest.mark.parametrize("kind", ["fastcgi", "scgi", "uwsgi"])
@pytest.mark.parametrize("body", [b"", b"hello=1", bytes(300_000)], ids=["none", "small", "large"])
def test_nginx_asks_without_the_body_and_then_passes_it_on(nginx, kind, body):
    """Both handlers read their body: the one that is asked finds none, and does not wait for one that never comes."""
    answer = ask(nginx.ports[kind], "/guarded", "POST", body, timeout=10)
    assert (answer.status, answer.body) == (200, b"%d\n" % len(body))


@pytest.mark.parametrize("kind", ["fastcgi", "scgi", "uwsgi"])
def test_nginx_passes_a_request_on_without_its_body(nginx, kind):
    answer = ask(nginx.ports[kind], "/bodyless", "POST", b"hello=1", timeout=10)
    assert (answer.status, answer.body) == (200, b"0\n")
