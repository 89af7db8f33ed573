internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSupervisor

/// `gatehouse check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a configuration and its modules, without running anything.",
        discussion: """
            Nothing of a module is loaded: its file, the folders above it and its stamp are looked at. Exits 78, or \
            with the status that `serve` would use where only one thing is wrong.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let pool: PoolConfiguration
        do {
            pool = try options.configuration().pools[0]
        } catch {
            // The modules that could be read are looked at all the same: everything is said at once.
            let others = try moduleProblems(error.modules)
            var failure = error
            failure.messages += others.map(\.message)
            throw failure
        }
        var problems = pool.endpoints.compactMap { endpoint -> Finding? in
            ListeningSocket.problem(endpoint, settings: pool.socket).map { Finding($0.message, $0.exitStatus) }
        }
        problems += try moduleProblems(pool.modules)
        guard problems.isEmpty else {
            var failure = CommandFailure(
                problems.map(\.message), problems.count == 1 ? problems[0].status : .configuration)
            failure.isPlaced = true
            throw failure
        }
        let endpoints = pool.endpoints.map(\.description).joined(separator: ", ")
        let count = pool.modules.count
        print("ok: \(count == 1 ? "1 module" : "\(count) modules") on \(endpoints)")
    }

    private struct Finding {
        var message: String
        var status: ExitStatus

        init(_ message: String, _ status: ExitStatus, at origin: String = "") {
            self.message = "\(origin.isEmpty ? "gatehouse" : origin): \(message)"
            self.status = status
        }
    }

    private func moduleProblems(_ modules: [ConfiguredModule]) throws(CommandFailure) -> [Finding] {
        if modules.isEmpty { return [] }
        let sdk = try Installation().sdk()
        return modules.compactMap { module in
            do throws(ModuleFileError) {
                try ModuleFile.open(path: module.plan.path)
                    .checkStamp(sdk: sdk.buildID, compiler: SDKCompiler.identity)
                return nil
            } catch {
                return Finding(error.message, ExitStatus(rawValue: error.exitStatus), at: module.origin)
            }
        }
    }
}
