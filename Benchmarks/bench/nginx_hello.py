"""The bytes with which nginx asks for hello over FastCGI, as Debian's fastcgi_params and wrk make them."""

import struct

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER, KEEP_CONN = 1, 1

# In nginx's order: the fastcgi_param lines of the configuration, then the client's headers.
PARAMETERS = [
    ("QUERY_STRING", ""), ("REQUEST_METHOD", "GET"), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", ""),
    ("SCRIPT_NAME", "/hello"), ("REQUEST_URI", "/hello"), ("DOCUMENT_URI", "/hello"), ("DOCUMENT_ROOT", "/srv/www"),
    ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"), ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "nginx/1.22.1"), ("REMOTE_ADDR", "127.0.0.1"), ("REMOTE_PORT", "40000"), ("REMOTE_USER", ""),
    ("SERVER_ADDR", "127.0.0.1"), ("SERVER_PORT", "8080"), ("SERVER_NAME", "example.test"), ("REDIRECT_STATUS", "200"),
    ("HTTP_HOST", "example.test"), ("SCRIPT_FILENAME", "/srv/www/hello"),
]


def request(parameters=PARAMETERS):
    """BEGIN_REQUEST, the one PARAMS record padded to 8, the empty PARAMS and the empty STDIN, in one piece."""
    content = b"".join(_pair(name.encode(), value.encode()) for name, value in parameters)
    return b"".join((
        _record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, KEEP_CONN)), _record(PARAMS, content),
        _record(PARAMS, b""), _record(STDIN, b"")))


def records(connection):
    """(type, content) of each record that arrives."""
    with connection.makefile("rb") as stream:
        while header := stream.read(8):
            _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
            content = stream.read(length)
            stream.read(padding)
            yield kind, content


def _record(kind, content):
    padding = -len(content) % 8
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), padding) + content + bytes(padding)


def _pair(name, value):
    return _length(name) + _length(value) + name + value


def _length(text):
    return bytes([len(text)]) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)
