"""Every page of the guide: its Swift compiles. The tests of what the examples do are beside this, a file for each page:
test_guide_forms.py and so on."""

import pytest

from harness import guide, paths, sdk


@pytest.mark.parametrize("page", guide.PAGES)
def test_the_pages_examples_compile(page, folder):
    place = guide.write(page, folder)
    for number, part in enumerate(guide.parts(page)):
        (place / "Sources" / f"Part{number}.swift").write_text(part)
    # To SIL, because the checks against data races come after those of types.
    sdk.compile(sorted((place / "Sources").rglob("*.swift")), "-emit-sil", "-parse-as-library", "-o", "/dev/null",
                "-whole-module-optimization")


@pytest.mark.parametrize("page", guide.PAGES)
def test_the_page_has_a_test_of_its_own(page):
    name = page.removesuffix(".md").lower().replace("-", "_")
    assert (paths.ROOT / "Tests" / "EndToEnd" / f"test_guide_{name}.py").exists()
