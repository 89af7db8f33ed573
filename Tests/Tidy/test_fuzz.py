"""Every fuzz target is built, run, and has inputs to begin with: nobody would miss one that is not."""

import re

import pytest
import tree

TARGETS = sorted({path.split("/")[2] for path in tree.sources("swift", below="Fuzz/Sources/Fuzz")} - {"FuzzSupport"})


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_part_of_the_package(target):
    assert f'"{target}"' in tree.read("Fuzz/Package.swift")


def test_the_script_runs_all_targets():
    (named,) = re.findall(r'^targets="([^"]*)"', tree.read("scripts/fuzz"), re.M)
    assert sorted(named.split()) == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_has_inputs_to_begin_with(target):
    assert any((tree.ROOT / "Fuzz/Corpus" / target).iterdir())
