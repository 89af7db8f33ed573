"""`gatehouse build`: quick, and the compiler's words as they are."""

import time

from harness import paths
from harness.gatehouse import run


def test_a_sample_builds_in_seconds(echo):
    started = time.monotonic()
    result = run("build", paths.SAMPLES / "hello", "-o", paths.ARTEFACTS / "hello.so")
    assert result.returncode == 0, result.stderr
    # Three seconds on a quiet machine; this one may be busy.
    assert time.monotonic() - started < 15


def test_a_compiler_error_is_shown(folder):
    sources = folder / "broken" / "Sources"
    sources.mkdir(parents=True)
    (sources / "Broken.swift").write_text("import Gatehouse\nlet number: Int = \"text\"\n")
    result = run("build", folder / "broken", "-o", folder / "broken.so")
    assert result.returncode not in (0, 70)
    said = result.stdout + result.stderr
    assert "Broken.swift:2" in said and "error: cannot convert value" in said
    assert not (folder / "broken.so").exists()


def test_a_folder_without_sources(folder):
    result = run("build", folder, "-o", folder / "none.so")
    assert result.returncode not in (0, 70)
    assert str(folder) in result.stderr
