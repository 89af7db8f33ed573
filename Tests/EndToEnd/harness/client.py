"""An HTTP/1.1 client for one request at a time."""

import collections
import http.client
import socket

from servers.ports import free_ports

__all__ = ["Answer", "ask", "can_connect", "connect", "free_ports", "get", "read_to_end"]

Answer = collections.namedtuple("Answer", "status headers body")


def ask(port, target, method="GET", body=None, headers=None, timeout=20.0):
    """One request on a connection of its own. An iterator as the body goes out chunked unless Content-Length is set."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        headers = dict(headers or {})
        chunked = body is not None and not isinstance(body, (bytes, str)) and "Content-Length" not in headers
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        connection.request(method, target, body, headers, encode_chunked=chunked)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def connect(port, sent=b"", receive_buffer=None, timeout=20.0):
    """A plain TCP connection; a small `receive_buffer` makes a slow reader slow at once."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(timeout)
    connection.connect(("127.0.0.1", port))
    connection.sendall(sent)
    return connection


def get(target, extra=""):
    """The bytes of a GET request that ends its connection."""
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{extra}\r\n".encode()


def can_connect(port):
    try:
        connect(port, timeout=1).close()
        return True
    except OSError:
        return False


def read_to_end(connection):
    """Everything up to the connection's end."""
    received = bytearray()
    while more := connection.recv(262144):
        received += more
    return bytes(received)
