internal import GatehouseModuleFile
internal import GatehousePlan

/// The files that modules are compiled and linked against: the runtime library, and the module files of its content.
struct SDK {
    static let libraryName = "libGatehouseRuntime.so"

    /// The folder with the library and `Modules`.
    let folder: String
    /// The library's build id, which every module's stamp repeats.
    let buildID: String

    var modules: String { folder + "/Modules" }

    init(folder: String) throws(CommandFailure) {
        self.folder = folder
        do {
            buildID = try BuildID.read(from: folder + "/" + Self.libraryName)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Checks for the files that only building needs; serving modules needs the library alone.
    func checkModules() throws(CommandFailure) {
        guard Files.exists(modules + "/Gatehouse.swiftmodule") else {
            throw CommandFailure(
                "\(modules) has no Gatehouse.swiftmodule: the SDK's build is not complete, run scripts/build", .internal
            )
        }
    }

    /// The module maps of the C modules in the SDK's packages, which Swift compiles against too: those that SwiftPM
    /// made are beside the objects, those that a package brings are in its checkout. An installation has both in
    /// `CModules`.
    func moduleMaps() -> [String] {
        let installed = Files.list(folder + "/CModules").map { "\(folder)/CModules/\($0)/module.modulemap" }
        if !installed.isEmpty { return installed.filter(Files.exists) }
        let checkouts = folder + "/../../checkouts"
        let root = folder + "/../../.."
        let made = Files.list(folder).filter { $0.hasSuffix(".build") }.map { "\(folder)/\($0)/module.modulemap" }
        let brought = (Files.list(checkouts).map { "\(checkouts)/\($0)" } + [root]).flatMap { package in
            Files.list(package + "/Sources").flatMap { target in
                [
                    "\(package)/Sources/\(target)/include/module.modulemap",
                    "\(package)/Sources/\(target)/module.modulemap",
                ]
            }
        }
        // One map for each module: SwiftPM's own comes first, because the SDK was compiled with it.
        var seen: Set<String> = []
        return (made + brought).filter { path in
            Files.exists(path) && seen.insert(Self.moduleName(ofMap: path)).inserted
        }
    }

    /// The names of all targets with code in the runtime library or the kit library, from the lists that they were
    /// linked from.
    func targets() throws(CommandFailure) -> Set<String> {
        var targets: Set<String> = []
        for list in ["GatehouseRuntime.product/Objects.LinkFileList", "GatehouseWeb.list"].map({ "\(folder)/\($0)" }) {
            guard let text = Files.read(list) else {
                throw CommandFailure(
                    "\(list) cannot be read: the SDK's build is not complete, run scripts/build", .internal)
            }
            targets.formUnion(text.split(separator: "\n").map { Self.target(ofObject: String($0)) })
        }
        return targets
    }

    /// `.../NIOCore.build/Channel.swift.o` is one of NIOCore's.
    static func target(ofObject path: String) -> String {
        path.split(separator: "/").last { $0.hasSuffix(".build") }.map { String($0.dropLast(6)) } ?? ""
    }

    /// The checkout that this SDK was built from; `nil` for an installation.
    var packageFolder: String? {
        let root = folder + "/../../.."
        return Files.exists(root + "/Package.swift") ? Files.resolve(root) : nil
    }

    /// The versions of the packages that the SDK was built with.
    var resolvedFile: String {
        let installed = folder + "/Package.resolved"
        return Files.exists(installed) ? installed : folder + "/../../../Package.resolved"
    }

    /// `.../CNIOLinux.build/module.modulemap`, `.../CSystem/include/module.modulemap`: the folder names the target.
    private static func moduleName(ofMap path: String) -> String {
        var parts = path.split(separator: "/").dropLast()
        if parts.last == "include" { parts.removeLast() }
        let name = parts.last.map(String.init) ?? path
        return name.hasSuffix(".build") ? String(name.dropLast(6)) : name
    }
}
