"""The same answers, whichever front server an operator has."""

import http.client
import random

import pytest

from harness import pattern
from harness.client import ask


def test_a_page_arrives(front):
    answer = ask(front, "/hello")
    assert (answer.status, answer.body) == (200, b"Hello from Gatehouse\n")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_head_has_the_headers_and_no_body(front):
    answer = ask(front, "/hello", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers.get("Content-Length", "21") == "21"


@pytest.mark.parametrize("code", [201, 204, 304, 404, 418, 503])
def test_a_status_arrives(front, code):
    answer = ask(front, f"/status?code={code}")
    assert answer.status == code
    if code in (204, 304):
        assert answer.body == b""


def test_a_thrown_http_error_has_its_status(front):
    assert ask(front, "/http-error?code=418").status == 418


def test_any_other_thrown_error_is_500(front):
    assert ask(front, "/throw").status == 500


def test_no_route_is_404(front):
    assert ask(front, "/no/such/page").status == 404


def test_another_method_than_a_path_has_is_405_and_says_which_it_has(front):
    answer = ask(front, "/hello", "DELETE")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert ask(front, "/count").headers["Allow"] == "POST"


def test_a_form_arrives(front):
    answer = ask(front, "/form", "POST", "name=J%C3%BCrgen+K&empty=&a%26b=c%3Dd",
                 {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 200
    assert sorted(answer.body.decode().splitlines()) == sorted(["name=Jürgen K", "empty=", "a&b=c=d"])


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 5 << 20])
def test_a_body_comes_back_as_it_went(front, size):
    body = random.Random(size).randbytes(size)
    answer = ask(front, "/echo", "POST", body, {"Content-Type": "application/octet-stream"})
    assert answer.status == 200
    assert answer.body == body


def test_a_chunked_body_comes_back_as_it_went(front, variant):
    body = random.Random(1).randbytes(300_000)
    chunks = (body[at:at + 7001] for at in range(0, len(body), 7001))
    try:
        answer = ask(front, "/echo", "POST", chunks)
    except ConnectionError:
        # HAProxy 2.6 announces the length of the part that it happens to have, finds that the body exceeds it, answers
        # 400 itself, and closes while the client still sends.
        assert variant.startswith(("haproxy", "uwsgi-router"))
        return
    if variant.startswith(("haproxy", "apache scgi", "apache uwsgi", "uwsgi-router")) and answer.status != 200:
        # The same, when the client was done sending. Apache asks the client for a length, and Gatehouse does if uWSGI's
        # router passes neither body nor length on.
        assert answer.status in (400, 411)
        return
    assert answer.status == 200
    assert answer.body == body


@pytest.mark.parametrize("length", [0, 1])
def test_a_long_response_arrives_whole(front, length):
    answer = ask(front, f"/stream?mib=3&length={length}")
    assert answer.status == 200
    assert answer.body == pattern.expected(3 << 20)


def test_headers_arrive(front):
    answer = ask(front, "/headers", headers={
        "X-Plain": "one", "X-With-Colon": "a: b", "Cookie": "a=1; b=2", "Accept-Language": "de, en;q=0.5"})
    lines = answer.body.decode().splitlines()
    for line in ("x-plain: one", "x-with-colon: a: b", "cookie: a=1; b=2", "accept-language: de, en;q=0.5"):
        assert line in lines


def test_a_proxy_header_never_arrives(front):
    """A client's `Proxy` header would become HTTP_PROXY, which libraries take for their proxy (row C1)."""
    lines = ask(front, "/headers", headers={"Proxy": "evil.example:80"}).body.decode().lower().splitlines()
    assert not [line for line in lines if line.startswith("proxy:")]
    variables = ask(front, "/variables", headers={"Proxy": "evil.example:80"}).body.decode()
    assert "HTTP_PROXY=" not in variables


def test_the_query_and_the_peer_are_known(front):
    lines = ask(front, "/variables?a=1&b=%20c").body.decode().splitlines()
    assert "QUERY_STRING=a=1&b=%20c" in lines
    assert "REMOTE_ADDR=127.0.0.1" in lines
    assert "REQUEST_METHOD=GET" in lines


def test_the_path_is_the_one_that_was_asked_for(front):
    assert ask(front, "/path?x=/other").body == b" /path\n"


def test_long_response_headers_arrive(front):
    answer = ask(front, "/big-headers?count=20&size=300")
    assert answer.status == 200
    big = [value for name, value in answer.headers.items() if name.lower().startswith("x-big-")]
    assert [len(value) for value in big] == [300] * 20


def test_a_connection_serves_many_requests(front):
    """The client's connection is kept, and so may be the one behind the front server."""
    connection = http.client.HTTPConnection("127.0.0.1", front, timeout=30)
    for number in range(50):
        body = f"token {number}".encode()
        connection.request("POST", "/echo", body)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, body)
    connection.close()
