internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The Swift toolchain in PATH.
struct Toolchain {
    let swiftc: String
    /// The toolchain's own C compiler: it assembles the stamp, and its commit is the compiler's identity there.
    let clang: String

    init() throws(CommandFailure) {
        guard let swiftc = Subprocess.find("swiftc") else {
            throw CommandFailure(
                "no swiftc in PATH: install the Swift toolchain that built Gatehouse (https://swift.org/install)",
                .internal)
        }
        self.swiftc = swiftc
        // A link to the toolchain (/usr/bin/swiftc) leads to the folder with its other programs.
        var folders = [Paths.folder(of: swiftc)]
        if let resolved = realpath(swiftc, nil) {
            folders.insert(Paths.folder(of: String(cString: resolved)), at: 0)
            free(resolved)
        }
        guard let clang = folders.map({ $0 + "/clang" }).first(where: { access($0, X_OK) == 0 }) else {
            throw CommandFailure("no clang beside \(swiftc): the Swift toolchain is incomplete", .internal)
        }
        self.clang = clang
    }

    /// The package manager's front end, beside the compiler.
    func swift() throws(CommandFailure) -> String {
        let path = Paths.folder(of: swiftc) + "/swift"
        guard access(path, X_OK) == 0 else {
            throw CommandFailure("no swift beside \(swiftc): the Swift toolchain is incomplete", .internal)
        }
        return path
    }

    /// `Swift version 6.3.1 (swift-6.3.1-RELEASE)`
    func version() throws(CommandFailure) -> String {
        let text = try Subprocess.output(swiftc, ["--version"])
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }
}
