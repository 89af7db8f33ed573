"""SERVERS.md: each configuration on the page, as it is but for the socket, before a Gatehouse that answers."""

import pytest

from harness import documents, paths
from harness.apache import apache_passing
from harness.client import ask
from harness.front_servers import lighttpd_passing

SECTIONS = ["Apache, by FastCGI", "Apache, by uwsgi", "lighttpd, by FastCGI", "lighttpd, by uwsgi"]


@pytest.fixture(params=SECTIONS)
def port(request, gatehouse, folder):
    server, _, spoken = request.param.partition(", by ")
    part = documents.sections("SERVERS.md")[request.param]
    (block,) = documents.blocks(part, server.lower())
    socket = {"FastCGI": gatehouse.fastcgi_socket, "uwsgi": gatehouse.uwsgi_socket}[spoken]
    assert block.count("/run/gatehouse/web.sock") == 1
    block = block.replace("/run/gatehouse/web.sock", str(socket))
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    if server == "Apache":
        module = {"FastCGI": "proxy_fcgi", "uwsgi": "proxy_uwsgi"}[spoken]
        assert f"`a2enmod {module}`" in part
        front = apache_passing(folder, module, block)
    else:
        front = lighttpd_passing(folder, block)
    yield front.ports[server.lower()]
    front.stop()


def test_every_section_with_a_configuration_is_tried():
    found = [heading for heading, part in documents.sections("SERVERS.md").items() if "```" in part]
    assert found == SECTIONS


def test_the_page_serves_and_takes_an_upload(port):
    assert ask(port, "/hello").body == b"Hello from Gatehouse\n"
    assert ask(port, "/hello").body == b"Hello from Gatehouse\n", "on a connection that is kept, where there are any"
    assert ask(port, "/count", "POST", bytes(1 << 20)).body == b"1048576\n"
