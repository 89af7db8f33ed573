"""Modules built from Swift sources with `gatehouse build`, once per test run."""

import functools
import shutil
import subprocess

from . import paths


@functools.lru_cache(maxsize=None)
def build(name):
    """The `.so` of `samples/NAME`, or of `Tests/EndToEnd/modules/NAME` where there is no such sample."""
    source = paths.SAMPLES / name
    if not source.is_dir():
        source = paths.MODULE_SOURCES / name
    target = paths.ARTEFACTS / f"{name}.so"
    result = subprocess.run([paths.GATEHOUSE, "build", str(source), "-o", str(target)], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=300)
    assert result.returncode == 0, f"gatehouse build {source}:\n{result.stdout}{result.stderr}"
    return target


def place(file, text):
    """Where a module's source has `text`, as a report of a crash names it: `deaths/Sources/Deaths.swift:12`."""
    lines = (paths.MODULE_SOURCES / file).read_text().splitlines()
    (number,) = [index for index, line in enumerate(lines, 1) if text in line]
    return f"{file}:{number}"


def build_with_swiftpm(name):
    """The `.so` of `Tests/EndToEnd/packages/NAME`, a package with dependencies.

    SwiftPM compiles the whole SDK for it, and what it has made is kept between runs: as deep in the checkout as the
    package itself, whose manifest says where the checkout is."""
    kept = paths.INSTALLED / "swiftpm" / "packages"
    shutil.copytree(paths.ROOT / "Tests" / "EndToEnd" / "packages", kept, dirs_exist_ok=True)
    target = paths.ARTEFACTS / f"{name}.so"
    result = subprocess.run([paths.GATEHOUSE, "build", str(kept / name), "-o", str(target)], capture_output=True,
                            text=True, stdin=subprocess.DEVNULL, timeout=1800)
    assert result.returncode == 0, f"gatehouse build {kept / name}:\n{result.stdout}{result.stderr}"
    return target


def variant(module, name, *objcopy):
    """A copy of a built module, changed with objcopy(1)."""
    target = paths.ARTEFACTS / f"{name}.so"
    shutil.copy(module, target)
    if objcopy:
        subprocess.run(["objcopy", *map(str, objcopy), str(target)], check=True, stdin=subprocess.DEVNULL)
    return target


def remove():
    """Everything that was built; for scripts, as the tests do it in conftest.py."""
    shutil.rmtree(paths.ARTEFACTS, ignore_errors=True)
