"""The SDK for module authors: its names, its documentation, and the code that its articles show."""

import os
import pathlib
import re
import subprocess

import pytest

from harness import documents, modules, paths, sdk
from harness.gatehouse import run

pytestmark = pytest.mark.skipif("GATEHOUSE" in os.environ, reason="an installation has no sources to look at")

CATALOGUE = paths.ROOT / "Sources" / "Gatehouse" / "Gatehouse.docc"
DATABASES = paths.ROOT / "Sources" / "GatehouseDatabase" / "GatehouseDatabase.docc"
KIT = paths.ROOT / "Sources" / "GatehouseWeb" / "GatehouseWeb.docc"
ARTICLES = sorted(path.name for path in CATALOGUE.glob("*.md"))
# The types that `import Gatehouse` brings from targets that it does not export whole.
EXPORTED = {tuple(found) for found in re.findall(
    r"^@_exported public import (?:struct|class|enum|protocol) (\w+)\.(\w+)$",
    (sdk.SOURCES / "Gatehouse" / "Exports.swift").read_text(), re.M)}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory, echo):
    """A folder with the public symbols of everything that a module author sees of ours."""
    folder = tmp_path_factory.mktemp("graphs")
    for name in ("Gatehouse", "GatehouseDatabase", "GatehouseWeb", *{module for module, _ in EXPORTED}):
        sdk.extract(name, folder)
    sdk.emit_testing_library(folder)
    return folder


@pytest.fixture(scope="module")
def api(graphs):
    """The public symbols of `import Gatehouse` and its kin, by import."""
    exported = [symbol for module in {module for module, _ in EXPORTED} for symbol in sdk.symbols(module, graphs)
                if (module, symbol["pathComponents"][0]) in EXPORTED]
    return {"Gatehouse": sdk.symbols("Gatehouse", graphs) + exported,
            "GatehouseDatabase": sdk.symbols("GatehouseDatabase", graphs),
            "GatehouseWeb": sdk.symbols("GatehouseWeb", graphs),
            "GatehouseTesting": sdk.symbols("GatehouseTesting", graphs)}


def test_a_module_that_imports_only_the_sdk_names_the_whole_api(serving):
    server = serving(modules.build("api"))
    assert server.get("/facts", REQUEST_SCHEME="http").body == b"responder http plain true\n"
    assert server.get("/facts", REQUEST_SCHEME="https", HTTPS="on").body == b"responder https TLS true\n"
    assert server.get("/body", "POST", b"hello").body == b"hello"


@pytest.mark.parametrize("module, imports", [
    ("Gatehouse", ["Gatehouse"]), ("GatehouseDatabase", ["Gatehouse", "GatehouseDatabase"]),
    ("GatehouseWeb", ["FoundationEssentials", "Gatehouse", "GatehouseDatabase", "GatehouseWeb"]),
    ("GatehouseTesting", ["Gatehouse", "GatehouseDatabase", "GatehouseTesting"])])
def test_every_type_of_the_api_can_be_named(api, graphs, folder, module, imports):
    """Each type in a declaration of the API, under the name that it has there, is that type for its author."""
    ours = {symbol["identifier"]["precise"]: ".".join(symbol["pathComponents"])
            for symbols in api.values() for symbol in symbols}
    # Swift's own types need no import; generic parameters and associated types are named by what they belong to.
    wanted = {identity: ours.get(identity, name) for symbol in api[module] for name, identity in sdk.named_types(symbol)
              if re.search("[VCOPa]$", identity) and not re.match("s:[Ss]", identity) and not identity.endswith("Qa")}
    # A type inside a generic one has no name without that one's arguments.
    generic = {".".join(symbol["pathComponents"]) for symbols in api.values() for symbol in symbols
               if symbol.get("swiftGenerics", {}).get("parameters")}
    wanted = {identity: name for identity, name in wanted.items() if name.rpartition(".")[0] not in generic}
    assert len(wanted) > 5, wanted
    probe = folder / "Probe.swift"
    probe.write_text("".join(f"import {name}\n" for name in imports) + "".join(
        f"typealias Probe{number} = {name}\n" for number, name in enumerate(wanted.values())))
    sdk.emit_module("Probe", [probe], folder, "-symbol-graph-minimum-access-level", "internal", folders=[graphs])
    found = {symbol["pathComponents"][-1]: list(sdk.named_types(symbol))[-1][1]
             for symbol in sdk.symbols("Probe", folder)}
    assert found == {f"Probe{number}": identity for number, identity in enumerate(wanted)}


@pytest.mark.parametrize("module", ["Gatehouse", "GatehouseDatabase", "GatehouseWeb", "GatehouseTesting"])
def test_every_public_symbol_of_the_api_is_documented(api, module):
    assert len(api[module]) > 15
    silent = {".".join(symbol["pathComponents"]) for symbol in api[module] if "docComment" not in symbol}
    # The compiler makes these for an enum with raw values.
    enums = {".".join(symbol["pathComponents"]) for symbol in api[module]
             if symbol["kind"]["identifier"] == "swift.enum"}
    silent -= {f"{name}.init(rawValue:)" for name in enums}
    assert not silent, sorted(silent)


def test_nothing_of_the_clients_side_is_in_the_testing_librarys_api(api, graphs, folder):
    source = folder / "Client.swift"
    source.write_text("import GatehouseTesting\nlet request: ClientRequest? = nil\n")
    with pytest.raises(AssertionError, match="cannot find type 'ClientRequest' in scope"):
        sdk.compile([source], "-typecheck", folders=[graphs])
    used = {identity for symbol in api["GatehouseTesting"] for _, identity in sdk.named_types(symbol)}
    assert not [identity for identity in used if "GatehouseClient" in identity]


def blocks(article):
    return documents.blocks((CATALOGUE / article).read_text(), "swift")


def built(folder, source):
    """Builds a module from one source, and returns the type that is marked @main."""
    (name,) = re.findall(r"^@main\nstruct (\w+)", source, re.M)
    (folder / name / "Sources").mkdir(parents=True)
    (folder / name / "Sources" / f"{name}.swift").write_text(source)
    result = run("build", folder / name, "-o", folder / f"lib{name}.so", seconds=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return name


@pytest.mark.parametrize("article", ARTICLES)
def test_the_articles_modules_build(folder, article):
    for source in blocks(article):
        if "@main" in source:
            built(folder, source)
        elif source.startswith("import Gatehouse\n") and "import Testing" not in source:
            (folder / "Part.swift").write_text(source)
            sdk.compile([folder / "Part.swift"], "-typecheck", "-parse-as-library")


@pytest.mark.parametrize("catalogue", [DATABASES, KIT], ids=lambda catalogue: catalogue.stem)
def test_the_page_of_a_library_builds(folder, catalogue):
    page = catalogue / f"{catalogue.stem}.md"
    (source,) = documents.blocks(page.read_text(), "swift")
    built(folder, source)


@pytest.mark.parametrize("article", ARTICLES)
def test_every_command_that_an_article_types_exists(article):
    """With the options that it is given there."""
    typed = re.findall(r"(?:^|`)gatehouse ([a-z]+)((?: [^`\n#]+)?)", (CATALOGUE / article).read_text(), re.M)
    for command, rest in typed:
        shown = run(command, "--help").stdout
        assert f"USAGE: gatehouse {command}" in shown
        assert {option for option in re.findall(r"--?[a-z][a-z-]*", rest) if option not in shown} == set(), command


def test_the_articles_configuration_has_no_mistakes(folder):
    """Only what the machine lacks may be wrong with it: the module's file, for one."""
    (block,) = documents.blocks((CATALOGUE / "Deploying.md").read_text(), "yaml")
    file = folder / "gatehouse.yaml"
    file.write_text(block)
    said = run("check", "--config", file).stderr.splitlines()
    lacking = ("on this machine", "No such file or directory")
    assert said and not [line for line in said if str(file) in line and not line.endswith(lacking)], said


def test_the_first_modules_answers_are_those_of_the_article(folder, serving):
    source = next(block for block in blocks("FirstModule.md") if "@main" in block)
    built(folder, source)
    server = serving({"/": {"path": str(folder / "libNotes.so"), "settings": {"title": "My notes"}}})
    assert server.get("/").body.startswith(b"My notes, for ")
    assert server.get("/notes", "POST", b'{"text": ""}').status == 400
    assert server.get("/notes", "POST", b'{"text": "rain"}').status == 201


def test_the_articles_tests_compile(folder, graphs):
    """Against the module of the same article, whose names they see by `@testable import`."""
    source = next(block for block in blocks("TestingAModule.md") if "@main" in block)
    (tests,) = [block for block in blocks("TestingAModule.md") if "import Testing" in block]
    (name,) = re.findall(r"^@testable import (\w+)$", tests, re.M)
    (folder / "Module.swift").write_text(source)
    (folder / "Tests.swift").write_text(tests)
    sdk.emit_module(name, [folder / "Module.swift"], folder, "-enable-testing")
    plugins = sdk.TOOLCHAIN / "lib" / "swift" / "host" / "plugins"
    sdk.compile([folder / "Tests.swift"], "-typecheck", "-parse-as-library", "-plugin-path", str(plugins / "testing"),
                "-plugin-path", str(plugins), folders=[folder, graphs])


@pytest.mark.parametrize("catalogue", [CATALOGUE, DATABASES, KIT], ids=lambda catalogue: catalogue.stem)
def test_the_catalogue_has_no_dead_links(folder, graphs, catalogue):
    name = catalogue.stem
    (folder / "graphs").mkdir()
    (folder / "graphs" / f"{name}.symbols.json").symlink_to(graphs / f"{name}.symbols.json")
    result = subprocess.run(
        [sdk.TOOLCHAIN / "bin" / "docc", "convert", catalogue, "--fallback-display-name", name,
         "--fallback-bundle-identifier", name.lower(), "--additional-symbol-graph-dir", folder / "graphs",
         "--output-path", folder / "archive", "--warnings-as-errors"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_target_that_the_package_index_documents_exists():
    named = re.search(r"documentation_targets: \[(.*)\]", (paths.ROOT / ".spi.yml").read_text())[1].split(", ")
    assert {"Gatehouse", "GatehouseDatabase", "GatehouseWeb", "GatehouseTesting"} <= set(named)
    assert [name for name in named if not (sdk.SOURCES / name).is_dir()] == []
