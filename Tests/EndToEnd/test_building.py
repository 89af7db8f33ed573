"""`gatehouse build`: quick, and the compiler's words as they are."""

import os
import pathlib
import re
import resource
import shutil
import subprocess

import pytest

from harness import modules, paths
from harness.exit_statuses import INCORRECT
from harness.gatehouse import run


def seconds_of_children():
    """The processor's time of all children that have ended. Unlike the clock's, it is the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_sample_builds_in_seconds(echo, folder):
    before = seconds_of_children()
    result = run("build", paths.SAMPLES / "hello", "-o", folder / "hello.so")
    assert result.returncode == 0, result.stderr
    assert seconds_of_children() - before < 15


@pytest.mark.parametrize("has_manifest", [False, True], ids=["single files", "a package"])
def test_a_module_with_a_database_builds_in_seconds(folder, has_manifest):
    """`GatehouseDatabase` is in the SDK: SwiftPM would compile all of that again."""
    shutil.copytree(paths.MODULE_SOURCES / "querying", folder / "querying")
    if has_manifest:
        (folder / "querying" / "Package.swift").write_text(f"""// swift-tools-version: 6.2
            import PackageDescription
            let package = Package(
                name: "querying", platforms: [.macOS(.v26)],
                dependencies: [.package(name: "gatehouse", path: "{paths.ROOT}")],
                targets: [.executableTarget(name: "Querying", dependencies: [
                    .product(name: "GatehouseSDK", package: "gatehouse")], path: "Sources")])
            """)
    before = seconds_of_children()
    result = run("build", folder / "querying", "-o", folder / "querying.so")
    assert result.returncode == 0, result.stderr
    assert seconds_of_children() - before < 60


def test_a_compiler_error_is_shown(folder):
    sources = folder / "broken" / "Sources"
    sources.mkdir(parents=True)
    (sources / "Broken.swift").write_text("import Gatehouse\nlet number: Int = \"text\"\n")
    result = run("build", folder / "broken", "-o", folder / "broken.so")
    assert result.returncode not in (0, 70)
    said = result.stdout + result.stderr
    assert "Broken.swift:2" in said and "error: cannot convert value" in said
    assert not (folder / "broken.so").exists()


def test_a_module_without_an_entry(folder):
    """It would compile, and nobody would find it."""
    (folder / "Lost.swift").write_text(
        "import Gatehouse\nstruct Lost: HandlerModule {\n    init(context: ModuleContext) async throws {}\n"
        "    func routes(_ router: Router<GatewayRequestContext>) {}\n}\n")
    result = run("build", folder, "-o", folder / "lost.so")
    assert result.returncode == INCORRECT
    assert "no type is marked @main" in result.stderr and "write @main before the struct" in result.stderr
    assert not list(folder.glob("lost.so*"))


def test_a_module_for_a_debugger(folder, serving):
    module = folder / "debugged.so"
    result = run("build", "--debug", paths.SAMPLES / "hello", "-o", module)
    assert result.returncode == 0, result.stderr
    sections = subprocess.run(["readelf", "--debug-dump=info", str(module)], capture_output=True, text=True).stdout
    # Variables, and the source where it lies.
    assert "DW_TAG_variable" in sections and str(paths.SAMPLES / "hello") in sections
    assert serving(module).get("/hello").status == 200


def test_a_modules_lines_do_not_name_the_place_where_it_was_built(folder):
    source, module = folder / "hello", folder / "hello.so"
    shutil.copytree(paths.SAMPLES / "hello", source)
    result = run("build", source, "-o", module)
    assert result.returncode == 0, result.stderr
    content = module.read_bytes()
    assert str(folder).encode() not in content and b"hello/Sources/" in content


def name_of_build(checkout, *arguments):
    return subprocess.run([checkout / "scripts" / "build", "--name", *arguments], capture_output=True, text=True,
                          check=True, stdin=subprocess.DEVNULL).stdout.strip()


def test_a_build_is_named_by_what_it_is_made_from(folder):
    """The build id that a module's stamp repeats: the same in every folder, and another one for other sources."""
    copy = folder / "elsewhere"
    copy.mkdir()
    for name in ("Sources", "scripts"):
        shutil.copytree(paths.ROOT / name, copy / name)
    shutil.copy(paths.ROOT / "Package.swift", copy)
    # As SwiftPM does it in each folder.
    resolved = (paths.ROOT / "Package.resolved").read_text()
    assert "originHash" in resolved
    (copy / "Package.resolved").write_text(re.sub('"originHash" : "[^"]*"', '"originHash" : "0"', resolved))
    name = name_of_build(paths.ROOT)
    assert len(name) == 40 and name_of_build(copy) == name == name_of_build(copy, "-j", "1")
    assert name_of_build(copy, "-Xswiftc", "-Onone") != name
    with open(copy / "Sources" / "Gatehouse" / "Exports.swift", "a") as source:
        source.write("\n")
    assert name_of_build(copy) != name


def test_the_first_build_of_a_checkout_has_the_name_of_the_second(folder):
    """Its dependencies' versions are part of the name, and are not known before SwiftPM has chosen them."""
    copy, programs = folder / "fresh", folder / "programs"
    for name in ("Sources", "scripts"):
        shutil.copytree(paths.ROOT / name, copy / name)
    shutil.copy(paths.ROOT / "Package.swift", copy)
    programs.mkdir()
    (programs / "swift").write_text(
        f'#!/bin/sh\n[ "$1 $2" = "package resolve" ] || exec {shutil.which("swift")} "$@"\n'
        f"cp {paths.ROOT}/Package.resolved .\n")
    (programs / "swift").chmod(0o755)
    first = subprocess.run(
        [copy / "scripts" / "build", "--name"], capture_output=True, text=True, check=True,
        stdin=subprocess.DEVNULL, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
    assert (copy / "Package.resolved").exists()
    assert first.stdout.strip() == name_of_build(copy) and "Package.resolved" not in first.stderr


@pytest.mark.skipif("GATEHOUSE" in os.environ, reason="an installation was built somewhere else")
@pytest.mark.parametrize("name", ["libGatehouseRuntime.so", "libGatehouseWeb.so", "gatehouse-worker", "gatehouse"])
def test_the_checkouts_place_is_not_built_in(name):
    """No message and no line of a backtrace depends on it."""
    assert str(paths.ROOT).encode() not in (pathlib.Path(paths.GATEHOUSE).parent / name).read_bytes()


def needed(module):
    said = subprocess.run(["readelf", "-d", module], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(lib(?:Gatehouse|Foundation)\w*\.so)\]", said))


def test_only_a_module_that_uses_the_kit_has_a_worker_load_it(folder, serving):
    kit, source = folder / "kit.so", folder / "kit"
    source.mkdir()
    (source / "Kit.swift").write_text("""
import Gatehouse
import GatehouseWeb
@main struct Kit: HandlerModule {
    init(context: ModuleContext) async throws {}
    func routes(_ router: Router<WebContext>) { router.get("/") { _, _ in "kit" } }
}
""")
    assert run("build", source, "-o", kit).returncode == 0
    assert needed(kit) == {"libGatehouseRuntime.so", "libGatehouseWeb.so"}
    hello = modules.build("hello")
    assert needed(hello) == {"libGatehouseRuntime.so"}
    server = serving({"/kit": str(kit), "/": str(hello)})
    assert server.get("/kit/").body == b"kit"
    assert "/libGatehouseWeb.so" in pathlib.Path(f"/proc/{server.worker}/maps").read_text()
    server.stop()
    alone = serving({"/": str(hello)})
    assert "/libGatehouseWeb.so" not in pathlib.Path(f"/proc/{alone.worker}/maps").read_text()


@pytest.mark.parametrize("name", ["libGatehouseRuntime.so", "libGatehouseWeb.so"])
def test_no_library_of_ours_loads_foundation(name):
    """It would be 6 MiB of each worker, and a quarter of its start."""
    needs = needed(pathlib.Path(paths.GATEHOUSE).parent / name)
    assert "libFoundationEssentials.so" in needs and "libFoundation.so" not in needs


def test_a_module_can_bring_foundation(folder, serving):
    """Even the one type of Foundation that the runtime library refers to, a case of Hummingbird's, is what it was."""
    source, module = folder / "dates", folder / "dates.so"
    source.mkdir()
    (source / "Dates.swift").write_text("""
import Foundation
import Gatehouse
struct Day: Decodable { var day: Date }
@main struct Dates: HandlerModule {
    init(context: ModuleContext) async throws {}
    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in
            let formatter = DateFormatter()
            formatter.dateFormat = "yyyy-MM-dd"
            formatter.timeZone = TimeZone(secondsFromGMT: 0)
            var decoder = URLEncodedFormDecoder()
            decoder.dateDecodingStrategy = .formatted(formatter)
            let day = try decoder.decode(Day.self, from: "day=2024-02-03").day
            return "\\(Int(day.timeIntervalSince1970)) \\(decoder.dateDecodingStrategy)"
        }
    }
}
""")
    assert run("build", source, "-o", module).returncode == 0
    assert needed(module) == {"libGatehouseRuntime.so", "libFoundation.so", "libFoundationEssentials.so"}
    assert serving(module).get("/").body.startswith(b"1706918400 formatted(<DateFormatter: ")


def test_a_folder_without_sources(folder):
    result = run("build", folder, "-o", folder / "none.so")
    assert result.returncode not in (0, 70)
    assert str(folder) in result.stderr


@pytest.mark.parametrize("routes", [
    "", "func routes(router: Router<GatewayRequestContext>) {}",
    "func routes(_ router: Router<BasicRequestContext>) {}"])
def test_a_module_that_answers_nothing_is_told_what_to_write(folder, routes):
    (folder / "Idle.swift").write_text(
        f"import Gatehouse\n@main\nstruct Idle: HandlerModule {{\n"
        f"    init(context: ModuleContext) async throws {{}}\n    {routes}\n}}\n")
    result = run("build", folder, "-o", folder / "idle.so")
    assert result.returncode == INCORRECT
    said = result.stdout + result.stderr
    assert "Idle.swift:3:8: error: " in said
    assert "func routes(_ router: Router<GatewayRequestContext>), or a responder: write one of them" in said


ROUTER = "{ let router = Router(context: %s.self); router.get { _, _ in \"own\" }; return router.buildResponder() }"


@pytest.mark.parametrize("responder", [
    "CallbackResponder<Own> { CallbackResponder { _, _ in "
    'Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "own"))) } }',
    "RouterResponder<GatewayRequestContext> " + ROUTER % "GatewayRequestContext",
    "some HTTPResponder<Own> " + ROUTER % "Own"], ids=["any responder", "a router", "a router in disguise"])
def test_a_module_with_a_responder_needs_no_routes(folder, serving, responder):
    source, module = folder / "own", folder / "own.so"
    source.mkdir()
    (source / "Own.swift").write_text(f"""
        import Gatehouse

        struct Own: RequestContext, InitializableFromSource {{
            typealias Source = GatewayRequestContextSource
            var coreContext: CoreRequestContextStorage
            init(source: GatewayRequestContextSource) {{ coreContext = CoreRequestContextStorage(source: source) }}
        }}

        @main
        struct Responding: HandlerModule {{
            init(context: ModuleContext) async throws {{}}
            var responder: {responder}
        }}
        """)
    result = run("build", source, "-o", module)
    assert result.returncode == 0, result.stderr
    assert serving(module).get("/").body == b"own"


def test_a_package_with_two_programs(folder):
    manifest(folder, targets='.executableTarget(name: "One"), .executableTarget(name: "Two")')
    result = run("build", folder, "-o", folder / "two.so")
    assert result.returncode == INCORRECT
    assert f"{folder}/Package.swift: a module is a package's one .executableTarget, this has 2" in result.stderr


@pytest.mark.skipif("GATEHOUSE" in os.environ, reason="an installation has no checkout that a package could name")
def test_a_package_of_another_gatehouse(folder):
    """Compiled against one SDK and run with another, a module would corrupt memory."""
    manifest(folder, targets='.executableTarget(name: "One")')
    result = run("build", folder, "-o", folder / "one.so")
    assert result.returncode == INCORRECT
    assert f"{folder}/Package.swift does not name this Gatehouse: write " in result.stderr
    assert f'.package(name: "gatehouse", path: "{paths.ROOT}")' in result.stderr


def manifest(folder, targets):
    """A package that depends on another one, which is not there."""
    (folder / "Package.swift").write_text(f"""// swift-tools-version: 6.2
        import PackageDescription
        let package = Package(name: "p", dependencies: [.package(path: "../greetings")], targets: [{targets}])
        """)


@pytest.mark.skipif("GATEHOUSE_SWIFTPM" not in os.environ, reason="takes minutes: GATEHOUSE_SWIFTPM=1 asks for it")
def test_a_module_with_dependencies(serving):
    server = serving(modules.build_with_swiftpm("greeter"))
    assert server.get("/").body == b"Good morning, Ann\n"
    # A second copy of Hummingbird in the module would make this a 500.
    assert server.get("/gone").status == 410
