"""An operator's commands over the control socket: one JSON line there, any number back."""

import json
import socket


class Reply:
    """The supervisor's answer: `done` says what it did, or `message` why it did not, with the exit `status`."""

    def __init__(self, replies):
        assert replies, "the supervisor hung up without an answer"
        *self.progress, last = replies
        assert all(list(reply) == ["progress"] for reply in self.progress), replies
        kind, content = next(iter(last.items()))
        assert kind in ("done", "failed", "status"), last
        self.done = content["_0"] if kind == "done" else None
        self.report = content["_0"] if kind == "status" else None
        self.message = content["message"] if kind == "failed" else None
        self.status = content["exitStatus"] if kind == "failed" else 0

    def __repr__(self):
        return f"<{self.status}: {self.message or self.done or 'a status report'}>"


def connect(path, timeout=60.0):
    """A connection to a control socket."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    connection.connect(str(path))
    return connection


def send(connection, name, **fields):
    """Send a command without waiting for the answer."""
    try:
        connection.sendall(json.dumps({name: fields}).encode() + b"\n")
    except BrokenPipeError:
        pass  # The supervisor turns a client away without reading what it says.


def receive(connection):
    """The whole answer to a command."""
    replies = []
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            replies.append(json.loads(line))
            if "progress" not in replies[-1]:
                break
    return Reply(replies)


def command(path, name, timeout=60.0, **fields):
    """Send a command on a connection of its own; the answer."""
    connection = connect(path, timeout)
    send(connection, name, **fields)
    return receive(connection)
