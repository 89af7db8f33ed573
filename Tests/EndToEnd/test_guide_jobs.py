"""JOBS.md: the page's module welcomes each member once, on each database, and its test compiles."""

import pytest

from harness import documents, guide, sdk
from harness.waiting import until


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    return guide.build("JOBS.md", tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "mariadb"])
def test_a_member_is_welcomed_once(kind, members, serving, request, folder):
    url = f"sqlite:{folder}/members.sqlite" if kind == "sqlite" else request.getfixturevalue(kind).url
    server = serving({"/": {"path": str(members), "settings": {"database": {"url": url}}}}, pool={"workers": 2})
    assert server.get("/ann", method="POST").status == 202
    until(lambda: server.get("/ann").body == b"welcomed 1\n", "she is welcomed", 20)
    assert server.get("/ann", method="POST").status == 409
    assert server.get("/bob").status == 404
    assert server.get("/ann").body == b"welcomed 1\n"
    until(lambda: any(use["done"] for worker in server.status("web")["workers"] for use in worker["jobs"]),
          "the status has it", 10)


def test_the_pages_test_compiles(folder):
    (tests,) = [block for block in documents.blocks(documents.text("JOBS.md"), "swift")
                if "import Testing" in block]
    sdk.emit_testing_library(folder)
    (folder / "Module.swift").write_text(guide.module_source("JOBS.md"))
    sdk.emit_module("Members", [folder / "Module.swift"], folder, "-enable-testing")
    (folder / "Tests.swift").write_text(tests)
    plugins = sdk.TOOLCHAIN / "lib" / "swift" / "host" / "plugins"
    sdk.compile([folder / "Tests.swift"], "-typecheck", "-parse-as-library", "-plugin-path", str(plugins / "testing"),
                "-plugin-path", str(plugins), folders=[folder])
