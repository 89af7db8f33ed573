"""Gatehouse as scripts/install installs it."""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from . import paths
from .once import alone

INSTALL = paths.ROOT / "scripts" / "install"


def install(destination, *arguments, prefix="/usr"):
    """Run scripts/install; its output."""
    result = subprocess.run([INSTALL, "--prefix", prefix, "--destdir", destination, *arguments], capture_output=True,
                            text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build_module(tree, prefix, source, output):
    """Compile a module with an installed `gatehouse` and its SDK, from a copy outside the checkout."""
    with tempfile.TemporaryDirectory(dir=paths.ARTEFACTS) as folder:
        copy = pathlib.Path(folder) / source.name
        shutil.copytree(source, copy)
        program = f"{tree}{prefix}/bin/gatehouse"
        result = subprocess.run([program, "build", str(copy), "-o", str(output)], capture_output=True, text=True,
                                stdin=subprocess.DEVNULL, timeout=300, cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr


@functools.lru_cache(maxsize=None)
def tree():
    """A folder with Gatehouse as in /usr, and the echo sample among its modules; made once, removed with the artefacts.

    Not below the checkout, which others may be able to write to."""
    made = paths.ARTEFACTS / "installed"
    module = made / "usr/lib/gatehouse/modules/libEcho.so"
    with alone("installed"):
        if not module.exists():
            install(made)
            os.chmod(made, 0o755)
            build_module(made, "/usr", paths.SAMPLES / "echo", module)
    return made
