"""SCGI from the web server's side."""

import socket


def netstring(content):
    return b"%d:%s," % (len(content), content)


def request(path="/hello", method="GET", body=b"", length=None, **more):
    """A whole request; `length` announces another length than the body's."""
    fields = {
        "CONTENT_LENGTH": str(len(body) if length is None else length), "SCGI": "1", "REQUEST_METHOD": method,
        "REQUEST_URI": path, "QUERY_STRING": path.partition("?")[2], "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", **more,
    }
    return netstring(b"".join(f"{name}\0{value}\0".encode("latin-1") for name, value in fields.items())) + body


def connect(path, timeout=20.0):
    """A connection to an SCGI socket."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    connection.connect(str(path))
    return connection


def exchange(path, sent, timeout=20.0):
    """Send bytes, read to the end of the answer."""
    with connect(path, timeout) as connection:
        connection.sendall(sent)
        received = b""
        try:
            while more := connection.recv(65536):
                received += more
        except ConnectionResetError:
            pass
        return received
