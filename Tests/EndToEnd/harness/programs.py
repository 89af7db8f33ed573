"""Programs that are not ours: compiled, or installed from PyPI, once."""

import functools
import os
import pathlib
import shutil
import subprocess
import sys

from . import paths
from .once import alone

SOURCES = paths.ROOT / "Tests" / "EndToEnd" / "programs"

PHP = shutil.which("php-cgi")
UWSGI = shutil.which("uwsgi")
UWSGI_PLUGIN = os.path.exists("/usr/lib/uwsgi/plugins/python3_plugin.so")


def _run(*words, **options):
    result = subprocess.run([*map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300,
                            **options)
    assert result.returncode == 0, f"{words}:\n{result.stdout}{result.stderr}"


def python_with_django():
    """The folder of a Python with Django and gunicorn."""
    return _python_with("django")


def python_with_uwsgi_tools():
    """The folder of a Python with `uwsgi_curl`, a client that is not ours."""
    return _python_with("uwsgi-tools")


@functools.lru_cache(maxsize=None)
def _python_with(name):
    """The folder of a Python with what requirements.txt in the folder of this name says, from PyPI."""
    requirements = SOURCES / name / "requirements.txt"
    folder = paths.INSTALLED / name
    mark = folder / "requirements.txt"
    with alone(name):
        if not mark.exists() or mark.read_text() != requirements.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            _run(sys.executable, "-m", "venv", folder)
            _run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements)
            shutil.copy(requirements, mark)
    return folder / "bin"


def django_site(folder):
    """A copy of the site with a database of its own, and the settings of a pool that serves it."""
    site = pathlib.Path(folder) / "site"
    shutil.copytree(SOURCES / "django", site)
    environment = {"SITE_DATABASE": str(site / "db.sqlite3"), "PYTHONDONTWRITEBYTECODE": "1"}
    programs = python_with_django()
    _run(programs / "python", "manage.py", "migrate", "--verbosity", "0", cwd=site, env={**os.environ, **environment})
    return {
        "command": [str(programs / "gunicorn"), "--workers", "2", "--worker-tmp-dir", "/dev/shm", "mysite.wsgi"],
        "directory": str(site), "environment": environment,
    }


@functools.lru_cache(maxsize=None)
def libfcgi_program():
    """hello.c, compiled."""
    program = paths.ARTEFACTS / "libfcgi-hello"
    with alone(program.name):
        if not program.exists():
            _run("cc", "-Wall", "-o", program, SOURCES / "libfcgi" / "hello.c", "-lfcgi")
    return str(program)
