"""The same upload in Werkzeug: its file in a temporary file, as Werkzeug stores it, or only counted."""

from werkzeug.wrappers import Request


class Counter:
    """A file that forgets what is written to it."""

    def __init__(self):
        self.size = 0

    def write(self, data):
        self.size += len(data)

    def seek(self, place):
        pass

    def close(self):
        pass


class Counting(Request):
    def _get_file_stream(self, *arguments, **options):
        return Counter()


def size_of(stream):
    return stream.size if isinstance(stream, Counter) else stream.seek(0, 2)


@Request.application
def hello(request):
    from werkzeug.wrappers import Response
    return Response("Hello from Werkzeug.\n")


def application(environ, start_response):
    kinds = {"/multipart-count": Counting, "/multipart-store": Request}
    if environ["PATH_INFO"] not in kinds:
        return hello(environ, start_response)
    request = kinds[environ["PATH_INFO"]](environ)
    answer = b"%d\n" % size_of(request.files["file"].stream)
    request.close()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
