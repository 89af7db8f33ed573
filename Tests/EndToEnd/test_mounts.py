"""Several modules in one worker, each under its path."""

import pytest

from harness import modules
from harness.exit_statuses import INIT_THREW, USAGE
from harness.gatehouse import run


@pytest.fixture
def server(serving, echo):
    mounted = modules.build("mounted")
    return serving({"/": echo, "/blog": mounted, "/blog/admin": modules.variant(mounted, "mounted-admin")})


@pytest.mark.parametrize("path, answer", [
    ("/hello", "Hello from Gatehouse\n"),
    ("/blog", "mounted at /blog, asked for /\n"),
    ("/blog/", "mounted at /blog, asked for /\n"),
    ("/blog/2026/november?x=1", "mounted at /blog, asked for /2026/november\n"),
    ("/blog/admin", "mounted at /blog/admin, asked for /\n"),
    ("/blog/admin/users", "mounted at /blog/admin, asked for /users\n"),
    ("/blog/administrators", "mounted at /blog, asked for /administrators\n"),
])
def test_the_longest_prefix_wins(server, path, answer):
    response = server.get(path)
    assert (response.status, response.body.decode()) == (200, answer)


def test_a_prefix_ends_at_a_slash(server):
    assert server.get("/blogger").status == 404


def test_without_a_module_at_the_root_the_rest_is_404(serving):
    server = serving({"/blog": modules.build("mounted")})
    assert server.get("/hello").status == 404
    assert server.get("/blog/x").status == 200


def test_a_mount_may_have_what_separates_it_from_the_file(serving):
    server = serving({"/@home/x@y": modules.build("mounted")})
    assert server.get("/@home/x@y/z").body == b"mounted at /@home/x@y, asked for /z\n"


@pytest.mark.parametrize("argument, said", [
    ("/no/x.so@todo", 'mount "todo" does not begin with a slash: write "/todo"'),
    ("/no/x.so@", 'mount "" does not begin with a slash: write "/"'),
    ("/no/x.so@/a/../b", 'mount "/a/../b" has a "." or ".." in it'),
])
def test_a_wrong_mount_on_the_command_line_is_called_one(argument, said, folder):
    result = run("serve", "--module", argument, "--listen", f"fastcgi:{folder}/x.sock")
    assert result.returncode == USAGE
    assert result.stderr.startswith(f"gatehouse: --module: {said}") and result.stderr.count("\n") == 1, result.stderr


def test_settings_reach_the_module(serving):
    module = modules.build("settings")
    server = serving({
        "/one": {"path": str(module), "settings": {"title": "Notes", "count": 3}},
        "/two": {"path": str(modules.variant(module, "settings-two")), "settings": {"title": "Übung", "count": 4}},
    })
    assert server.get("/one").body == b"Notes 3\n"
    assert server.get("/two").body.decode() == "Übung 4\n"


def test_settings_of_the_wrong_type_are_named_with_their_place(serving):
    module = modules.build("settings")
    server = serving({"/": {"path": str(module), "settings": {"title": "Notes", "count": "three"}}}, wait=False)
    assert server.wait(20) == INIT_THREW
    said = "\n".join(server.lines())
    assert "count" in said and ".yaml" in said
