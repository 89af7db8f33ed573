internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan

/// `gatehouse check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a configuration and its modules, without running anything.",
        discussion: """
            Nothing of a module is loaded: its file, the folders above it and its stamp are looked at. Exits 78, or with the \
            status that `serve` would use where only one thing is wrong.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let pool = try options.pool()
        var failures: [ModuleFileError] = []
        let sdk = try Installation().sdk()
        var seen: Set<String> = []
        for module in pool.modules where seen.insert(module.path).inserted {
            do {
                try ModuleFile.open(path: module.path).checkStamp(sdk: sdk.buildID, compiler: SDKCompiler.identity)
            } catch {
                failures.append(error)
            }
        }
        guard failures.isEmpty else {
            let status = failures.count == 1 ? ExitStatus(rawValue: failures[0].exitStatus) : .configuration
            throw CommandFailure(failures.map(\.message), status)
        }
        let endpoints = pool.endpoints.map(\.description).joined(separator: ", ")
        let count = pool.modules.count
        print("ok: \(count == 1 ? "1 module" : "\(count) modules") on \(endpoints)")
    }
}
