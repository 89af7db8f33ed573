internal import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem
internal import Glibc

/// Checks everything on this machine that a configuration relies on.
struct ConfigurationCheck {
    var configuration: Configuration

    func findings() throws(CommandFailure) -> [Finding] {
        var findings = settingsFindings()
        for pool in configuration.pools {
            findings += Self.endpointFindings(pool)
            findings += try Self.moduleFindings(pool.modules, as: PoolUser(pool.process))
            findings += pool.modules.compactMap(DatabaseSettingsCheck.finding)
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
            // Nobody wrote http:, which only makes an endpoint of the path.
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
            return OperatorError("\"directory\": \(directory) is not a directory", .inputOutput)
        }
        return user.act { user.obstacle(to: directory + "/") }.map {
            OperatorError("\"directory\": \($0)", .inputOutput)
        }
    }
}

/// One fault that `check` has found, and the status that `serve` would end with because of it.
struct Finding: Equatable {
    /// Complete, its place included.
    var message: String
    var status: ExitStatus

    /// - Parameter origin: file, line and column, if they are known.
    init(_ message: String, _ status: ExitStatus, at origin: String = "") {
        self.message = "\(origin.isEmpty ? "gatehouse" : origin): \(message)"
        self.status = status
    }

    init(_ error: OperatorError, of subject: String? = nil) {
        self.init((subject.map { "\($0): " } ?? "") + error.message, error.exitStatus)
    }
}

/// Checks whether logs and folders can be written by the user who runs the check. Nothing is made or changed.
enum WritablePlace {
    /// Standard output and error are those of `serve`, which this check does not have.
    static func problem(log place: LogPlace) -> OperatorError? {
        if case .file(let path) = place { problem(file: path) } else { nil }
    }

    /// Checks a log file, which would be made if it does not exist.
    static func problem(file path: String) -> OperatorError? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return problem(folder: Paths.folder(of: path)) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return OperatorError("\(path) is a directory: name a file in it", .inputOutput)
        case S_IFLNK:
            return OperatorError(
                "\(path) is a symbolic link, which is not followed: name the file itself", .inputOutput)
        default:
            return access(path, W_OK) == 0 ? nil : unwritable(path)
        }
    }

    /// Checks a folder in which files would be made.
    static func problem(folder path: String) -> OperatorError? {
        guard Files.isDirectory(path) else {
            return OperatorError("\(path) is not a directory: make it first", .inputOutput)
        }
        return access(path, W_OK | X_OK) == 0 ? nil : unwritable(path)
    }

    private static func unwritable(_ path: String) -> OperatorError {
        OperatorError(
            "user \(geteuid()), as whom this check runs, cannot write to \(path): \(SystemError.text())", .inputOutput)
    }
}
