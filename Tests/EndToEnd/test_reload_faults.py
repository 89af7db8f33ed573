"""A reload that fails, whatever is wrong with the next generation, touches nothing that serves (rows E4, E6)."""

import pytest

from harness import modules, paths
from harness.exit_statuses import (CONFIGURATION, INIT_HUNG, INIT_THREW, INIT_TRAPPED, NO_INPUT, NOT_A_SHARED_OBJECT,
                                   OTHER_SDK, PERMISSION, UNLOADABLE, UNSTAMPED)
from harness.gatehouse import module_pool
from harness.waiting import until

# Faults of the next generation and their exit statuses; `spoil` below makes them.
FAULTS = {
    "a missing file": NO_INPUT, "not ELF": NOT_A_SHARED_OBJECT, "no stamp": UNSTAMPED, "another SDK": OTHER_SDK,
    "a missing symbol": UNLOADABLE, "init traps": INIT_TRAPPED, "init throws": INIT_THREW, "init hangs": INIT_HUNG,
    "writable by others": PERMISSION, "not YAML": CONFIGURATION,
}


def spoil(fault, echo):
    """A module with that fault, and a word that the message must have."""
    match fault:
        case "a missing file":
            return "/no/such/module.so", "/no/such/module.so"
        case "not ELF":
            file = paths.ARTEFACTS / "reload-text.so"
            file.write_text("this is no library\n" * 100)
            return file, "gatehouse build"
        case "no stamp":
            return modules.variant(echo, "reload-unstamped", "--remove-section", modules.STAMP), "reload-unstamped.so"
        case "another SDK":
            return modules.restamped(echo, "reload-othersdk", sdk="0123456789" * 4), "0123456789"
        case "a missing symbol":
            file = paths.ARTEFACTS / "reload-unlinked.so"
            file.write_bytes(echo.read_bytes().replace(b"\0swift_release\0", b"\0swift_missing\0"))
            return file, "swift_missing"
        case "init traps":
            return modules.build("init-traps"), "init-traps.so"
        case "init throws":
            return modules.build("init-throws"), "DatabaseIsAway"
        case "init hangs":
            return modules.build("init-hangs"), "init-hangs.so"
        case "writable by others":
            file = modules.variant(echo, "reload-writable")
            file.chmod(0o775)
            return file, "chmod go-w"


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_the_next_generation_does_not_touch_this_one(serving_pools, under_load, folder, echo, fault):
    server = serving_pools(web=module_pool(folder, echo, workers=2), other=module_pool(folder, echo, "other"))
    before, other = server.serving("web"), server.serving("other")
    with under_load(server):
        if fault == "not YAML":
            server.rewrite("pools: { web: [ }")
            wanted = f"{server.file}:1:"
        else:
            module, wanted = spoil(fault, echo)
            pool = server.configuration["pools"]["web"]
            server.configuration["pools"]["web"] = {
                **pool, "modules": [{"mount": "/", "path": str(module)}], "limits": {"load": "500ms"}}
            if fault == "init traps":
                # A trap under load takes its time: the backtrace.
                server.configuration["pools"]["web"]["limits"] = {"load": "20s"}
            server.rewrite()
        refused = server.command("reload")
        assert refused.status == FAULTS[fault], refused
        assert wanted in refused.message
        assert server.serving("web") == before and server.serving("other") == other
        until(lambda: server.workers == before | other, "nothing is left of the attempt", 10)
    report = server.status()
    assert wanted in report["lastReloadFailure"]
    assert report["pools"][1]["generation"] == 1 and report["pools"][1]["crashes"] == 0
    assert any("the old workers go on serving" in line for line in server.lines())


def test_after_a_failed_reload_a_good_one_succeeds(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    server.rewrite("malformed")
    assert server.command("reload").status == CONFIGURATION
    server.rewrite()
    assert server.command("reload").done
    assert "lastReloadFailure" not in server.status()


def test_a_pool_that_comes_and_cannot_start_is_not_there(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    before = server.serving("web")
    server.configuration["pools"]["bad"] = module_pool(folder, modules.build("init-throws"), "bad")
    server.rewrite()
    refused = server.command("reload")
    assert refused.status == INIT_THREW and "DatabaseIsAway" in refused.message
    until(lambda: [pool["name"] for pool in server.status()["pools"]] == ["web"], "it is forgotten", 10)
    assert not (folder / "bad.sock").exists()
    assert server.serving("web") == before


def test_an_endpoint_that_cannot_be_had_changes_nothing(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    before = server.serving()
    server.configuration["pools"]["web"]["listen"].append("fastcgi:/no/such/folder/web.sock")
    server.rewrite()
    refused = server.command("reload")
    assert refused.status and "/no/such/folder/web.sock" in refused.message
    assert server.serving() == before and server.get("/hello").status == 200


def test_a_pool_that_comes_and_cannot_have_its_log_keeps_no_other_from_its_new_part(serving_pools, folder, echo):
    server = serving_pools(web=module_pool(folder, echo))
    before = server.serving("web")
    server.configuration["pools"]["web"]["workers"] = 2
    server.configuration["pools"]["bad"] = module_pool(folder, echo, "bad", **{"access-log": "/no/such/folder/bad.log"})
    server.rewrite()
    refused = server.command("reload")
    assert refused.status and "pool bad: " in refused.message and "/no/such/folder/bad.log" in refused.message
    assert len(server.serving("web")) == 2 and not server.serving("web") & before
    assert not (folder / "bad.sock").exists()
    assert [pool["name"] for pool in server.status()["pools"]] == ["web"]


@pytest.mark.parametrize("key", ["log", "state", "control"])
def test_what_is_beside_the_pools_and_cannot_be_had_is_said_to_who_reloads(serving_pools, folder, echo, key):
    """It is refused, because the next start would fail for it."""
    server = serving_pools(web=module_pool(folder, echo))
    server.rewrite({**server.configuration, key: f"{folder}/missing/place"})
    failed = server.command("reload")
    assert failed.status and f'"{key}" stays as it was: ' in failed.message, failed
    assert f"{folder}/missing/place" in failed.message
    assert f'"{key}" stays as it was' in server.status()["lastReloadFailure"]
    server.rewrite()
    assert server.command("reload").done and server.get("/hello").status == 200
