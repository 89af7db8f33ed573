"""uwsgi from the web server's side."""

import struct

# A connection to a uwsgi socket, and an exchange over it, are those of SCGI: one request each.
from .scgi import connect, exchange  # noqa: F401


def pair(name, value):
    """A name or value is text or bytes."""
    return b"".join(struct.pack("<H", len(part)) + part for part in map(_bytes, (name, value)))


def packet(variables, body=b"", modifier1=0, modifier2=0, size=None):
    """A packet of these variables, bytes; `size` announces another size than theirs."""
    size = len(variables) if size is None else size
    return struct.pack("<BHB", modifier1, size, modifier2) + variables + body


def variables(path="/hello", method="GET", **more):
    """The variables of an ordinary request, without a length."""
    fields = {
        "REQUEST_METHOD": method, "REQUEST_URI": path, "QUERY_STRING": path.partition("?")[2],
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", **more,
    }
    return b"".join(pair(*field) for field in fields.items())


def request(path="/hello", method="GET", body=b"", length=None, **more):
    """A whole request; `length` announces another length than the body's."""
    length = len(body) if length is None else length
    return packet(variables(path, method, CONTENT_LENGTH=str(length), **more), body)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")
