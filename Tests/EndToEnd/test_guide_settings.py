"""SETTINGS.md: settings are typed, a file's secret reaches the module and is shown nowhere else. Row K4."""

import json
import subprocess

import pytest

from harness import guide, paths
from harness.gatehouse import module_pool, serve_configuration
from harness.marks import as_root
from harness.waiting import until

SECRET = "5up3r-s3cret"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return guide.build("SETTINGS.md", tmp_path_factory.mktemp("page"))


def pool(folder, shop, **settings):
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "payment-key").write_text(f"{SECRET}\n")
    made = module_pool(folder, shop)
    made["modules"][0]["settings"] = {
        "title": "Tea", "basketLife": "30 days", "largestPicture": "10 MiB",
        "paymentKey": "${file:secrets/payment-key}", **settings}
    return made


def check(folder, made):
    file = folder / "check.yaml"
    file.write_text(json.dumps({"pools": {"web": made}}))
    result = subprocess.run([paths.GATEHOUSE, "check", "--config", file], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=30)
    return result.stdout + result.stderr


def test_a_files_secret_reaches_the_module_and_is_shown_nowhere(folder, shop):
    made = pool(folder, shop, titel="Coffee")
    server = serve_configuration(folder, {"pools": {"web": made}}, fastcgi_socket=str(folder / "web.sock"))
    try:
        text = server.get("/").body.decode()
        assert "2592000.0 seconds" in text and "10485760 bytes" in text
        assert f"the key is [secret] and has {len(SECRET)} bytes" in text
        warning = 'settings of Shop: titel means nothing to the module (did you mean "title"?)'
        until(lambda: any(warning in line for line in server.lines()), "the warning", 5)
        before = server.worker
        assert server.command("reload").done == "reloaded" and server.serving() == {before}
        (folder / "secrets" / "payment-key").write_text("0th3r-s3cret\n")
        assert server.command("reload").done == "reloaded"
        assert "has 12 bytes" in server.get("/").body.decode()
        shown = "\n".join(server.lines()) + server.status_text() + json.dumps(server.status()) + check(folder, made)
        assert SECRET not in shown and "0th3r" not in shown
        (folder / "secrets" / "payment-key").unlink()
        answer = server.command("reload")
        assert "there is no file" in answer.message and "payment-key" in answer.message, answer
    finally:
        server.stop()


def test_a_wrong_setting_is_one_clear_message(folder, shop):
    made = pool(folder, shop, basketLife="soon")
    file = folder / "wrong.yaml"
    file.write_text(json.dumps({"control": str(folder / "c.sock"), "pools": {"web": made}}))
    result = subprocess.run([paths.GATEHOUSE, "serve", "--config", file], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=60)
    assert "settings of Shop: basketLife: \"soon\" is not a number with a unit" in result.stderr, result.stderr
    assert SECRET not in result.stderr


@as_root
def test_root_reads_no_file_that_the_pools_user_cannot_read(folder, shop):
    made = pool(folder, shop)
    made["user"] = "nobody"
    (folder / "secrets" / "payment-key").chmod(0o400)
    shown = check(folder, made)
    assert 'the file "secrets/payment-key" cannot be read' in shown and "Permission denied" in shown, shown
    assert SECRET not in shown
    (folder / "secrets" / "payment-key").chmod(0o444)
    assert "cannot be read" not in check(folder, made)
