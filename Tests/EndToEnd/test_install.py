"""scripts/install: what it puts down serves and builds, and what it takes away is all of it."""

import functools
import os
import pathlib
import re
import subprocess

import pytest

from harness import fastcgi, installed, paths
from harness.command_line import commands
from harness.program import Program


@functools.lru_cache(maxsize=None)
def tree_of(prefix):
    """An installation that tests only look at."""
    tree = paths.ARTEFACTS / f"installed{prefix.replace('/', '-')}"
    installed.install(tree, prefix=prefix)
    return tree


def files(folder):
    return {str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("prefix", ["/usr", "/opt/gatehouse"])
def test_an_installed_gatehouse_builds_a_module_and_serves_it(folder, prefix):
    tree, module = tree_of(prefix), folder / "libHello.so"
    installed.build_module(tree, prefix, paths.SAMPLES / "hello", module)
    endpoint = folder / "i.sock"
    server = Program([f"{tree}{prefix}/bin/gatehouse", "serve", "--module", module, "--listen", f"fastcgi:{endpoint}"])
    try:
        server.wait_for_line("gatehouse: ready")
        with fastcgi.Connection(str(endpoint), 20.0) as connection:
            assert connection.request("/hello").body == b"Hello from Gatehouse\n"
    finally:
        server.stop()


def test_units_name_the_programs_where_they_are():
    tree = tree_of("/opt/gatehouse")
    unit = (tree / "opt/gatehouse/lib/systemd/system/gatehouse.service").read_text()
    assert "ExecStart=/opt/gatehouse/bin/gatehouse serve --config /etc/gatehouse/gatehouse.yaml\n" in unit
    assert "/usr/bin/gatehouse" not in unit
    assert "/opt/gatehouse/lib/gatehouse/modules/" in (tree / "etc/gatehouse/gatehouse.yaml").read_text()


@pytest.mark.parametrize("prefix", ["/usr", "/opt/gatehouse"])
def test_what_is_installed_names_nothing_that_is_not(prefix):
    """Neither the checkout, nor a path of another prefix."""
    tree = tree_of(prefix)
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
@pytest.mark.parametrize("module", [paths.SAMPLES / "hello", paths.MODULE_SOURCES / "querying"], ids=lambda it: it.name)
def test_modules_are_built_without_the_packages_of_headers(folder, module):
    """Those that scripts/build needs: an installed SDK has what its modules need of them."""
    tree = tree_of("/opt/gatehouse")
    names = {"fastcgi.h", "libpq-fe.h", "postgres_ext.h", "mysql.h", "sqlite3.h"}
    headers = [path for root in ("/usr/include", "/usr/local/include") for pattern in ("*.h", "*/*.h")
               for path in pathlib.Path(root).glob(pattern) if path.name in names]
    assert {"fastcgi.h", "libpq-fe.h", "sqlite3.h"} <= {path.name for path in headers}
    nothing = folder / "nothing.h"
    nothing.write_text('#error "the system\'s header"\n')
    hidden = 'nothing=$1; shift; while [ "$1" != -- ]; do mount --bind "$nothing" "$1"; shift; done; shift; exec "$@"'
    built = subprocess.run(["unshare", "--mount", "sh", "-c", hidden, "-", nothing, *headers, "--",
                            tree / "opt/gatehouse/bin/gatehouse", "build", module, "-o", folder / "libM.so"],
                           capture_output=True, text=True, stdin=subprocess.DEVNULL)
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


def test_files_that_a_later_version_no_longer_has_are_removed(folder):
    tree = folder / "tree"
    installed.install(tree)
    gone, kept = (tree / "usr/share/doc/gatehouse" / name for name in ("GONE.md", "mine.md"))
    for path in (gone, kept):
        path.touch()
    with (tree / "usr/lib/gatehouse/installed-files").open("a") as manifest:
        manifest.write("/usr/share/doc/gatehouse/GONE.md\n")
    before = files(tree)
    installed.install(tree)
    assert before - files(tree) == {"usr/share/doc/gatehouse/GONE.md"} and kept.exists()


def test_every_command_has_a_manual_page_and_a_hidden_one_has_none():
    pages = {path.stem: path for path in (tree_of("/usr") / "usr/share/man/man1").iterdir()}
    assert set(pages) == {"gatehouse"} | {f"gatehouse-{name}" for name in commands()}
    for name, path in pages.items():
        shown = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True,
                               env=os.environ | {"MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
        assert shown.returncode == 0 and not shown.stderr, shown.stderr
        assert name.replace("-", " ", 1) + " — " in shown.stdout and name.upper() + "(1)" in shown.stdout
        assert "locate" not in shown.stdout
    assert "gatehouse-reload(1)" in shown_page(pages["gatehouse"])


def shown_page(path):
    return subprocess.run(["man", "-l", path], capture_output=True, text=True, check=True,
                          env=os.environ | {"MANPAGER": "cat", "LC_ALL": "C.UTF-8"}).stdout


# As bash does it for TAB at the end of a line.
COMPLETE = """
source "$1"
read -ra COMP_WORDS <<<"$2"
[[ $2 != *" " ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_KEY=9
function=$(complete -p gatehouse | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
"$function" gatehouse "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_completes_commands_options_and_files(folder):
    script = tree_of("/usr") / "usr/share/bash-completion/completions/gatehouse"
    program = tree_of("/usr") / "usr/bin"

    def completed(line):
        result = subprocess.run(["bash", "-c", COMPLETE, "-", script, line], capture_output=True, text=True, cwd=folder,
                                env=os.environ | {"PATH": f"{program}:{os.environ['PATH']}"})
        assert result.returncode == 0 and not result.stderr, result.stderr
        return {word.strip() for word in result.stdout.split("\n")} - {""}

    (folder / "mine.yaml").touch()
    assert completed("gatehouse rel") == {"reload", "release"}
    assert completed("gatehouse ") >= commands() and "locate" not in completed("gatehouse ")
    assert "--pool" in completed("gatehouse reload --")
    assert completed("gatehouse check --config mi") == {"mine.yaml"}


def test_zsh_and_fish_know_the_commands():
    share = tree_of("/opt/gatehouse") / "opt/gatehouse/share"
    for file in ("zsh/site-functions/_gatehouse", "fish/vendor_completions.d/gatehouse.fish"):
        text = (share / file).read_text()
        assert "locate" not in text
        assert all(re.search(rf"\b{name}\b", text) for name in commands()), file
    assert (share / "zsh/site-functions/_gatehouse").read_text().startswith("#compdef gatehouse\n")


def test_the_installed_programs_know_their_commit():
    said = [subprocess.run([tree_of("/usr") / "usr/bin" / name, "--version"], capture_output=True, text=True,
                           check=True).stdout for name in ("gatehouse", "gatehouse-worker")]
    assert said[1] == said[0].replace("gatehouse ", "gatehouse-worker ", 1)
    # As scripts/build: not the git of something else in whose checkout an unpacked archive may lie.
    git = subprocess.run(["git", "-C", paths.ROOT, "rev-parse", "HEAD"], capture_output=True)
    if git.returncode == 0 and (paths.ROOT / ".git").exists():
        assert re.search(r"\(commit [0-9a-f]{12}(-dirty)?\)\n", said[0])


def test_what_was_not_installed_is_not_removed(folder):
    (folder / "usr").mkdir()
    (folder / "usr/file").write_bytes(b"")
    result = subprocess.run([installed.INSTALL, "--uninstall", "--prefix", "/usr", "--destdir", folder],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == 1 and "nothing is installed there" in result.stderr
    assert files(folder) == {"usr/file"}
