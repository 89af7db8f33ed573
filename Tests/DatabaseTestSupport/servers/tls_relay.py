"""TLS before PostgreSQL in records of 16 KiB, as proxies send them; PostgreSQL's own have 8 KiB."""

import socket
import ssl
import struct
import sys
import threading

from .ports import free_port
from .server import Server

SSL_REQUEST = struct.pack("!II", 8, 80877103)
# The largest piece of plain text that fits into one record.
RECORD = 16384


class TLSRelay(Server):
    """`host`, `port`: PostgreSQL by TCP, without TLS. `certificate`, `key`: files in PEM."""

    NAME = "the TLS relay"

    def __init__(self, host, port, certificate, key):
        super().__init__()
        self.port = free_port()
        self._words = [host, port, certificate, key]
        with self.closed_on_failure():
            self.start()

    def command(self):
        return [sys.executable, "-B", "-c", "import sys; sys.path.insert(0, sys.argv[1]);"
                "from servers.tls_relay import relay; relay(*sys.argv[2:])",
                __file__.rpartition("/servers/")[0], str(self.port), *self._words]

    def is_ready(self):
        return "listening" in self.log()[self.log_offset:]

    def facts(self):
        return {"port": str(self.port)}


def relay(own_port, host, port, certificate, key):
    """Serve for ever, one thread for each direction of each connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", int(own_port))) as listening:
        print("listening", flush=True)
        while True:
            client, _ = listening.accept()
            threading.Thread(target=one, args=(client, host, int(port), context), daemon=True).start()


def one(client, host, port, context):
    """Answer the client's request for TLS, wrap the connection, and forward both ways."""
    try:
        first = client.recv(8, socket.MSG_WAITALL)
        if first != SSL_REQUEST:
            # A request to cancel comes without TLS.
            wrapped, rest = client, first
        else:
            client.sendall(b"S")
            wrapped, rest = context.wrap_socket(client, server_side=True), b""
        behind = socket.create_connection((host, port))
        behind.sendall(rest)
    except OSError:
        client.close()
        return
    threading.Thread(target=forward, args=(wrapped, behind), daemon=True).start()
    collect(behind, wrapped)


def forward(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except (OSError, ValueError):
        pass


def collect(source, sink):
    """Forward in full records as long as more is waiting."""
    try:
        held = b""
        while piece := source.recv(262144):
            held += piece
            while len(held) >= RECORD:
                sink.sendall(held[:RECORD])
                held = held[RECORD:]
            source.setblocking(False)
            try:
                more = source.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                more = b""
            source.setblocking(True)
            if not more and held:
                sink.sendall(held)
                held = b""
    except (OSError, ValueError):
        pass
    finally:
        for end in (source, sink):
            try:
                end.close()
            except OSError:
                pass
