"""Ports for servers that have to be told theirs."""

import errno
import random
import socket

# Below those that Linux gives to clients (net.ipv4.ip_local_port_range): before the server listens, a connection that
# somebody makes could get such a one.
PORTS = range(10000, 32768)


def free_ports(count):
    """Ports of the loopback device that nobody has at this moment."""
    held = []
    while len(held) < count:
        try:
            held.append(socket.create_server(("127.0.0.1", random.choice(PORTS))))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def free_port():
    """One such port."""
    return free_ports(1)[0]
