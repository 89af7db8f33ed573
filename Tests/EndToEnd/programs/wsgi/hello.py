"""A WSGI application for uWSGI."""

import os
import sys
import time
from urllib.parse import parse_qs


def application(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    time.sleep(int(query.get("ms", ["0"])[0]) / 1000)
    if "say" in query:
        print(query["say"][0], file=sys.stderr, flush=True)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"uwsgi {os.getppid()} {os.environ.get('GREETING', '')}".encode()]
