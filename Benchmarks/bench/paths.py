"""The folders of the benchmark."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "Benchmarks"
BUILT = ROOT / ".build-bench"
RELEASE = ROOT / ".build" / "release"
GATEHOUSE = RELEASE / "gatehouse"
WORKER = RELEASE / "gatehouse-worker"
ECHO = ROOT / "samples" / "echo"
BASELINE = BENCHMARKS / "instructions.json"
