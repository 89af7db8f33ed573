"""Requests on kept-alive and multiplexed connections never see each other's bytes (row B6)."""

import os

from harness import fastcgi

# A million takes about twenty seconds.
REQUESTS = int(os.environ.get("GATEHOUSE_KEEP_ALIVE_REQUESTS", "1000000"))
IDS = 20


def test_unique_tokens_never_mix(gatehouse):
    marker = "T" * 16
    templates = [fastcgi.request("/echo", method="POST", body=marker.encode(), id=id, keep=True)
                 for id in range(1, IDS + 1)]
    number = 0
    with gatehouse.connect() as connection:
        while number < REQUESTS:
            tokens = {id: b"%016d" % (number + id) for id in range(1, IDS + 1)}
            connection.send(*(template.replace(marker.encode(), tokens[id])
                              for id, template in enumerate(templates, 1)))
            for id, response in connection.responses(tokens).items():
                assert response.status == 200
                assert response.body == tokens[id]
                assert response.stderr == b""
            number += IDS


def test_failed_and_aborted_requests_leave_nothing_to_the_next(gatehouse):
    with gatehouse.connect() as connection:
        for number in range(200):
            assert connection.request("/throw", keep=True).status == 500
            connection.send(fastcgi.request("/sleep?ms=30000", keep=True), fastcgi.record(fastcgi.ABORT_REQUEST))
            connection.response()
            response = connection.request("/echo", method="POST", body=b"%d" % number, keep=True)
            assert (response.status, response.body) == (200, b"%d" % number)
