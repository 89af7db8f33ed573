"""The nginx configuration in deploy/, unchanged except for the port and the socket."""

from harness.client import ask
from harness.front_servers import FrontServer
from harness.nginx import shipped


def test_the_shipped_configuration_serves(gatehouse, folder):
    command, port = shipped(folder, gatehouse.fastcgi_socket)
    front = FrontServer(folder, command, {"nginx": port})
    try:
        assert ask(port, "/hello").body == b"Hello from Gatehouse\n"
        lines = ask(port, "/variables?a=1", headers={"X_Under": "spoofed"}).body.decode().splitlines()
        assert "QUERY_STRING=a=1" in lines and "REQUEST_URI=/variables?a=1" in lines
        # A header with an underscore must not pass for one with a hyphen (row C2).
        assert not [line for line in lines if "spoofed" in line or line.startswith("HTTPS=")]
        names = [line.partition("=")[0] for line in lines]
        assert len(names) == len(set(names)), "a parameter is sent twice"
        assert ask(port, "/count", "POST", bytes(1 << 20)).body == b"1048576\n"
        assert ask(port, "/count", "POST", bytes(17 << 20)).status == 413
    finally:
        front.stop()
