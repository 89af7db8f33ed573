"""`gatehouse check` and `serve --config`: each mistake with its line and column, and exit status 78."""

import grp
import os
import pwd
import shutil

import pytest

from harness import paths
from harness.exit_statuses import CONFIGURATION, NO_INPUT, PERMISSION, USAGE
from harness.gatehouse import run
from harness.marks import as_root


def who(mode):
    """Mode, owner and group of a socket that these tests make, as `check` prints them."""
    return f"({mode:04o} {pwd.getpwuid(os.geteuid()).pw_name}:{grp.getgrgid(os.getegid()).gr_name})"


@pytest.fixture
def check(folder):
    def checking(text):
        file = folder / "gatehouse.yaml"
        file.write_text(text)
        return run("check", "--config", file)

    return checking


def test_a_good_configuration_passes(check, echo, folder):
    result = check(f"""
control: {folder}/control.sock
pools:
  web:
    listen: [fastcgi:{folder}/web.sock]
    socket: {{ mode: "0666" }}
    modules:
      - {{ mount: /, path: {echo} }}
""")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "ok: 1 pool, 1 module", f"web: 1 module, 1 worker, on fastcgi:{folder}/web.sock {who(0o666)}"]


def test_every_pool_is_looked_at(check, echo, folder):
    result = check(f"""
control: {folder}/control.sock
state: {folder}
log: {folder}/gatehouse.log
pools:
  web:
    listen: [fastcgi:{folder}/web.sock]
    socket: {{ mode: "0666" }}
    modules:
      - {{ mount: /, path: {echo} }}
      - {{ mount: /again, path: {echo} }}
    workers: {{ min: 2, max: 8 }}
    access-log: {folder}/access.log
  site:
    listen: [http:{folder}/site.sock]
    socket: {{ mode: "0666" }}
    command: [cat]
    workers: 3
""")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "ok: 2 pools, 2 modules, 1 program",
        f"web: 2 modules, 2 to 8 workers, on fastcgi:{folder}/web.sock {who(0o666)}",
        f"site: program cat, 3 workers, on http:{folder}/site.sock {who(0o666)}"]
    assert sorted(entry.name for entry in folder.iterdir()) == ["gatehouse.yaml"]


def test_what_a_pool_relies_on_must_be_there(check, echo, folder):
    result = check(f"""
control: /no/such/place/control.sock
state: /no/such/state
log: {folder}
pools:
  web:
    listen: [fastcgi:{folder}/web.sock]
    modules:
      - {{ mount: /, path: {echo} }}
    access-log: /no/such/log/access.log
    directory: /no/such/directory
  site:
    listen: [http:/no/such/site/site.sock]
    command: [no-such-program-anywhere]
""")
    assert result.returncode == CONFIGURATION
    for words in ["control socket: cannot listen on /no/such/place/control.sock", "/no/such/state",
                  f"{folder} is a directory", "pool web: /no/such/log", "pool web: \"directory\": /no/such/directory",
                  "pool site: cannot listen on http:/no/such/site/site.sock", "no-such-program-anywhere"]:
        assert words in result.stderr, result.stderr


@pytest.mark.parametrize("line, status", [
    ("command: [no-such-program-anywhere]", 66), ("command: [./gatehouse.yaml]", 77), ("command: [/no/such]", 66)])
def test_one_wrong_thing_has_a_status_of_its_own(check, folder, line, status):
    result = check(f"""
control: off
pools:
  site:
    listen: [http:{folder}/site.sock]
    {line}
""")
    assert result.returncode == status, result.stderr


@pytest.fixture
def program(folder, check):
    """Check a pool whose program is a script in `place` (made by the test), as `user`."""
    def checking(text, user=paths.FRONT_USER, place=".", mode=0o755):
        script = folder / place / "run"
        script.write_text(text)
        script.chmod(mode)
        return check(f"""
control: off
pools:
  site:
    listen: [http:{folder}/site.sock]
    command: [{script}]
    user: {user}
""")

    return checking


@as_root
def test_a_program_that_its_user_can_run_passes(program):
    result = program("#!/usr/bin/env -S python3 -I\n")
    assert result.returncode == 0, result.stderr


@as_root
@pytest.mark.parametrize("text, mode, status, said", [
    ("#!/no/such/ruby -w\n", 0o755, 66, "begins with #!/no/such/ruby -w: /no/such/ruby: No such file"),
    ("#!/usr/bin/python3\r\n", 0o755, 66, r"begins with #!/usr/bin/python3\r: /usr/bin/python3\r: No such file"),
    ("#!/usr/bin/env no-such-python\n", 0o755, 66, "there is no program no-such-python in "),
    ("#!\n", 0o755, 66, "names no interpreter"),
    ("#!/bin/sh\n", 0o711, 77, "is a script, and user www-data may not read it"),
    ("#!/bin/sh\n", 0o700, 77, "user www-data may not execute it: Permission denied"),
])
def test_a_program_that_its_user_cannot_run_is_said(program, text, mode, status, said):
    result = program(text, mode=mode)
    assert result.returncode == status and said in result.stderr, result.stderr


@as_root
def test_an_interpreter_that_the_user_cannot_run(program, folder):
    (folder / "own").mkdir(mode=0o700)
    shutil.copy("/bin/sh", folder / "own/sh")
    result = program(f"#!{folder}/own/sh\n")
    assert result.returncode == PERMISSION
    assert f"begins with #!{folder}/own/sh: {folder}/own/sh: user www-data may not enter the folder {folder}/own:" \
        in result.stderr
    assert program(f"#!{folder}/own/sh\n", user="root").returncode == 0


@as_root
def test_the_folder_that_the_user_may_not_enter_is_named(program, check, echo, folder):
    """The folder is named for a program, a working directory and a module alike."""
    closed = folder / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    result = program("#!/bin/sh\n", place="closed/inner")
    assert result.returncode == PERMISSION
    assert f"user www-data may not enter the folder {closed}: Permission denied" in result.stderr
    shutil.copy(echo, closed / "inner/echo.so")
    result = check(f"""
control: off
pools:
  web:
    listen: [fastcgi:{folder}/web.sock]
    modules: [{{ path: {closed}/inner/echo.so }}]
    directory: {closed}/inner
    user: {paths.FRONT_USER}
""")
    assert result.returncode == CONFIGURATION
    module, directory = result.stderr.splitlines()
    assert f"module {closed}/inner/echo.so: Permission denied" in module
    assert directory == (f'gatehouse: pool web: "directory": user www-data may not enter the folder {closed}: '
                         "Permission denied")


def test_everything_that_is_wrong_is_said_at_once(check, folder):
    result = check("""pools:
  web:
    listem: [fastcgi:/x/web.sock]
    listen: [gopher:/x/web.sock]
    modules:
      - { mount: blog, path: /no/such/module.so }
    limits: { request: 30 parsecs }
""")
    assert result.returncode == CONFIGURATION, result.stderr
    said = result.stdout + result.stderr
    assert "gatehouse.yaml:3:5" in said and "listen" in said
    assert "gatehouse.yaml:4" in said and "gopher" in said
    assert "gatehouse.yaml:6" in said and "blog" in said
    assert "gatehouse.yaml:7" in said and "parsecs" in said


def test_serve_refuses_what_check_refuses(folder):
    file = folder / "gatehouse.yaml"
    file.write_text("pools: [web\nother: 1\n")
    result = run("serve", "--config", file)
    assert result.returncode == CONFIGURATION, result.stderr
    assert "gatehouse.yaml:2" in result.stderr


def test_a_configuration_that_is_not_there(folder):
    result = run("serve", "--config", folder / "none.yaml")
    assert result.returncode == NO_INPUT
    assert "none.yaml" in result.stderr


def test_a_command_line_without_sense_is_64():
    assert run("serve").returncode == USAGE
    assert run("serve", "--no-such-option").returncode == USAGE
