"""A module that cannot be used: one message says why, and each cause has an exit status of its own (row E6)."""

import os
import shutil

import pytest

from harness import modules, paths
from harness.exit_statuses import (INIT_HUNG, INIT_THREW, INIT_TRAPPED, NO_INPUT, NOT_A_MODULE, NOT_A_SHARED_OBJECT,
                                   OTHER_COMPILER, OTHER_SDK, PERMISSION, UNLOADABLE, UNSTAMPED)
from harness.gatehouse import run


@pytest.fixture
def fails(folder):
    """Serve a module that cannot be served; returns what was said."""

    def attempt(module, status):
        result = run("serve", "--module", module, "--listen", f"fastcgi:{folder}/x.sock")
        assert result.returncode == status, result.stderr
        assert "gatehouse: ready" not in result.stderr
        assert "Fatal error" not in result.stderr or status == INIT_TRAPPED
        assert not (folder / "x.sock").exists()
        return result.stderr

    return attempt


def test_a_file_that_is_not_there(fails):
    assert "/no/such/module.so" in fails("/no/such/module.so", NO_INPUT)


def test_a_folder(fails):
    fails(paths.ARTEFACTS, NO_INPUT)


def test_a_text_file(fails):
    file = paths.ARTEFACTS / "text.so"
    file.write_text("this is no library\n" * 100)
    file.chmod(0o644)
    assert "gatehouse build" in fails(file, NOT_A_SHARED_OBJECT)


def test_an_elf_file_that_is_cut_off(fails, echo):
    file = paths.ARTEFACTS / "cut.so"
    file.write_bytes(echo.read_bytes()[:3000])
    file.chmod(0o644)
    fails(file, NOT_A_SHARED_OBJECT)


def test_no_stamp(fails, echo):
    said = fails(modules.variant(echo, "unstamped", "--remove-section", modules.STAMP), UNSTAMPED)
    assert "unstamped.so" in said and "gatehouse build" in said


def test_a_stamp_that_cannot_be_read(fails, echo):
    text = paths.ARTEFACTS / "malformed.stamp"
    text.write_bytes(b"\xff\xfe" * 100)
    fails(modules.variant(echo, "malformed", "--update-section", f"{modules.STAMP}={text}"), UNSTAMPED)


def test_another_sdk(fails, echo):
    assert "0123456789" in fails(modules.restamped(echo, "othersdk", sdk="0123456789" * 4), OTHER_SDK)


def test_another_compiler(fails, echo):
    assert "Borland" in fails(modules.restamped(echo, "othercompiler", compiler="Borland 1.0"), OTHER_COMPILER)


def test_a_missing_symbol(fails, echo):
    """`gatehouse build` would not link such a module; a library of another version at run time makes one."""
    file = paths.ARTEFACTS / "unlinked.so"
    content = echo.read_bytes()
    assert b"\0swift_release\0" in content
    file.write_bytes(content.replace(b"\0swift_release\0", b"\0swift_missing\0"))
    said = fails(file, UNLOADABLE)
    assert "swift_missing" in said and "unlinked.so" in said


def test_no_handler_module_inside(fails):
    assert "HandlerModule" in fails(modules.build("not-a-handler"), NOT_A_MODULE)


def test_an_init_that_throws(fails):
    assert "DatabaseIsAway" in fails(modules.build("init-throws"), INIT_THREW)


def test_an_init_that_traps(fails):
    assert "init-traps.so" in fails(modules.build("init-traps"), INIT_TRAPPED)


def test_an_init_that_traps_without_a_word(fails):
    """Optimised Swift writes nothing when it traps, so the message itself names the trap and its place."""
    said = fails(modules.build("init-out-of-range"), INIT_TRAPPED).splitlines()[-1]
    assert "init-out-of-range.so: its init ended the process by signal" in said
    place = modules.place("init-out-of-range/Sources/Chooser.swift", "func choose")
    assert f"Index out of range, in static Chooser.choose(from:_:) at {place}" in said


def test_an_init_that_hangs(serving):
    server = serving(modules.build("init-hangs"), limits={"load": "500ms"}, wait=False)
    assert server.wait(20) == INIT_HUNG
    assert "init-hangs.so" in "\n".join(server.lines())


def test_a_module_that_others_can_write_to(fails, echo):
    file = modules.variant(echo, "writable")
    file.chmod(0o775)
    assert "chmod go-w" in fails(file, PERMISSION)
    file.chmod(0o755)


def test_a_module_in_a_folder_that_others_can_write_to(fails, echo):
    inside = paths.ARTEFACTS / "open"
    inside.mkdir(exist_ok=True)
    inside.chmod(0o777)
    file = inside / "echo.so"
    shutil.copy(echo, file)
    assert "chmod go-w" in fails(file, PERMISSION)
    inside.chmod(0o755)


@pytest.mark.skipif(not paths.IS_ROOT, reason="only root can give a file away")
def test_a_module_that_belongs_to_somebody_else(fails, echo):
    file = modules.variant(echo, "given")
    os.chown(file, 65534, 65534)
    assert "chown" in fails(file, PERMISSION)
    os.chown(file, 0, 0)


def test_a_link_to_a_module_is_followed_once(serving, echo):
    link = paths.ARTEFACTS / "link.so"
    link.unlink(missing_ok=True)
    link.symlink_to(echo)
    assert serving(link).get("/hello").status == 200
