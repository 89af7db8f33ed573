internal import FoundationEssentials
internal import GatehousePlan

/// The parts of a module's Package.swift that its build needs.
struct PackageManifest {
    /// Whether it names packages besides gatehouse: those have to be built by SwiftPM.
    ///
    /// Read from the text: asking SwiftPM costs a second, for every build of every module. If the text misleads,
    /// SwiftPM builds a module that would not have needed it, and nothing worse.
    static func namesOtherPackages(_ text: String) -> Bool {
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("//") }.joined(separator: "\n")
        return code.ranges(of: ".package(").contains { range in
            var depth = 1
            let entry = code[range.upperBound...].prefix { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth > 0
            }
            return !entry.lowercased().contains("gatehouse")
        }
    }

    private struct Dump: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
        }
        struct Product: Decodable {
            var name: String
            var targets: [String]
        }
        struct Dependency: Decodable {
            struct Local: Decodable { var path: String }
            var fileSystem: [Local]?
        }
        var dependencies: [Dependency]
        var products: [Product]
        var targets: [Target]
    }

    /// The package's executable target, which is the module, and the product that SwiftPM links it as.
    let target: String
    let product: String
    /// The packages that it names by a path.
    let packageFolders: [String]

    /// Asks SwiftPM.
    init(folder: String, swift: String) throws(CommandFailure) {
        let text = try Subprocess.output(swift, ["package", "--package-path", folder, "dump-package"])
        guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(text.utf8)) else {
            throw CommandFailure(
                "\(folder)/Package.swift: cannot read the description that SwiftPM gives of it", .internal)
        }
        let programs = dump.targets.filter { $0.type == "executable" }
        guard programs.count == 1, let program = programs.first else {
            throw CommandFailure(
                "\(folder)/Package.swift: a module is a package's one .executableTarget, this has \(programs.count)",
                .notASharedObject)
        }
        target = program.name
        packageFolders = dump.dependencies.flatMap { $0.fileSystem ?? [] }.map(\.path)
        // SwiftPM makes a product of the target's name if the package declares none.
        product = dump.products.first { $0.targets == [program.name] }?.name ?? program.name
    }
}
