internal import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSupervisor
internal import Glibc

/// Looks at everything on this machine that a configuration relies on.
struct ConfigurationCheck {
    var configuration: Configuration

    func findings() throws(CommandFailure) -> [Finding] {
        var findings = settingsFindings()
        for pool in configuration.pools {
            findings += Self.endpointFindings(pool)
            findings += try Self.moduleFindings(pool.modules, as: PoolUser(pool.process))
            findings += Self.processFindings(pool)
        }
        return findings
    }

    private func settingsFindings() -> [Finding] {
        var findings: [Finding] = []
        let settings = configuration.settings
        if let path = settings.controlSocket,
            let problem = ListeningSocket.problem(Endpoint(.http, .unix(path: path)), settings: SocketSettings())
        {
            // Nobody wrote http:, that is only what makes an endpoint of a path.
            let message = problem.message.replacing("cannot listen on http:", with: "cannot listen on ")
            findings.append(
                Finding(
                    "the control socket: \(message); another path is set by \"control\", and \"control: off\" does "
                        + "without",
                    problem.exitStatus))
        }
        if let problem = WritablePlace.problem(log: settings.log) {
            findings.append(Finding(problem, of: "\"log\""))
        }
        if let problem = settings.stateFolder.flatMap(WritablePlace.problem(folder:)) {
            findings.append(Finding(problem, of: "\"state\", for crash reports"))
        }
        return findings
    }

    private static func endpointFindings(_ pool: PoolConfiguration) -> [Finding] {
        pool.endpoints.compactMap { endpoint in
            ListeningSocket.problem(endpoint, settings: pool.socket).map { Finding($0, of: "pool \(pool.name)") }
        }
    }

    static func moduleFindings(
        _ modules: [ConfiguredModule], as user: PoolUser = PoolUser(ProcessSettings())
    ) throws(CommandFailure) -> [Finding] {
        if modules.isEmpty { return [] }
        let sdk = try Installation().sdk()
        return modules.compactMap { module in
            user.act {
                do throws(OperatorError) {
                    try ModuleFile.open(path: module.plan.path)
                        .checkStamp(sdk: sdk.buildID, compiler: SDKCompiler.identity)
                    return nil
                } catch {
                    return Finding(error.message, error.exitStatus, at: module.origin)
                }
            }
        }
    }

    private static func processFindings(_ pool: PoolConfiguration) -> [Finding] {
        var problems: [OperatorError?] = []
        problems.append(pool.program.flatMap { ProgramCheck(settings: pool.process).problem($0.command[0]) })
        problems.append(pool.accessLog.flatMap { WritablePlace.problem(log: $0.place) })
        problems.append(pool.process.directory.flatMap { directoryProblem($0, PoolUser(pool.process)) })
        return problems.compactMap(\.self).map { Finding($0, of: "pool \(pool.name)") }
    }

    private static func directoryProblem(_ directory: String, _ user: PoolUser) -> OperatorError? {
        guard Files.isDirectory(directory) else {
            return OperatorError("\"directory\": \(directory) is no directory", .inputOutput)
        }
        return user.act { user.obstacle(to: directory + "/") }.map {
            OperatorError("\"directory\": \($0)", .inputOutput)
        }
    }
}
