"""TEMPLATES.md: its module writes the page that the text promises, and does not start with a broken template."""

import re
import shutil

import pytest

from harness import guide
from harness.gatehouse import run


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return guide.build("TEMPLATES.md", tmp_path_factory.mktemp("guide"))


def test_the_page_is_what_it_says(module, serving):
    server = serving({"/guests": str(module)})
    page = server.get("/guests/")
    assert page.status == 200
    text = page.body.decode()
    assert "<title>Guests</title>" in text
    assert '<h2><a href="https://example.org/">Ada &lt;ada@example.org&gt;</a></h2>' in text
    assert "<p>First!<br>\nAnd a second line.</p>" in text
    assert "<p>21 September 2026</p>" in text
    assert '1 entry, <a href="/guests/">' in text
    assert "{{" not in text
    assert "Nobody has written yet." in server.get("/guests/empty").body.decode()


@pytest.mark.parametrize("mistake, message", [
    ("{{#entries}}", r"list\.html:\d+:\d+: \{\{#entries\}\} has no end before"),
    ("{{>nothing}}", r"list\.html:\d+:\d+: there is no template “nothing”"),
    ("<p title={{title}}>", r"list\.html:\d+:\d+: escaping does not make a value harmless here"),
])
def test_a_module_with_a_broken_template_does_not_start(module, folder, mistake, message):
    copy = folder / "guests.so"
    shutil.copy(module, copy)
    shutil.copytree(module.with_suffix(".resources"), copy.with_suffix(".resources"))
    template = copy.with_suffix(".resources") / "templates" / "list.html"
    template.write_text(template.read_text().replace("<h1>", mistake + "<h1>"))
    (folder / "state").mkdir()
    configuration = folder / "gatehouse.yaml"
    configuration.write_text(
        f'{{"control": "off", "state": "{folder}/state", "pools": {{"web": {{"listen": "fastcgi:{folder}/web.sock", '
        f'"modules": [{{"path": "{copy}"}}]}}}}}}')
    result = run("serve", "--config", configuration, seconds=60)
    assert result.returncode != 0
    assert re.search(message, result.stdout + result.stderr)
