"""Modules built from Swift sources with `gatehouse build`, once per test run."""

import functools
import shutil
import subprocess

from . import paths
from .once import alone

# The ELF section in which a module says what it was built for.
STAMP = ".gatehouse.stamp"


@functools.lru_cache(maxsize=None)
def build(name):
    """The `.so` of `samples/NAME`, or of `Tests/EndToEnd/modules/NAME` if there is no such sample."""
    source = paths.SAMPLES / name
    if not source.is_dir():
        source = paths.MODULE_SOURCES / name
    target = paths.ARTEFACTS / f"{name}.so"
    with alone(target.name):
        if target.exists():
            return target
        result = subprocess.run([paths.GATEHOUSE, "build", str(source), "-o", str(target)], capture_output=True,
                                text=True, stdin=subprocess.DEVNULL, timeout=300)
    assert result.returncode == 0, f"gatehouse build {source}:\n{result.stdout}{result.stderr}"
    return target


def place(file, text):
    """The line of a module's source that has `text`, as a crash report names it: `deaths/Sources/Deaths.swift:12`."""
    lines = (paths.MODULE_SOURCES / file).read_text().splitlines()
    (number,) = [index for index, line in enumerate(lines, 1) if text in line]
    return f"{file}:{number}"


def build_with_swiftpm(name):
    """The `.so` of `Tests/EndToEnd/packages/NAME`, a package with dependencies.

    SwiftPM compiles the whole SDK for it, with a low priority: tests beside it go on. Its products are kept between
    runs, in a folder as deep in the checkout as the package itself, because the manifest names the checkout by a
    relative path."""
    kept = paths.INSTALLED / "swiftpm" / "packages"
    shutil.copytree(paths.ROOT / "Tests" / "EndToEnd" / "packages", kept, dirs_exist_ok=True)
    target = paths.ARTEFACTS / f"{name}.so"
    result = subprocess.run(["nice", paths.GATEHOUSE, "build", str(kept / name), "-o", str(target)],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1800)
    assert result.returncode == 0, f"gatehouse build {kept / name}:\n{result.stdout}{result.stderr}"
    return target


def variant(module, name, *objcopy):
    """A copy of a built module, changed with objcopy(1)."""
    target = paths.ARTEFACTS / f"{name}.so"
    shutil.copy(module, target)
    if objcopy:
        subprocess.run(["objcopy", *map(str, objcopy), str(target)], check=True, stdin=subprocess.DEVNULL)
    return target


def restamped(module, name, **values):
    """A copy of a built module with other values in its stamp."""
    text = paths.ARTEFACTS / f"{name}.stamp"
    variant(module, name, "--dump-section", f"{STAMP}={text}")
    lines = [line.partition("=") for line in text.read_bytes().decode().rstrip("\0").splitlines()]
    text.write_text("".join(key + equals + values.get(key, value) + "\n" for key, equals, value in lines))
    return variant(module, name, "--update-section", f"{STAMP}={text}")


def remove():
    """Remove everything that was built here alone. conftest.py does it for the tests; scripts call this."""
    if not paths.SHARED_ARTEFACTS:
        shutil.rmtree(paths.ARTEFACTS, ignore_errors=True)
