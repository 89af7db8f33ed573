"""Each of the twenty-five behaviours that a trustworthy data layer must get right is named by a test."""

import re

import pytest
import tree

COUNT = 25
# As in "behaviour 8", in a test's name or in the comment before it.
NAMED = re.compile(r"\bbehaviour (\d+)\b")


def named():
    """By behaviour: the places that name it."""
    places = {}
    for path in tree.sources("swift", "python", below="Tests/"):
        if path.startswith(tree.TIDY):
            continue
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            for behaviour in NAMED.findall(line):
                places.setdefault(int(behaviour), []).append(f"{path}:{number}")
    return places


@pytest.mark.parametrize("behaviour", range(1, COUNT + 1))
def test_every_behaviour_of_the_data_layer_is_named_by_a_test(behaviour):
    assert behaviour in named(), f"no test names behaviour {behaviour}"


def test_no_test_names_a_behaviour_that_there_is_not():
    wrong = [f"{place}: behaviour {behaviour}" for behaviour, places in named().items() for place in places
             if not 1 <= behaviour <= COUNT]
    assert not wrong, tree.listed(wrong)
