internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem

/// The settings of a pool by arguments. Problems are collected, so that all of them are reported at once.
extension PoolOptions {
    /// The one pool of a command line without a configuration.
    func pool(_ problems: inout [String]) -> PoolConfiguration {
        var pool = PoolConfiguration(name: "default")
        // A module that is tried from a shell gets that shell's environment variables.
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
                pool.modules.append(ConfiguredModule(ModulePlan(path: Paths.absolute(argument.path), mount: mount)))
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

    /// Adds a problem once: a configuration may have several pools, and an argument holds for each.
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

    /// Sets what only workers that run modules have; a program pool is left as it is.
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

/// `FILE.so` or `FILE.so@/mount`.
struct ModuleArgument: ExpressibleByArgument {
    let path: String
    /// As it was written; `Mount` checks it.
    let mount: String

    init?(argument: String) {
        // A mount may hold "@" and a folder's name may too, so the file's ending is what separates the two. It also
        // separates a mount that lacks its slash, which would otherwise be taken for a part of the file's name.
        if let separator = argument.firstRange(of: ".so@") {
            path = String(argument[..<separator.lowerBound]) + ".so"
            mount = String(argument[separator.upperBound...])
        } else if let separator = argument.ranges(of: "@/").last {
            path = String(argument[..<separator.lowerBound])
            mount = "/" + String(argument[separator.upperBound...])
        } else {
            path = argument
            mount = "/"
        }
    }
}
