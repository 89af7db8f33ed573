"""A handler that fails: the client gets a proper answer, the operator a log line, the next request is not harmed."""

import pytest

from harness import fastcgi


def test_a_thrown_error_is_500_and_one_log_line(serving, echo):
    server = serving(echo)
    mark = server.mark()
    assert server.get("/throw").status == 500
    line = server.wait_for_line("error", 5, after=mark)
    assert "echo" in line.lower(), "the line names the module"
    assert "request" in line, "the line names the request"


@pytest.mark.parametrize("path, said", [("/wrong-length", "its Content-Length is 100"),
                                        ("/too-long", "longer than its Content-Length of 5"),
                                        ("/throw-late", "Mishap")])
def test_an_answer_that_fails_before_anything_has_left_is_500(serving, echo, path, said):
    """No head is sent without its body (row D3)."""
    server = serving(echo)
    mark = server.mark()
    with server.connect() as connection:
        response = connection.request(path, keep=True)
        assert (response.status, response.body) == (500, b"500 Internal Server Error\n")
        assert connection.request("/hello", keep=True).status == 200, "the connection goes on"
    server.wait_for_line(said, 5, after=mark)


def test_what_is_refused_without_a_handler_says_why_in_the_standard_words(gatehouse):
    response = gatehouse.get("/a%00b")
    assert (response.status, response.body) == (400, b"400 Bad Request\n")


def test_head_sends_no_byte_of_the_body(gatehouse):
    """The answer to HEAD has the headers of GET and no body (row D3)."""
    response = gatehouse.get("/hello", method="HEAD")
    assert (response.status, response.body) == (200, b"")
    assert response.headers.get("content-length", "21") == "21"


def test_more_requests_than_allowed_are_answered_503(serving, echo):
    """nginx reads STDOUT and ignores the protocol status, so both say it (row D4)."""
    server = serving(echo, limits={"concurrent-requests": 2})
    with server.connect() as connection:
        connection.send(*(fastcgi.request("/sleep?ms=500", id=id, keep=True) for id in (1, 2, 3)))
        found = connection.responses([1, 2, 3])
    assert found[3].protocol_status == fastcgi.OVERLOADED
    assert found[3].status == 503
    assert [found[id].body for id in (1, 2)] == [b"slept\n"] * 2


def test_control_bytes_do_not_reach_the_log(serving, echo):
    """No request and no handler can forge a line or send an escape to the terminal (row D5)."""
    server = serving(echo)
    mark = server.mark()
    evil = "\x1b[31mred\r\nforged: line\x00\x7f"
    for path in ("/throw?" + evil, "/throw/" + evil):
        server.get(path, HTTP_X_EVIL=evil, REMOTE_USER=evil, QUERY_STRING=evil)
    assert server.get("/log?text=one%1b%5b31m%0d%0aforged:%20line%7f%00two").status == 200
    line = server.wait_for_line("asked to log", 5, after=mark)
    assert "two" in line, "one record is one line"
    text = server.lines(after=mark)
    assert not [line for line in text if line.startswith("forged")]
    assert not [line for line in text if any(ord(letter) < 32 or ord(letter) == 127 for letter in line)]


def test_a_split_response_never_goes_out(serving, echo):
    """A line break in a header, or a Status header, ends in a 500, and none of that head is sent (row D1)."""
    server = serving(echo)
    for path in ("/split", "/status-header"):
        response = server.get(path)
        assert "x-forged" not in response.headers and "599" not in response.head
        assert response.status in (200, 500)
