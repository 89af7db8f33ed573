"""Many, long and odd headers in both directions."""

import pytest

from harness.client import ask

NGINX = ["nginx fastcgi", "nginx fastcgi keep-alive", "nginx scgi"]


@pytest.fixture(params=NGINX)
def nginx(request, port_of):
    return port_of(request.param)


def test_many_headers(nginx):
    headers = {f"X-Many-{number}": f"value {number}" for number in range(150)}
    lines = ask(nginx, "/headers", headers=headers).body.decode().splitlines()
    for name, value in headers.items():
        assert f"{name.lower()}: {value}" in lines


@pytest.mark.parametrize("length", [127, 128, 255, 256, 16_000, 40_000])
def test_a_long_header_value(nginx, length):
    lines = ask(nginx, "/headers", headers={"X-Long": "v" * length}).body.decode().splitlines()
    assert f"x-long: {'v' * length}" in lines


@pytest.mark.parametrize("length", [120, 122, 123, 200, 500])
def test_a_long_header_name(nginx, length):
    """HTTP_ in front of it makes a name of 127 bytes one of 122. From 128 bytes on its length takes four bytes.

    nginx before August 2026 writes one byte all the same, so the parameters come out malformed: such a request is
    refused, and the worker lives (hostile input A8)."""
    name = "x-" + "n" * (length - 2)
    answer = ask(nginx, "/headers", headers={name: "value"})
    if length + 5 < 128:
        assert f"{name}: value" in answer.body.decode().splitlines()
    else:
        assert answer.status in (200, 400, 502)
        if answer.status == 200:
            assert f"{name}: value" in answer.body.decode().splitlines()
    assert ask(nginx, "/hello").status == 200


def test_names_with_an_underscore_do_not_pass(nginx):
    lines = ask(nginx, "/headers", headers={"X_Under": "spoofed", "X-Dash": "real"}).body.decode().splitlines()
    assert "x-dash: real" in lines
    assert not [line for line in lines if "spoofed" in line]


def test_a_repeated_header_is_served(nginx):
    """nginx before 1.23 sends the parameter twice, a later one joins the values."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", nginx, timeout=20)
    connection.putrequest("GET", "/headers")
    connection.putheader("X-Twice", "one")
    connection.putheader("X-Twice", "two")
    connection.endheaders()
    response = connection.getresponse()
    lines = response.read().decode().splitlines()
    connection.close()
    assert response.status == 200
    assert [line for line in lines if line.startswith("x-twice:") and line.endswith("two")]


def test_many_response_headers(nginx):
    answer = ask(nginx, "/big-headers?count=60&size=500")
    assert answer.status == 200
    assert len([name for name in answer.headers if name.lower().startswith("x-big-")]) == 60
