"""scripts/install: what it puts down serves and builds, and what it takes away is all of it."""

import pathlib
import re
import subprocess

import pytest

from harness import fastcgi, installed, paths
from harness.program import Program


def files(folder):
    return {str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("prefix", ["/usr", "/opt/gatehouse"])
def test_an_installed_gatehouse_builds_a_module_and_serves_it(folder, prefix):
    tree, module = folder / "tree", folder / "libHello.so"
    installed.install(tree, prefix=prefix)
    installed.build_module(tree, prefix, paths.SAMPLES / "hello", module)
    endpoint = folder / "i.sock"
    server = Program([f"{tree}{prefix}/bin/gatehouse", "serve", "--module", module, "--listen", f"fastcgi:{endpoint}"])
    try:
        server.wait_for_line("gatehouse: ready")
        with fastcgi.Connection(str(endpoint), 20.0) as connection:
            assert connection.request("/hello").body == b"Hello from Gatehouse\n"
    finally:
        server.stop()


def test_units_name_the_programs_where_they_are(folder):
    installed.install(folder / "tree", prefix="/opt/gatehouse")
    unit = (folder / "tree/opt/gatehouse/lib/systemd/system/gatehouse.service").read_text()
    assert "ExecStart=/opt/gatehouse/bin/gatehouse serve --config /etc/gatehouse/gatehouse.yaml\n" in unit
    assert "/usr/bin/gatehouse" not in unit
    assert "/opt/gatehouse/lib/gatehouse/modules/" in (folder / "tree/etc/gatehouse/gatehouse.yaml").read_text()


@pytest.mark.parametrize("prefix", ["/usr", "/opt/gatehouse"])
def test_what_is_installed_names_nothing_that_is_not(folder, prefix):
    """Neither the checkout, nor a path of another prefix."""
    tree = folder / "tree"
    installed.install(tree, prefix=prefix)
    share = tree / prefix[1:] / "share/gatehouse"
    texts = [path for path in [*share.rglob("*"), *(tree / "etc").rglob("*"),
                               *(tree / prefix[1:] / "lib/systemd").rglob("*")] if path.is_file()]
    assert len(texts) >= 10
    for path in texts:
        text = path.read_text()
        assert "deploy/" not in text and str(paths.ROOT) not in text, path
        for named in re.findall(r"(?<![\w.])(?:/usr|/opt)[\w./-]*gatehouse[\w./-]*\w", text):
            assert named.startswith(f"{prefix}/"), (path, named)
            assert (tree / named[1:]).exists() or named.endswith((".so", "/libBlog.so")), (path, named)


@pytest.mark.skipif(not paths.IS_ROOT, reason="only root can take the toolchain away")
def test_without_a_toolchain_it_finds_swifts_libraries(folder):
    tree = folder / "tree"
    installed.install(tree)
    program = f"{tree}/usr/bin/gatehouse"
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    toolchain = pathlib.Path(next(line.split()[2] for line in loaded.splitlines() if "libswiftCore.so" in line)).parent
    hidden = 'mount -t tmpfs none "$1" && exec "$2" --version'
    found = subprocess.run(["unshare", "--mount", "sh", "-c", hidden, "-", toolchain, program], capture_output=True,
                           text=True, stdin=subprocess.DEVNULL)
    assert found.returncode == 0, found.stderr
    (tree / "usr/lib/gatehouse/libswiftCore.so").unlink()
    assert subprocess.run(["unshare", "--mount", "sh", "-c", hidden, "-", toolchain, program], capture_output=True,
                          stdin=subprocess.DEVNULL).returncode == 127, "it was not these libraries that it used"


@pytest.mark.skipif(not paths.IS_ROOT, reason="only root can take a header away")
def test_modules_are_built_without_libfcgi_dev(folder):
    installed.install(folder / "tree", prefix="/opt/gatehouse")
    (header,) = [path for path in map(pathlib.Path, ("/usr/include/fastcgi.h", "/usr/include/fastcgi/fastcgi.h",
                                                     "/usr/local/include/fastcgi.h")) if path.exists()]
    nothing = folder / "nothing.h"
    nothing.write_text('#error "the system\'s fastcgi.h"\n')
    hidden = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    built = subprocess.run(["unshare", "--mount", "sh", "-c", hidden, "-", nothing, header,
                            folder / "tree/opt/gatehouse/bin/gatehouse", "build", paths.SAMPLES / "hello",
                            "-o", folder / "libHello.so"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert built.returncode == 0, built.stderr + built.stdout


def test_a_configuration_and_modules_survive_a_second_installation_and_the_removal(folder):
    tree = folder / "tree"
    installed.install(tree)
    first = files(tree)
    configuration, module = tree / "etc/gatehouse/gatehouse.yaml", tree / "usr/lib/gatehouse/modules/libMine.so"
    configuration.write_text("pools: {}\n")
    module.write_bytes(b"mine")
    installed.install(tree)
    assert files(tree) == first | {"usr/lib/gatehouse/modules/libMine.so"}
    installed.install(tree, "--uninstall")
    assert files(tree) == {"etc/gatehouse/gatehouse.yaml", "usr/lib/gatehouse/modules/libMine.so"}
    assert configuration.read_text() == "pools: {}\n"


def test_what_was_not_installed_is_not_removed(folder):
    (folder / "usr").mkdir()
    (folder / "usr/file").write_bytes(b"")
    result = subprocess.run([installed.INSTALL, "--uninstall", "--prefix", "/usr", "--destdir", folder],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == 1 and "nothing is installed there" in result.stderr
    assert files(folder) == {"usr/file"}
