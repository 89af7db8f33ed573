"""Time limits from the configuration end requests and connections that are too slow (row B5)."""

import pytest

from harness import fastcgi
from harness.fastcgi import STDIN, head, record
from harness.waiting import until


@pytest.fixture
def server(serving, echo):
    return serving(echo, limits={"request": "300ms", "head": "300ms", "body-idle": "200ms"})


def test_a_request_that_takes_too_long_is_504_and_its_task_cancelled(server):
    assert server.get("/sleep?ms=30000").status == 504
    until(lambda: server.counters()["cancelled"] == 1, "the task is cancelled", 5)


def test_a_response_that_has_begun_is_cut_off(server):
    with server.connect() as connection:
        connection.send(fastcgi.request("/events?n=1000&ms=50", keep=True))
        assert connection.until_head().status == 200
        connection.at_end()


def test_parameters_that_never_end_close_the_connection(server):
    with server.connect() as connection:
        connection.send(head()[:40])
        assert not [got for got in connection.at_end() if got.kind == fastcgi.STDOUT and b"200" in got.content]


def test_a_body_that_stops_is_given_up(server):
    with server.connect() as connection:
        connection.send(head("/count", "POST", CONTENT_LENGTH="1000"), record(STDIN, b"x"))
        response = connection.response()
        assert response.status in (408, 504)


def test_an_idle_connection_between_requests_stays(server):
    with server.connect() as connection:
        assert connection.request("/hello", keep=True).status == 200
        assert server.get("/sleep?ms=30000").status == 504  # longer than every limit
        assert connection.request("/hello", keep=True).status == 200
