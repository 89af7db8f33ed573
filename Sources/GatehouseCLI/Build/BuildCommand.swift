internal import ArgumentParser
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// `gatehouse build`
struct BuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile a module.",
        discussion: """
            The Swift files below DIR/Sources (or in DIR) are compiled straight against this Gatehouse. If DIR has \
            a Package.swift that names other packages than gatehouse, or has several targets, SwiftPM builds it, \
            which takes minutes the first time. A folder DIR/Resources is copied beside the module.

            Exit status: 0, or 65 if the source does not compile; the compiler has then printed the reason.
            """)

    @Argument(help: "The module's folder.", completion: .directory)
    var dir = "."

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The module to write (default: libNAME.so).", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(name: .long, help: ArgumentHelp("The module's version, for the stamp and the logs.", valueName: "version"))
    var version = "0.0.0"

    @Flag(name: .long, help: "Do not optimise, and keep everything that a debugger needs. Not for production.")
    var debug = false

    func validate() throws {
        let allowed = version.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }
        guard allowed, !version.isEmpty, version.utf8.count <= 100 else {
            throw ValidationError("--version: up to 100 printable characters without spaces")
        }
    }

    func run() throws {
        guard Files.isDirectory(dir), let resolved = realpath(dir, nil) else {
            throw CommandFailure("\(dir): there is no such folder", .noInput)
        }
        let folder = String(cString: resolved)
        free(resolved)
        let toolchain = try Toolchain()
        let manifest = try manifest(of: folder, toolchain)
        let targets = Self.targets(of: folder)
        let word =
            manifest?.target
            ?? (targets.count == 1 ? targets[0] : folder.split(separator: "/").last.map(String.init) ?? "")
        guard let name = manifest == nil ? ModuleName.make(from: word) : word else {
            throw CommandFailure("\(folder): no module name can be made of this folder's name: rename it", .usage)
        }
        let file = Paths.absolute(output ?? "lib\(name).so")
        guard !Files.isDirectory(file) else {
            throw CommandFailure("\(file) is a folder: name a file, for instance -o \(file)/lib\(name).so", .usage)
        }
        let sdk = try Installation().sdk()
        try sdk.checkModules()
        let scratch = try Files.makeTemporaryFolder()
        defer { Files.removeTree(scratch) }
        let build = ModuleBuild(
            folder: folder, moduleName: name, version: version, output: file, sdk: sdk, toolchain: toolchain,
            scratch: scratch, isForDebugging: debug)
        if let manifest {
            try PackageBuild(module: build, manifest: manifest, swift: try toolchain.swift()).run()
        } else {
            try build.compile()
        }
        try build.copyResources()
        print(file)
    }

    /// The folders of a package's targets: `Sources/Blog`. None if the sources are in `Sources` itself.
    private static func targets(of folder: String) -> [String] {
        let sources = folder + "/Sources"
        let names = Files.list(sources)
        guard Files.exists(folder + "/Package.swift"), !names.contains(where: { $0.hasSuffix(".swift") }) else {
            return []
        }
        return names.filter { Files.isDirectory(sources + "/" + $0) }
    }

    /// The package that SwiftPM has to build; `nil` if there are only the module's own sources and this SDK.
    private func manifest(of folder: String, _ toolchain: Toolchain) throws(CommandFailure) -> PackageManifest? {
        guard let text = Files.read(folder + "/Package.swift"),
            PackageManifest.namesOtherPackages(text) || Self.targets(of: folder).count > 1
        else { return nil }
        return try PackageManifest(folder: folder, swift: try toolchain.swift())
    }
}

/// A Swift module's name made from a folder's: `guest-book` becomes `GuestBook`.
enum ModuleName {
    /// `nil` if the folder's name has no letter or digit.
    static func make(from folder: String) -> String? {
        let words = folder.unicodeScalars.split { scalar in
            !(("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar))
        }
        let name = words.map { word in
            String(String.UnicodeScalarView(word.prefix(1))).uppercased()
                + String(String.UnicodeScalarView(word.dropFirst()))
        }.joined()
        guard let first = name.unicodeScalars.first else { return nil }
        return ("0"..."9").contains(first) ? "Module" + name : name
    }
}
