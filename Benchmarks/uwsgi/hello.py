"""The smallest WSGI application; uwsgi --wsgi-file."""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "21")])
    return [b"Hello from the peer.\n"]
