"""The folder for a module's files: over reloads, for a pool's user, and what is said if it cannot be had."""

import json
import pwd
import stat

from harness import paths
from harness.databases import pool_with
from harness.exit_statuses import INIT_THREW
from harness.gatehouse import module_pool, run, serve_configuration
from harness.marks import as_root


def test_a_module_keeps_its_files_over_reloads(folder, querying):
    state = folder / "state"
    state.mkdir()
    pool = pool_with(folder, querying, "sqlite:")
    server = serve_configuration(folder, {"state": str(state), "pools": {"web": pool}},
                                 fastcgi_socket=str(folder / "web.sock"))
    try:
        assert server.get("/count").body == b"1\n"
        server.command("reload", pool="web")
        assert server.get("/count").body == b"2\n"
        own = state / "modules" / "Querying"
        assert server.get("/folder").body.decode() == str(own)
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert list(own.glob("*.sqlite*"))
    finally:
        server.stop()


@as_root
def test_a_pools_user_gets_the_folder_and_nobody_else(folder, querying):
    state = folder / "state"
    state.mkdir(mode=0o755)
    pool = {**pool_with(folder, querying, "sqlite:"), "user": paths.FRONT_USER}
    server = serve_configuration(folder, {"state": str(state), "pools": {"web": pool}},
                                 fastcgi_socket=str(folder / "web.sock"))
    try:
        assert server.get("/count").body == b"1\n"
        own, account = state / "modules" / "Querying", pwd.getpwnam(paths.FRONT_USER)
        assert (own.stat().st_uid, own.stat().st_gid) == (account.pw_uid, account.pw_gid)
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert (own.parent.stat().st_uid, stat.S_IMODE(own.parent.stat().st_mode)) == (0, 0o711)
    finally:
        server.stop()


@as_root
def test_a_folder_that_the_user_may_not_use_is_the_modules_fault_alone(folder, querying, echo):
    state = folder / "state"
    state.mkdir(mode=0o700)
    pool = {**pool_with(folder, querying, "sqlite:"), "user": paths.FRONT_USER}
    other = {**module_pool(folder, echo, "echo"), "user": paths.FRONT_USER}
    server = serve_configuration(folder, {"state": str(state), "pools": {"web": pool, "echo": other}},
                                 fastcgi_socket=str(folder / "echo.sock"))
    try:
        assert server.get("/hello").status == 200
        (line, *_) = [line for line in server.lines() if "init threw" in line]
        assert f"may not enter {state}" in line, line
    finally:
        server.stop()


def test_without_a_state_folder_the_message_names_the_remedy(folder, querying):
    file = folder / "gatehouse.yaml"
    file.write_text(json.dumps({"control": "off", "pools": {"web": pool_with(folder, querying, "sqlite:")}}))
    result = run("serve", "--config", file)
    assert result.returncode == INIT_THREW
    assert 'name one by "state" in the configuration' in result.stderr, result.stderr
