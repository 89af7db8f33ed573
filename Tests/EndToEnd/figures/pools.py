"""The Gatehouse that is measured."""

import contextlib

from harness import modules
from harness.gatehouse import serve_configuration, shared_socket


@contextlib.contextmanager
def served(folder, module="echo", **pool):
    """One pool `web` of a module."""
    socket = f"{folder}/web.sock"
    server = serve_configuration(folder, {"pools": {"web": {
        "listen": [f"fastcgi:{socket}"], "socket": shared_socket(),
        "modules": [{"mount": "/", "path": str(modules.build(module))}], **pool}}}, fastcgi_socket=socket)
    try:
        yield server
    finally:
        server.stop()
