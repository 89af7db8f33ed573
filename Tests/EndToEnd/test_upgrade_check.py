"""The new program checks the configuration first: until then nothing is given up."""

import os

import pytest

from harness import control
from harness.exit_statuses import CONFIGURATION
from harness.gatehouse import module_pool
from harness.upgrading import replace


def test_the_new_program_reads_the_configuration_before_anything_is_given_up(upgradable, folder, echo):
    """It refuses a file that the old one would accept, and one that is no YAML."""
    server = upgradable(web=module_pool(folder, echo))
    before = server.serving()
    good = server.file.read_text()
    replace(server.program, 'case $1 in check) echo "$3:1:1: \\"pools\\" are called apps now" >&2; exit 78 ;; esac\n'
                            'exec "$REAL" "$@"')
    refused = server.command("upgrade")
    assert refused.status == CONFIGURATION and "are called apps now" in refused.message
    server.program.with_name("real").rename(server.program)
    server.rewrite("pools: { web: [ }")
    refused = server.command("upgrade")
    assert refused.status == CONFIGURATION and f"{server.file}:1:" in refused.message
    server.rewrite(good)
    assert server.serving() == before and server.status("web")["generation"] == 1
    assert server.get("/hello").status == 200
    assert any("cannot upgrade: nothing was replaced" in line for line in server.lines())
    assert server.command("upgrade").done


def test_a_configuration_that_only_the_new_program_understands_is_no_obstacle(upgradable, folder, echo):
    """The old one is not asked what it thinks of it."""
    server = upgradable(web=module_pool(folder, echo))
    before, good = server.serving(), server.file.read_text()
    server.rewrite("apps: {}")
    # The script's check accepts it; its serve writes the file that the real program understands, and starts that.
    replace(server.program, f"case $1 in check) exit 0 ;; esac\ncat > {server.file} <<'END'\n{good}\nEND\n"
                            'mv "$REAL" "$0" && exec "$0" "$@"')
    assert server.command("upgrade").done
    assert not server.serving() & before and server.get("/hello").status == 200


@pytest.mark.parametrize("script, said", [("kill -SEGV $$", "signal"), ("exit 3", "check says"),
                                          ("exec sleep 1000", "within five seconds"), (None, "")])
def test_a_program_that_is_none_is_not_started(upgradable, folder, echo, script, said):
    server = upgradable(web=module_pool(folder, echo))
    before = server.serving()
    if script is None:
        server.program.unlink()
    else:
        replace(server.program, script)
    refused = server.command("upgrade")
    assert refused.status and said in refused.message and "nothing was replaced" in refused.message
    assert server.serving() == before and server.get("/hello").status == 200


@pytest.fixture
def asked_slowly(upgradable, folder, echo):
    """A server that has been asked to upgrade, the command's connection, and the pipe that its check reads from."""
    server = upgradable(web=module_pool(folder, echo))
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    replace(server.program, f'case $1 in check) read go < {pipe}; exit 0 ;; esac\nmv "$REAL" "$0" && exec "$0" "$@"')
    asked = control.connect(server.control_socket)
    control.send(asked, "upgrade")
    # It opens when there is somebody who reads.
    with open(pipe, "wb", buffering=0) as go:
        yield server, asked, go


def test_while_the_new_program_checks_everything_goes_on_and_reloads_wait_for_it(asked_slowly):
    server, asked, go = asked_slowly
    assert server.get("/hello").status == 200
    assert "under way" in server.command("upgrade").message
    waits = control.connect(server.control_socket)
    control.send(waits, "reload")
    assert server.status("web")["generation"] == 1, "whoever came first has been heard"
    go.write(b"\n")
    assert control.receive(asked).done == control.receive(waits).done == "reloaded"
    assert server.status("web")["generation"] == 2, "the upgrade is the reload"


def test_a_stop_ends_the_check_of_the_new_program(asked_slowly):
    server, asked, go = asked_slowly
    assert server.stop() == 0
    assert "is stopping" in control.receive(asked).message
    with pytest.raises(BrokenPipeError):
        go.write(b"\n")
