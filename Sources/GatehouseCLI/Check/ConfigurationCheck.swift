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
            findings += try Self.moduleFindings(pool.modules)
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

    static func moduleFindings(_ modules: [ConfiguredModule]) throws(CommandFailure) -> [Finding] {
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

    private static func processFindings(_ pool: PoolConfiguration) -> [Finding] {
        var problems: [SupervisorError?] = []
        problems.append(pool.program.flatMap { ProgramSearch.problem($0.command[0], for: pool.process) })
        problems.append(pool.accessLog.flatMap { WritablePlace.problem(log: $0.place) })
        if let directory = pool.process.directory {
            if !Files.isDirectory(directory) {
                problems.append(SupervisorError("\"directory\": \(directory) is no directory", .inputOutput))
            } else if access(directory, X_OK) != 0 {
                let reason = String(cString: strerror(errno))
                problems.append(SupervisorError("\"directory\": cannot enter \(directory): \(reason)", .inputOutput))
            }
        }
        return problems.compactMap(\.self).map { Finding($0, of: "pool \(pool.name)") }
    }
}
