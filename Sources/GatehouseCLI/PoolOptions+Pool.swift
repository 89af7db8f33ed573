internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor

/// What the arguments say of a pool. Problems are collected, so that all of them are said at once.
extension PoolOptions {
    /// The one pool of a command line without a configuration.
    func pool(_ problems: inout [String]) -> PoolConfiguration {
        var pool = PoolConfiguration(name: "default")
        // Somebody tries a module from a shell: what they have set there is meant for it.
        pool.process.inheritsEnvironment = true
        readModules(into: &pool, &problems)
        readEndpoints(into: &pool, &problems)
        if let workers {
            if !PoolConfiguration.workerRange.contains(workers) {
                problems.append("--workers \(workers): from 1 to \(PoolConfiguration.workerRange.upperBound)")
            }
            pool.workers = .fixed(workers)
        }
        return pool
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
            if InheritedSocket.standardInputListens {
                pool.endpoints = [Endpoint(.fastCGI, .standardInput)]
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

    /// A configuration may have several pools: what is wrong with an argument is said once.
    private func add(_ problem: String, to problems: inout [String]) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    func readSocket(into pool: inout PoolConfiguration, _ problems: inout [String]) {
        if allowRemote { pool.socket.allowsRemote = true }
        if let socketMode {
            if let mode = SocketSettings.mode(socketMode) {
                pool.socket.mode = mode
            } else {
                add("--socket-mode \(socketMode): write an octal number such as 0660", to: &problems)
            }
        }
        if let socketGroup {
            if let group = Accounts.group(socketGroup) {
                pool.socket.group = group
            } else {
                add("--socket-group \(socketGroup): there is no such group", to: &problems)
            }
        }
        if !allowUser.isEmpty, pool.program != nil {
            add(
                "--allow-user: the program of pool \(pool.name) accepts connections itself and would let in everybody: "
                    + "use --socket-mode and --socket-group", to: &problems)
        }
        if !allowUser.isEmpty, let endpoint = pool.endpoints.first(where: \.isTCP) {
            add("--allow-user cannot be asked of \(endpoint), TCP knows no users: use a Unix socket", to: &problems)
        }
        for name in allowUser {
            if let user = Accounts.user(name) {
                pool.socket.allowedUsers = (pool.socket.allowedUsers ?? []) + [user]
            } else {
                add("--allow-user \(name): there is no such user", to: &problems)
            }
        }
    }

    /// What means something for workers of ours alone; a program pool is left as it is.
    func readModuleSettings(into pool: inout PoolConfiguration, _ problems: inout [String]) {
        if let eventLoops {
            if !PoolConfiguration.eventLoopRange.contains(eventLoops) {
                let most = PoolConfiguration.eventLoopRange.upperBound
                add("--event-loops \(eventLoops): from 1 to \(most)", to: &problems)
            }
            if pool.program == nil { pool.eventLoops = eventLoops }
        }
        if let logLevel {
            if let level = LogLevel(rawValue: logLevel) {
                if pool.program == nil { pool.logLevel = level }
            } else {
                let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                add("--log-level \(logLevel): it is one of \(names)", to: &problems)
            }
        }
    }
}
