internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseControl
internal import GatehousePlan
internal import GatehouseSupervisor

/// `gatehouse check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print everything that is wrong with a configuration and its modules, without running anything.",
        discussion: """
            Checks the whole configuration, the addresses of sockets, and what it needs on this machine: modules (the \
            file, the folders above it, its stamp; no module is loaded) and their "database" settings, programs, \
            directories, logs and the state folder. Logs and the state folder are checked with the rights of the user \
            who runs this command, so run it as the supervisor's user; a pool's modules, program and directory with \
            the rights of the pool's "user", if this command is run by root. Nothing is made or changed.

            Says how many connections modules may open to each database server, all workers together; with --database \
            it also asks the servers, and warns if one allows fewer.

            Prints "ok: ..." and a line for each pool, with who may connect to its sockets and a warning if that is \
            root alone; or everything that is wrong, with file, line and column if they are known.

            Exit status: 0 if nothing is wrong; if one thing is, the status that "gatehouse serve" would exit with; 78 \
            if several are.

              gatehouse check --config /etc/gatehouse/gatehouse.yaml
              gatehouse check --module libHello.so --listen fastcgi:/tmp/hello.sock
            """)

    @OptionGroup var options: PoolOptions

    @Flag(
        name: .long,
        help: "Ask the modules' database servers how many connections they allow, which may take some seconds.")
    var database = false

    func run() throws {
        let configuration: Configuration
        do {
            configuration = try options.configuration()
        } catch {
            // The modules that could be read are checked all the same, so that all faults are reported at once.
            let others = try ConfigurationCheck.moduleFindings(error.modules)
            var failure = error
            failure.messages += (others + error.modules.compactMap(DatabaseSettingsCheck.finding)).map(\.message)
            throw failure
        }
        let findings = try ConfigurationCheck(configuration: configuration).findings()
        guard findings.isEmpty else {
            var failure = CommandFailure(
                findings.map(\.message), findings.count == 1 ? findings[0].status : .configuration)
            failure.isPlaced = true
            throw failure
        }
        var summary = ConfigurationSummary(configuration: configuration)
        if database {
            let worker = try Installation().worker()
            for index in summary.databases.indices { summary.databases[index].ask(worker: worker) }
        }
        for line in summary.lines { print(line) }
    }
}

/// The summary of a good configuration: a line for the whole, and one for each pool.
struct ConfigurationSummary {
    let configuration: Configuration
    var databases: [DatabaseDemand]

    init(configuration: Configuration) {
        self.configuration = configuration
        databases = DatabaseDemand.all(in: configuration)
    }

    var lines: [String] {
        let pools = configuration.pools
        let modules = pools.reduce(0) { $0 + $1.modules.count }
        let programs = pools.count { $0.program != nil }
        var parts = [HumanUnits.count(pools.count, "pool")]
        if modules > 0 || programs == 0 { parts.append(HumanUnits.count(modules, "module")) }
        if programs > 0 { parts.append(HumanUnits.count(programs, "program")) }
        return ["ok: " + parts.joined(separator: ", ")] + pools.map(Self.line)
            + databases.flatMap(\.lines) + databases.compactMap(\.warning).map { "warning: \($0)" }
            + pools.flatMap(Self.warnings)
    }

    private static func line(_ pool: PoolConfiguration) -> String {
        let content = pool.program.map { "program \($0.command[0])" } ?? HumanUnits.count(pool.modules.count, "module")
        let endpoints = pool.endpoints.map { endpoint in
            SocketReach(endpoint, settings: pool.socket).map { "\(endpoint) (\($0.summary))" } ?? endpoint.description
        }.joined(separator: ", ")
        return "\(pool.name): \(content), \(describe(pool.workers)), on \(endpoints)"
    }

    /// Warnings of settings that work, but probably not as they were meant. Owner and group are those of the user who
    /// runs the check.
    private static func warnings(_ pool: PoolConfiguration) -> [String] {
        pool.endpoints.compactMap { endpoint in
            SocketReach(endpoint, settings: pool.socket)?.warning.map { "warning: \(pool.name): \(endpoint): \($0)" }
        }
    }

    private static func describe(_ workers: WorkerCount) -> String {
        switch workers {
        case .fixed(let number): HumanUnits.count(number, "worker")
        case .scaled(let min, let max, _, _): "\(min) to \(HumanUnits.count(max, "worker"))"
        case .onDemand(let max, _): "up to \(HumanUnits.count(max, "worker")) on demand"
        }
    }
}
