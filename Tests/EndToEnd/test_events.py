"""Server-sent events arrive one by one."""

import pytest

from harness import fastcgi
from harness.client import connect


@pytest.mark.parametrize("variant", ["nginx fastcgi unbuffered", "nginx fastcgi unbuffered keep-alive",
                                     "nginx scgi unbuffered", "nginx uwsgi unbuffered"])
def test_each_event_arrives_before_the_next_is_sent(port_of, variant):
    client = connect(port_of(variant), b"GET /events?n=3&ms=400 HTTP/1.0\r\n\r\n")
    received, seen = b"", []
    while more := client.recv(65536):
        received += more
        seen.append(received.count(b"data: "))
    client.close()
    assert b"text/event-stream" in received
    assert [received.count(b"data: %d\n\n" % number) for number in range(3)] == [1, 1, 1]
    assert {1, 2, 3} <= set(seen), f"events came together: {seen}"


def test_each_event_is_a_record_of_its_own(gatehouse):
    with gatehouse.connect() as connection:
        connection.send(fastcgi.request("/events?n=4&ms=100"))
        records = []
        while (got := connection.read_record()).kind != fastcgi.END_REQUEST:
            records.append(got.content)
    with_events = [content for content in records if b"data: " in content]
    assert len(with_events) == 4
