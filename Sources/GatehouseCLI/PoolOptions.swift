internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor

/// What to run: a configuration file, or modules and endpoints named on the command line.
struct PoolOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A module and where it answers, / unless told. May be repeated.", valueName: "file.so[@/mount]"))
    var module: [ModuleArgument] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where to listen: fastcgi:/path.sock, scgi:/path.sock, fastcgi:127.0.0.1:9000, fastcgi:stdin. Repeatable.",
            valueName: "endpoint"))
    var listen: [String] = []

    @Option(name: .long, help: ArgumentHelp("Threads that serve connections.", valueName: "count"))
    var eventLoops: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("The socket files' permissions, 0660 unless told.", valueName: "mode"))
    var socketMode: String?

    @Option(name: .long, help: ArgumentHelp("The socket files' group.", valueName: "group"))
    var socketGroup: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A user whose processes may connect; everyone else is refused. May be repeated.", valueName: "user"))
    var allowUser: [String] = []

    @Flag(name: .long, help: "Let TCP endpoints be reached by other machines.")
    var allowRemote = false

    func validate() throws {
        if config != nil, !module.isEmpty || !listen.isEmpty {
            throw ValidationError("--config says what --module and --listen would: name one or the other")
        }
        if config == nil, module.isEmpty {
            throw ValidationError(
                "nothing to serve: name a configuration (--config FILE) or a module (--module FILE.so)")
        }
    }

    /// The pool that the arguments and the configuration describe.
    /// - Throws: everything that is wrong, at once.
    func pool() throws(CommandFailure) -> PoolConfiguration {
        var problems: [String] = []
        var pool = PoolConfiguration(name: "default")
        if let config {
            pool = try Self.load(config)
        } else {
            readModules(into: &pool, &problems)
            readEndpoints(into: &pool, &problems)
        }
        readSocket(into: &pool, &problems)
        if let eventLoops {
            if !PoolConfiguration.eventLoopRange.contains(eventLoops) {
                problems.append("--event-loops \(eventLoops): from 1 to \(PoolConfiguration.eventLoopRange.upperBound)")
            }
            pool.eventLoops = eventLoops
        }
        if let logLevel {
            if let level = LogLevel(rawValue: logLevel) {
                pool.logLevel = level
            } else {
                let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append("--log-level \(logLevel): it is one of \(names)")
            }
        }
        guard problems.isEmpty else { throw CommandFailure(problems, .usage) }
        return pool
    }

    private static func load(_ file: String) throws(CommandFailure) -> PoolConfiguration {
        do {
            return try Configuration.load(file: file).pools[0]
        } catch {
            // These lines begin with their place, as a compiler's do.
            var failure = CommandFailure(
                error.problems.map(\.description), error.isUnreadableFile ? .noInput : .configuration)
            failure.isPlaced = true
            failure.modules = error.modules
            throw failure
        }
    }

    private func readModules(into pool: inout PoolConfiguration, _ problems: inout [String]) {
        var mounts: Set<String> = []
        for argument in module {
            do {
                let mount = try Mount.normalise(argument.mount)
                if !mounts.insert(mount).inserted { problems.append("--module: two modules at \(mount)") }
                pool.modules.append(ConfiguredModule(ModulePlan(path: Self.absolute(argument.path), mount: mount)))
            } catch {
                problems.append("--module: \(error.message)")
            }
        }
    }

    private func readEndpoints(into pool: inout PoolConfiguration, _ problems: inout [String]) {
        if listen.isEmpty {
            if InheritedListener.standardInputListens {
                pool.endpoints = [Endpoint(.fastcgi, .standardInput)]
            } else {
                problems.append(
                    "nowhere to listen: name an endpoint, for instance --listen fastcgi:/run/gatehouse/web.sock")
            }
        }
        for text in listen {
            do {
                let endpoint = try Endpoint(parsing: text)
                if pool.endpoints.contains(where: { $0.address == endpoint.address }) {
                    problems.append("--listen \(text): this address is named twice")
                }
                if let problem = endpoint.moduleProblem { problems.append("--listen: \(problem)") }
                pool.endpoints.append(endpoint)
            } catch {
                problems.append("--listen: \(error.message)")
            }
        }
    }

    private func readSocket(into pool: inout PoolConfiguration, _ problems: inout [String]) {
        if allowRemote { pool.socket.allowsRemote = true }
        if let socketMode {
            if let mode = SocketSettings.mode(socketMode) {
                pool.socket.mode = mode
            } else {
                problems.append("--socket-mode \(socketMode): write an octal number such as 0660")
            }
        }
        if let socketGroup {
            if let group = Accounts.group(socketGroup) {
                pool.socket.group = group
            } else {
                problems.append("--socket-group \(socketGroup): there is no such group")
            }
        }
        for name in allowUser {
            if let user = Accounts.user(name) {
                pool.socket.allowedUsers = (pool.socket.allowedUsers ?? []) + [user]
            } else {
                problems.append("--allow-user \(name): there is no such user")
            }
        }
    }

    /// A path relative to the current directory, made absolute.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : CurrentDirectory.path + "/" + path
    }
}
