"""Many, long and odd headers in both directions."""

import http.client
import re

import pytest

from harness import documents, front_servers, paths
from harness.apache import apache
from harness.client import ask, connect, get, read_to_end
from harness.gatehouse import shared_socket

NGINX = ["nginx fastcgi", "nginx fastcgi keep-alive", "nginx scgi", "nginx uwsgi"]


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
    """HTTP_ in front makes the variable's name five bytes longer. From 128 bytes on its length takes four bytes.

    nginx before August 2026 writes one byte even then. Such a request is malformed and refused, and the worker lives
    (row A8)."""
    name = "x-" + "n" * (length - 2)
    answer = ask(nginx, "/headers", headers={name: "value"})
    if length + 5 < 128:
        assert f"{name}: value" in answer.body.decode().splitlines()
    else:
        assert answer.status in (200, 400, 502)
        if answer.status == 200:
            assert f"{name}: value" in answer.body.decode().splitlines()
    assert ask(nginx, "/hello").status == 200


@pytest.fixture
def longer(serving, folder, echo):
    """Start a front server in front of a Gatehouse whose limit for values is raised."""
    if paths.IS_ROOT:
        folder.chmod(0o777)
    server = serving(echo, socket=shared_socket(), limits={"parameter-value": "200KiB"})
    started = []

    def start(kind, *settings):
        started.append(kind(folder, server, *settings))
        return started[-1]

    yield start
    for front in started:
        front.stop()


@pytest.mark.parametrize("length", [65_535, 65_536, 150_000])
@pytest.mark.parametrize("kind, settings", [
    (apache, ["LimitRequestFieldSize 190000"]), (front_servers.h2o, []),
], ids=["apache", "h2o"])
def test_values_above_64_kib_pass_where_the_limit_allows_them(longer, kind, settings, length):
    """h2o sends it in several records, Apache over SCGI. Its mod_proxy_fcgi leaves out what is not one record, and its
    mod_proxy_uwsgi sends nothing that is not one packet."""
    front = longer(kind, *settings)
    for name, port in front.ports.items():
        if name.startswith("apache fastcgi"):
            continue
        answer = ask(port, "/headers", headers={"X-Long": "v" * length})
        if name == "apache uwsgi":
            assert answer.status == 500
            continue
        assert f"x-long: {'v' * length}" in answer.body.decode().splitlines(), name


def test_a_value_above_64_kib_is_refused_as_it_comes(port_of):
    assert ask(port_of("h2o fastcgi"), "/hello", headers={"X-Long": "v" * 65_536}).status == 431


@pytest.mark.parametrize("length", [8_192, 8_193, 10_000, 31_000])
def test_a_long_path_and_query(nginx, length):
    """Signed links and single sign-on have such targets. The front server's limit has to be raised, too, as it is here.

    nginx sends it twice, in REQUEST_URI and in QUERY_STRING, and both must fit in one record."""
    assert ask(nginx, "/hello?t=" + "a" * (length - 9)).status == 200


def test_the_limit_of_path_and_query_can_be_set_and_a_refusal_is_a_short_line(serving, echo):
    server = serving(echo, limits={"target": "100B"}, pool={"log-level": "debug"})
    assert server.get("/hello?" + "a" * 93).status == 200
    assert server.get("/hello?" + "a" * 50_000).status == 414
    line = server.wait_for_line("path and query of 50007 bytes, over 100")
    assert f"GET /hello?{'a' * 193}… (50007 bytes)" in line
    assert len(line) < 500


# Characters by which a header's name can pass for one with hyphens (RFC 9110's token, without letters and digits).
PASSING = {"caddy": "_", "h2o": "_", "uwsgi's router": "_", "lighttpd": "_.~!*|^`%'+$&#"}


def passing(port):
    """Which characters a client may write for the hyphen in Remote-User."""
    return "".join(
        character for character in "_.~!*|^`%'+$&#"
        if b"remote-user: evil" in read_to_end(connect(port, get("/headers", f"Remote{character}User: evil\r\n"))))


def test_names_that_pass_for_others_are_those_of_security_md(front, variant):
    """A variable's name shows no hyphens, so SECURITY.md lists the names that pass for others (row C2)."""
    if variant == "mod_fcgid":
        variant = "apache"
    name = variant.split()[0].replace("uwsgi-router", "uwsgi's router")
    assert passing(front) == PASSING.get(name, "")
    row = next(line for line in documents.text("SECURITY.md").splitlines()
               if line.lower().startswith(f"| {name} | ") and "Remote" in line or
               line.lower().startswith(f"| {name} | nothing |"))
    named = re.findall(r"`Remote(.)User`", row)
    assert set(named) <= set(PASSING.get(name, "")) and bool(named) == (name in PASSING)


def test_a_name_without_hyphens_has_no_twin(front):
    """The remedy of SECURITY.md works behind every front server (row C2)."""
    for character in "_.~!*|^`%'+$&#":
        sent = get("/headers", f"Remote{character}User: evil\r\nRemoteUser: ann\r\n")
        lines = read_to_end(connect(front, sent)).decode().splitlines()
        # lighttpd and Apache end the connection of a client whose header they do not accept.
        assert [line for line in lines if line.startswith("remoteuser:")] in (["remoteuser: ann"], [])
        assert "remoteuser: evil" not in lines


def test_caddy_drops_names_with_an_underscore_as_security_md_says(serving, folder, echo):
    if paths.IS_ROOT:
        folder.chmod(0o777)
    directive = re.search(r"`(request_header [^`]+)`", documents.text("SECURITY.md")).group(1)
    front = front_servers.caddy(folder, serving(echo, socket=shared_socket()), directive)
    try:
        (port,) = front.ports.values()
        assert passing(port) == ""
        sent = get("/headers", "Remote_User: evil\r\nRemote-User: ann\r\n")
        assert b"\nremote-user: ann\n" in b"\n" + read_to_end(connect(port, sent)).partition(b"\r\n\r\n")[2]
    finally:
        front.stop()


def test_a_repeated_header_is_served(nginx):
    """nginx before 1.23 sends the parameter twice, a later one joins the values."""
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
