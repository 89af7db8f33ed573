"""FastCGI 1.0 from the web server's side: a small encoder that can also break the rules."""

import collections
import itertools
import socket
import struct

# Section 8 of the specification.
BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR, DATA = range(1, 9)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = range(4)

Record = collections.namedtuple("Record", "version kind id content")

# Each request has another client's port: the same one again, after it has crashed a worker, would be refused.
_ports = itertools.cycle(range(40000, 60000))


def record(kind, content=b"", id=1, padding=0, version=1):
    """One record: version, type, id, content length, padding length, reserved (section 3.3)."""
    return struct.pack(">BBHHBB", version, kind, id, len(content), padding, 0) + content + bytes(padding)


def begin(id=1, role=RESPONDER, keep=False):
    return record(BEGIN_REQUEST, struct.pack(">HB5x", role, 1 if keep else 0), id)


def length(number):
    """One byte up to 127, else four with the top bit set (section 3.4)."""
    return bytes([number]) if number < 128 else struct.pack(">I", number | 0x80000000)


def pair(name, value):
    name, value = _bytes(name), _bytes(value)
    return length(len(name)) + length(len(value)) + name + value


def stream(kind, content, id=1, size=65535):
    """Records of a stream, without the empty one that ends it."""
    return b"".join(record(kind, content[at:at + size], id) for at in range(0, len(content), size))


def params(variables, id=1):
    """The whole PARAMS stream of a request, its end included."""
    items = variables.items() if isinstance(variables, dict) else variables
    return stream(PARAMS, b"".join(pair(*item) for item in items), id) + record(PARAMS, id=id)


def variables(path="/hello", method="GET", **more):
    """The variables of a request; an argument that is None takes one away."""
    target, _, query = path.partition("?")
    found = {
        "REQUEST_METHOD": method, "REQUEST_URI": path, "SCRIPT_NAME": target, "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1", "GATEWAY_INTERFACE": "CGI/1.1", "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": str(next(_ports)),
        **more,
    }
    return {name: value for name, value in found.items() if value is not None}


def head(path="/hello", method="GET", id=1, keep=False, **more):
    """BEGIN_REQUEST and the whole PARAMS stream."""
    return begin(id, keep=keep) + params(variables(path, method, **more), id)


def request(path="/hello", method="GET", body=b"", id=1, keep=False, **more):
    """A whole request; CONTENT_LENGTH is set if there is a body and the caller has not set it."""
    if body and "CONTENT_LENGTH" not in more:
        more["CONTENT_LENGTH"] = str(len(body))
    return head(path, method, id, keep, **more) + stream(STDIN, body, id) + record(STDIN, id=id)


class Response:
    """The response to one request id."""

    def __init__(self):
        self.stdout = b""
        self.stderr = b""
        self.protocol_status = None
        self.application_status = None

    @property
    def ended(self):
        return self.protocol_status is not None

    @property
    def head(self):
        return self.stdout.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self):
        return self.stdout.partition(b"\r\n\r\n")[2]

    @property
    def headers(self):
        """Names in lower case; the last value wins."""
        lines = (line.partition(":") for line in self.head.split("\r\n"))
        return {name.strip().lower(): value.strip() for name, _, value in lines}

    @property
    def status(self):
        """The number of the Status line; 200 if the head has none, None if there is no head yet."""
        if b"\r\n\r\n" not in self.stdout:
            return None
        return int(self.headers.get("status", "200").split()[0])

    def __repr__(self):
        return f"<{self.status} {self.stdout[:200]!r} end={self.protocol_status}>"


class Connection:
    """One connection to a FastCGI socket."""

    def __init__(self, path, timeout=20.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # A connect(2) that may block waits for room in the backlog; with Python's timeout it would fail with EAGAIN.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@qq", int(timeout), 0))
        self.socket.connect(str(path))
        self.socket.settimeout(timeout)
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *chunks):
        self.socket.sendall(b"".join(chunks))

    def request(self, path="/hello", **options):
        """Send one request and read its response."""
        self.send(request(path, **options))
        return self.response(options.get("id", 1))

    def read_record(self):
        """The next record, or None at the connection's end between two records."""
        header = self._exactly(8)
        if header is None:
            return None
        version, kind, id, size, padding, _ = struct.unpack(">BBHHBB", header)
        content = self._exactly(size + padding)
        if content is None:
            raise EOFError("the connection ended inside a record")
        return Record(version, kind, id, content[:size])

    def responses(self, ids):
        """Read until each of the ids has its END_REQUEST."""
        found = {id: Response() for id in ids}
        while not all(response.ended for response in found.values()):
            got = self.read_record()
            if got is None:
                raise EOFError(f"the connection ended; so far: {found}")
            self._add(found, got)
        return found

    def response(self, id=1):
        """Read until the request's END_REQUEST."""
        return self.responses([id])[id]

    def until_head(self, id=1):
        """Read until the response's head has come; `finish` reads the rest."""
        response = Response()
        while response.status is None:
            self._add({id: response}, self.read_record())
        return response

    def finish(self, response, id=1):
        """Read the rest of a response that `until_head` began."""
        while not response.ended:
            got = self.read_record()
            if got is None:
                raise EOFError(f"the connection ended; so far: {response}")
            self._add({id: response}, got)
        return response

    def at_end(self):
        """Read to the connection's end, which may be a reset; the records until then."""
        records = []
        try:
            while (got := self.read_record()) is not None:
                records.append(got)
        except (ConnectionResetError, EOFError):
            pass
        return records

    @staticmethod
    def _add(found, got):
        response = found[got.id]
        assert not response.ended, f"a record after END_REQUEST: {got}"
        if got.kind == STDOUT:
            response.stdout += got.content
        elif got.kind == STDERR:
            response.stderr += got.content
        elif got.kind == END_REQUEST:
            response.application_status, response.protocol_status = struct.unpack(">IB3x", got.content)
        else:
            raise AssertionError(f"an unexpected record: {got}")

    def _exactly(self, count):
        while len(self._received) < count:
            more = self.socket.recv(262144)
            if not more:
                if self._received:
                    raise EOFError(f"the connection ended {count - len(self._received)} bytes too early")
                return None
            self._received += more
        taken, self._received = self._received[:count], self._received[count:]
        return taken


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")
