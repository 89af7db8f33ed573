"""`gatehouse check` and `serve --config`: everything that is wrong, with its line and column, and exit status 78."""

import pytest

from harness.gatehouse import run

CONFIGURATION = 78


@pytest.fixture
def check(folder):
    def checking(text):
        file = folder / "gatehouse.yaml"
        file.write_text(text)
        return run("check", "--config", file)

    return checking


def test_a_good_configuration_passes(check, echo, folder):
    result = check(f"""
pools:
  web:
    listen: [fastcgi:{folder}/web.sock]
    modules:
      - {{ mount: /, path: {echo} }}
""")
    assert result.returncode == 0, result.stderr


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
    assert result.returncode == 66
    assert "none.yaml" in result.stderr


def test_a_command_line_without_sense_is_64():
    assert run("serve").returncode == 64
    assert run("serve", "--no-such-option").returncode == 64
