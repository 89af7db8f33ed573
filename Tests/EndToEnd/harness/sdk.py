"""The SDK as the compiler sees it: its public symbols, and sources compiled against it without `gatehouse build`."""

import json
import pathlib
import platform
import re
import shutil
import subprocess

from . import paths

SOURCES = paths.ROOT / "Sources"
# The folder with the modules that scripts/build has made.
BUILD = paths.ROOT / ".build" / "release"
TOOLCHAIN = pathlib.Path(shutil.which("swiftc")).resolve().parents[1]
STRICT = [flag for name in ("ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility")
          for flag in ("-enable-upcoming-feature", name)]


def module_maps():
    """One map for each C module, as `gatehouse build` finds them: SwiftPM's own, or that of the package's sources."""
    checkouts = paths.ROOT / ".build" / "checkouts"
    candidates = [
        *BUILD.glob("*.build/module.modulemap"), *SOURCES.glob("*/include/module.modulemap"),
        *SOURCES.glob("*/module.modulemap"), *checkouts.glob("*/Sources/*/include/module.modulemap"),
        *checkouts.glob("*/Sources/*/module.modulemap")]
    maps = {}
    for candidate in candidates:
        folder = candidate.parent.parent if candidate.parent.name == "include" else candidate.parent
        maps.setdefault(folder.name.removesuffix(".build"), candidate)
    return maps.values()


def search_flags(*folders):
    """The flags by which Swift finds the SDK's modules, and those in further folders."""
    flags = [flag for folder in (*folders, BUILD / "Modules") for flag in ("-I", str(folder))]
    return [*flags, *(flag for path in module_maps() for flag in ("-Xcc", f"-fmodule-map-file={path}"))]


def compile(sources, *flags, folders=()):
    """Type-checks Swift files, as far as `flags` do not say otherwise."""
    command = ["swiftc", "-swift-version", "6", *flags, *search_flags(*folders), *map(str, sources)]
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    assert result.returncode == 0, result.stderr


def link_program(name, sources, folder):
    """Makes a module's own program in a folder, as `swift run` would, over the libraries of scripts/build."""
    program = folder / name.lower()
    compile(sources, "-parse-as-library", "-module-name", name, "-o", str(program), "-L", str(BUILD),
            "-lGatehouseRuntime", "-lGatehouseWeb", "-Xlinker", "-rpath", "-Xlinker", str(BUILD))
    return program


def emit_module(name, sources, folder, *flags, folders=()):
    """Makes `NAME.swiftmodule` and `NAME.symbols.json` in a folder."""
    compile(sources, "-parse-as-library", "-emit-module", "-module-name", name, "-o", str(folder),
            "-emit-symbol-graph", "-emit-symbol-graph-dir", str(folder), *flags, folders=folders)


def emit_testing_library(folder):
    """GatehouseTesting, which no program has and scripts/build therefore does not make."""
    # SwiftPM names a package by the folder that it lies in.
    package = re.sub(r"\W", "_", paths.ROOT.name.lower())
    emit_module("GatehouseTesting", sorted((SOURCES / "GatehouseTesting").rglob("*.swift")), folder,
                "-package-name", package, *STRICT)


def extract(module, folder, *folders):
    """Writes `MODULE.symbols.json` for a module that is built already."""
    target = f"{platform.machine()}-unknown-linux-gnu"
    subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-minimum-access-level", "public",
                    "-target", target, "-output-dir", str(folder), *search_flags(*folders)],
                   check=True, stdin=subprocess.DEVNULL, timeout=300)


def symbols(module, folder):
    """The public symbols of a module, those excepted that it has from a protocol of somebody else's."""
    graph = json.loads((folder / f"{module}.symbols.json").read_text())
    return [symbol for symbol in graph["symbols"] if "::SYNTHESIZED::" not in symbol["identifier"]["precise"]]


def named_types(symbol):
    """The types in a symbol's declaration, each as it is written there (`GatewayRequest.TLSFacts`) and its identity."""
    name, last = "", None
    for fragment in symbol["declarationFragments"]:
        if fragment["kind"] == "typeIdentifier":
            name, last = name + fragment["spelling"], fragment.get("preciseIdentifier")
        elif name and fragment["spelling"] == ".":
            name += "."
        else:
            if last:
                yield name, last
            name, last = "", None
            # Text after a type's end in one fragment, such as ">." of Self.Context, begins no name.
    if last:
        yield name, last
