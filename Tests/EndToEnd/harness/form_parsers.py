"""Other parsers of multipart/form-data, and the forms of their own tests. Both come from PyPI, once."""

import functools
import json
import shutil
import subprocess
import sys

from . import paths
from .once import alone
from .programs import SOURCES

# Releases as their authors packed them: a wheel has no tests.
RELEASES = {"python_multipart": "python_multipart-0.0.34", "werkzeug": "werkzeug-3.1.9"}
FOLDER = paths.INSTALLED / "multipart"


def _run(*words):
    result = subprocess.run([*map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    assert result.returncode == 0, f"{words}:\n{result.stdout}{result.stderr}"


@functools.lru_cache(maxsize=None)
def installed():
    """The folder with `bin/python`, which has both parsers, and `releases`, their sources."""
    requirements = SOURCES / "multipart" / "requirements.txt"
    mark = FOLDER / "requirements.txt"
    with alone("multipart"):
        if not mark.exists() or mark.read_text() != requirements.read_text():
            shutil.rmtree(FOLDER, ignore_errors=True)
            _run(sys.executable, "-m", "venv", FOLDER)
            pip = FOLDER / "bin" / "pip"
            _run(pip, "install", "--quiet", "--disable-pip-version-check", "-r", requirements)
            _run(pip, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary",
                 ",".join(RELEASES), "--dest", FOLDER / "releases", "-r", requirements)
            for release in RELEASES.values():
                shutil.unpack_archive(FOLDER / "releases" / f"{release}.tar.gz", FOLDER / "releases")
            shutil.copy(requirements, mark)
    return FOLDER


def corpus(parser):
    """The folder of a parser's forms."""
    place = {"python_multipart": "tests/test_data/http", "werkzeug": "tests/multipart"}[parser]
    return installed() / "releases" / RELEASES[parser] / place


class Parsers:
    """Both parsers, as a process that answers one form after the other. To be closed."""

    def __init__(self):
        self._process = subprocess.Popen(
            [installed() / "bin" / "python", SOURCES / "multipart" / "oracle.py"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def read(self, boundary, body):
        """Parts as [name, file's name or None, bytes in hex], or an error's text, by the parser's name."""
        print(json.dumps({"boundary": boundary, "body": body.hex()}), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0
