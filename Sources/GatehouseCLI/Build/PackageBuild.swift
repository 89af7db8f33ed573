internal import FoundationEssentials
internal import GatehousePlan
internal import Glibc

/// Builds a module that has dependencies of its own: SwiftPM compiles everything, and the module is then linked from
/// its own objects and those of its further dependencies only. Code of the runtime library must not be in it a second
/// time: two copies of a type are two types, and a cast from one to the other fails.
struct PackageBuild {
    let module: ModuleBuild
    let manifest: PackageManifest
    let swift: String

    private var configuration: String { module.isForDebugging ? "debug" : "release" }

    func run() throws(CommandFailure) {
        try checkSDK()
        try seedVersions()
        // Before the build, which takes minutes.
        guard try Subprocess.run(swift, ["package", "--package-path", module.folder, "resolve"]) == 0 else {
            throw CommandFailure([], .notASharedObject)
        }
        try compareVersions()
        let status = try Subprocess.run(
            swift, ["build", "-c", configuration, "--package-path", module.folder, "--product", manifest.product])
        guard status == 0 else { throw CommandFailure([], .notASharedObject) }
        // SwiftPM gives a program's entry the target's name, so that tests can link it; the worker looks for `main`.
        try module.link(
            try objects(), flags: ["-Xlinker", "--defsym=main=\(manifest.target)_main"])
    }

    /// The objects that SwiftPM linked the program from, without those of targets that the runtime library has.
    private func objects() throws(CommandFailure) -> [String] {
        let list = "\(module.folder)/.build/\(configuration)/\(manifest.product).product/Objects.LinkFileList"
        guard let text = Files.read(list) else {
            throw CommandFailure("\(list): SwiftPM did not leave its list of objects there", .internal)
        }
        let shared = try module.sdk.targets()
        return text.split(separator: "\n").map(Self.unquoted).filter { object in
            !shared.contains(SDK.target(ofObject: object))
        }
    }

    private static func unquoted(_ line: Substring) -> String {
        line.hasPrefix("'") && line.hasSuffix("'") ? String(line.dropFirst().dropLast()) : String(line)
    }

    /// The module is compiled against the gatehouse package that its Package.swift names, and runs with this SDK: they
    /// must be the same checkout.
    private func checkSDK() throws(CommandFailure) {
        guard let root = module.sdk.packageFolder else { return }
        let named = manifest.packageFolders.contains { Files.resolve($0) == root }
        guard named else {
            throw CommandFailure(
                "\(module.folder)/Package.swift does not name this Gatehouse: write "
                    + ".package(name: \"gatehouse\", path: \"\(root)\")", .notASharedObject)
        }
    }

    // MARK: Versions

    private struct Resolved: Decodable {
        struct Pin: Decodable {
            struct State: Decodable {
                var revision: String?
                var version: String?
            }
            var identity: String
            var state: State
        }
        var pins: [Pin]

        init?(_ path: String) {
            guard let text = Files.read(path), let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
            else {
                return nil
            }
            self = read
        }
    }

    private var resolvedFile: String { module.folder + "/Package.resolved" }

    /// A first build starts from the SDK's own versions, so that shared dependencies are resolved to them.
    private func seedVersions() throws(CommandFailure) {
        guard !Files.exists(resolvedFile), let text = Files.read(module.sdk.resolvedFile) else { return }
        try Files.write(text, to: resolvedFile)
    }

    /// A dependency that both have must be the same revision in both: the module was compiled against its own, and runs
    /// with the SDK's.
    private func compareVersions() throws(CommandFailure) {
        guard let ours = Resolved(module.sdk.resolvedFile) else {
            throw CommandFailure("\(module.sdk.resolvedFile) cannot be read: run scripts/build", .internal)
        }
        guard let theirs = Resolved(resolvedFile) else {
            throw CommandFailure("\(resolvedFile) cannot be read", .internal)
        }
        let known = Dictionary(ours.pins.map { ($0.identity, $0.state) }) { first, _ in first }
        let problems = theirs.pins.compactMap { pin -> String? in
            guard let state = known[pin.identity], state.revision != pin.state.revision else { return nil }
            let versions = (pin.state.version ?? pin.state.revision ?? "?", state.version ?? state.revision ?? "?")
            return "\(module.folder): \(pin.identity) was resolved to \(versions.0), but this Gatehouse was built with "
                + "\(versions.1): require exactly that in Package.swift, or remove \(resolvedFile) and build again"
        }
        guard problems.isEmpty else { throw CommandFailure(problems, .notASharedObject) }
    }
}
