"""The bytes with which nginx asks over FastCGI, SCGI and uwsgi, as Debian's parameter files and wrk make them."""

import socket
import struct

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER, KEEP_CONN = 1, 1
# The most that nginx puts into one record of a body that it has kept, padded to 8.
RECORD_OF_BODY = 32 * 1024


def fastcgi(method, uri, body=b"", keeps=True):
    """BEGIN_REQUEST, one PARAMS record padded to 8, the empty PARAMS, the body and the empty STDIN, in one piece."""
    path, _, query = uri.partition("?")
    length = str(len(body)) if body else ""
    # In nginx's order: the fastcgi_param lines of the configuration, then the client's headers.
    content = b"".join(_pair(name.encode(), value.encode()) for name, value in [
        ("QUERY_STRING", query), ("REQUEST_METHOD", method), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", length),
        ("SCRIPT_NAME", path), ("REQUEST_URI", uri), ("DOCUMENT_URI", path), ("DOCUMENT_ROOT", "/srv/www"),
        ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"), ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_SOFTWARE", "nginx/1.22.1"), ("REMOTE_ADDR", "127.0.0.1"), ("REMOTE_PORT", "40000"),
        ("REMOTE_USER", ""), ("SERVER_ADDR", "127.0.0.1"), ("SERVER_PORT", "8080"), ("SERVER_NAME", "example.test"),
        ("REDIRECT_STATUS", "200"), *headers(length), ("SCRIPT_FILENAME", "/srv/www" + path)])
    pieces = [body[start:start + RECORD_OF_BODY] for start in range(0, len(body), RECORD_OF_BODY)]
    return b"".join((
        _record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, KEEP_CONN if keeps else 0)), _record(PARAMS, content),
        _record(PARAMS, b""), *(_record(STDIN, piece) for piece in pieces), _record(STDIN, b"")))


def scgi(method, uri, body=b""):
    """A netstring of variables, CONTENT_LENGTH before all others, and the body."""
    path, _, query = uri.partition("?")
    content = b"".join(name.encode() + b"\0" + value.encode() + b"\0" for name, value in [
        ("CONTENT_LENGTH", str(len(body))), ("REQUEST_METHOD", method), ("REQUEST_URI", uri), ("QUERY_STRING", query),
        ("CONTENT_TYPE", ""), ("DOCUMENT_URI", path), ("DOCUMENT_ROOT", "/srv/www"), ("SCGI", "1"),
        ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"), ("REMOTE_ADDR", "127.0.0.1"),
        ("REMOTE_PORT", "40000"), ("SERVER_PORT", "8080"), ("SERVER_NAME", "example.test"),
        *headers(str(len(body)) if body else "")])
    return b"%d:%s,%s" % (len(content), content, body)


def uwsgi(method, uri, body=b""):
    """A packet of variables and the body."""
    path, _, query = uri.partition("?")
    length = str(len(body)) if body else ""
    content = b"".join(
        struct.pack("<H", len(name)) + name.encode() + struct.pack("<H", len(value)) + value.encode()
        for name, value in [
            ("QUERY_STRING", query), ("REQUEST_METHOD", method), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", length),
            ("REQUEST_URI", uri), ("PATH_INFO", path), ("DOCUMENT_ROOT", "/srv/www"), ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("REQUEST_SCHEME", "http"), ("REMOTE_ADDR", "127.0.0.1"), ("REMOTE_PORT", "40000"),
            ("SERVER_PORT", "8080"), ("SERVER_NAME", "example.test"), *headers(length)])
    return struct.pack("<BHB", 0, len(content), 0) + content + body


def headers(length):
    """The client's headers, as variables."""
    return [("HTTP_HOST", "example.test"), *([("HTTP_CONTENT_LENGTH", length)] if length else [])]


def connect(path, seconds=120):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    connection.connect(str(path))
    return connection


def fastcgi_answer(stream):
    """The content of FCGI_STDOUT, up to the request's end or the connection's."""
    answer = b""
    while header := stream.read(8):
        _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
        content = stream.read(length)
        stream.read(padding)
        if kind == STDOUT:
            answer += content
        if kind == END_REQUEST:
            break
    return answer


def get(path, uri, seconds):
    """The whole answer to one request over FastCGI."""
    with connect(path, seconds) as connection, connection.makefile("rb") as stream:
        connection.sendall(fastcgi("GET", uri))
        return fastcgi_answer(stream)


def _record(kind, content):
    padding = -len(content) % 8
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), padding) + content + bytes(padding)


def _pair(name, value):
    return _length(name) + _length(value) + name + value


def _length(text):
    return bytes([len(text)]) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)
