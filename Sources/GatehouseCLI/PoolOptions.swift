internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem

/// The arguments that say what to run: a configuration file, or modules and endpoints. `PoolOptions+Pool` makes a pool
/// of the latter.
struct PoolOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A module and its mount (default: /). May be repeated.", valueName: "file.so[@/mount]"),
        completion: .file(extensions: ["so"]))
    var module: [ModuleArgument] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An endpoint to listen on: \(GatewayProtocol.choices("/path.sock")), fastcgi:127.0.0.1:9000, "
                + "fastcgi:stdin. May be repeated.",
            valueName: "endpoint"))
    var listen: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Worker processes (default: 1). With --config, the file says how many.", valueName: "count"))
    var workers: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Threads that serve connections, in each worker (default: 1).", valueName: "count"))
    var eventLoops: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default: info).", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("The socket files' permissions (default: 0660).", valueName: "mode"))
    var socketMode: String?

    @Option(name: .long, help: ArgumentHelp("The socket files' group.", valueName: "group"))
    var socketGroup: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A user whose processes may connect; everyone else is refused. May be repeated.", valueName: "user"))
    var allowUser: [String] = []

    @Flag(name: .long, help: "Allow other machines to reach TCP endpoints.")
    var allowRemote = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            The socket of "gatehouse status" and the other commands, or off (default: the configuration's; off \
            without --config).
            """, valueName: "socket"))
    var control: String?

    @Flag(name: .long, help: "Exit if any pool cannot be started at first, instead of serving with the others.")
    var strict = false

    @Argument(help: .hidden)
    var unexpected: [String] = []

    func validate() throws {
        if let word = unexpected.first {
            let how =
                if word.hasSuffix(".yaml") || word.hasSuffix(".yml") {
                    "a configuration is named by --config \(word)"
                } else if word.hasSuffix(".so") {
                    "a module is named by --module \(word)"
                } else {
                    "only options are taken here"
                }
            throw ValidationError("unexpected argument \"\(word)\": \(how)")
        }
        if config != nil, workers != nil {
            throw ValidationError("--workers is for modules named here: write \"workers\" in the configuration's pools")
        }
        if config != nil, !module.isEmpty || !listen.isEmpty {
            throw ValidationError("--config excludes --module and --listen: give one or the others")
        }
        if config == nil, module.isEmpty {
            throw ValidationError(
                "nothing to serve: name a configuration (--config FILE) or a module (--module FILE.so)")
        }
    }

    /// The configuration that the arguments and the file describe together.
    /// - Throws: all faults at once.
    func configuration() throws(CommandFailure) -> Configuration {
        var problems: [String] = []
        var configuration: Configuration
        if let config {
            configuration = try Self.load(config)
        } else {
            configuration = Configuration(pools: [pool(&problems)])
        }
        for index in configuration.pools.indices {
            readSocket(into: &configuration.pools[index], &problems)
            readModuleSettings(into: &configuration.pools[index], &problems)
        }
        readControl(into: &configuration, &problems)
        guard problems.isEmpty else { throw CommandFailure(problems, .usage) }
        return configuration
    }

    /// The configuration of a file, without the arguments.
    static func load(_ file: String) throws(CommandFailure) -> Configuration {
        do {
            return try Configuration.load(file: file)
        } catch {
            // These lines begin with their place, as a compiler's do.
            var failure = CommandFailure(
                error.problems.map(\.description), error.isUnreadableFile ? .noInput : .configuration)
            failure.isPlaced = true
            failure.modules = error.modules
            throw failure
        }
    }

    private func readControl(into configuration: inout Configuration, _ problems: inout [String]) {
        guard let control else { return }
        guard control != "off" else {
            configuration.settings.controlSocket = nil
            return
        }
        let path = Paths.absolute(control)
        let isShared = configuration.pools.flatMap(\.endpoints).contains { endpoint in
            if case .unix(let other) = endpoint.address { Paths.absolute(other) == path } else { false }
        }
        if control.isEmpty || control.hasSuffix("/") || control.utf8.contains(0) {
            problems.append(
                "--control \"\(control)\" is not the path of a socket file: name one, or write --control off")
        } else if path.utf8.count > Endpoint.longestSocketPath {
            problems.append(
                "--control \(path) has \(path.utf8.count) bytes, a socket's path can have \(Endpoint.longestSocketPath)"
            )
        } else if isShared {
            problems.append("--control \(control): a pool listens there, it needs a path of its own")
        }
        configuration.settings.controlSocket = path
    }
}
