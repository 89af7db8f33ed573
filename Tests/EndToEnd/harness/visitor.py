"""Somebody who comes again, with the cookies that he was given."""

import re

from .client import ask


class Visitor:
    """Asks a front server's port. Each request has a connection of its own."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def ask(self, target, method="GET", **headers):
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = ask(self.port, target, method, b"" if method == "POST" else None, headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = re.match("([^=]+)=([^;]*)", line).groups()
            self.cookies.pop(name, None)
            if "Max-Age=0" not in line:
                self.cookies[name] = value
        return answer

    def page(self):
        return self.ask("/").body.decode()

    def copy(self):
        other = Visitor(self.port)
        other.cookies = dict(self.cookies)
        return other
