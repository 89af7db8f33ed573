internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem
internal import Glibc

/// `gatehouse migrate`
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the databases of modules up to date.",
        discussion: """
            Makes the module as a worker of its pool would, as the pool's user, and applies the migrations that its \
            init hands to Database.migrate. The supervisor need not run, and is not disturbed if it does: run this \
            before "gatehouse reload" if migrations take longer than "limits: load" allows.

            Exit status: 0 if the databases are up to date, or for a list; otherwise that of the reason.

              gatehouse migrate --config /etc/gatehouse/gatehouse.yaml --module Notes
              gatehouse migrate --config /etc/gatehouse/gatehouse.yaml --status
              gatehouse migrate --module ./libNotes.so --dry-run
            """)

    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The module, by its name or its file; without --config, its file (default: every module).",
            valueName: "module"))
    var module: String?

    @Flag(name: .long, help: "List what is applied and what is pending, and change nothing.")
    var status = false

    @Flag(name: .long, help: "Print the SQL that would be run, and change nothing.")
    var dryRun = false

    func validate() throws {
        if status, dryRun { throw ValidationError("--status and --dry-run exclude each other: give only one of them") }
        if config == nil, module == nil {
            throw ValidationError(
                "nothing to migrate: name a configuration (--config FILE) or a module (--module FILE.so)")
        }
    }

    func run() throws {
        let order: MigrationOrder = status ? .status : dryRun ? .dryRun : .apply
        let program = try Installation().worker()
        let (chosen, stateFolder) = try chosenModules()
        for (pool, module) in chosen {
            var text = MigrationText(order: order)
            do throws(OperatorError) {
                let migration = ModuleMigration(
                    of: module, in: pool, stateFolder: stateFolder, workerProgram: program)
                try migration.run(order) { text.add($0) }
            } catch {
                text.lines.forEach { print($0) }
                throw CommandFailure(error.message, error.exitStatus)
            }
            text.lines.forEach { print($0) }
            if text.isEmpty, self.module != nil {
                throw CommandFailure(
                    "\(module.plan.path) has no migrations: its init does not call Database.migrate", .usage)
            }
        }
    }

    /// The modules that are meant, and the configuration's state folder.
    private func chosenModules() throws(CommandFailure) -> ([(PoolConfiguration, ConfiguredModule)], String?) {
        guard let config else {
            var pool = PoolConfiguration(name: "default")
            pool.process.inheritsEnvironment = true
            let module = ConfiguredModule(ModulePlan(path: Paths.absolute(module ?? "")))
            pool.modules = [module]
            return ([(pool, module)], nil)
        }
        let configuration = try PoolOptions.load(config)
        let all = configuration.pools.flatMap { pool in pool.modules.map { (pool, $0) } }
        guard let module else { return (all, configuration.settings.stateFolder) }
        let chosen = all.filter { Self.isNamed(module, $0.1) }
        guard chosen.isEmpty else { return (chosen, configuration.settings.stateFolder) }
        let names = all.map { Self.name(of: $0.1) ?? $0.1.plan.path }.joined(separator: ", ")
        throw CommandFailure("--module \(module): \(config) has no such module; it has \(names)", .usage)
    }

    private static func isNamed(_ name: String, _ module: ConfiguredModule) -> Bool {
        let path = module.plan.path
        // The same file, however its path is written.
        return Self.resolved(path) == Self.resolved(Paths.absolute(name))
            || path.split(separator: "/").last.map(String.init) == name
            || Self.name(of: module) == name
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The name in the module's stamp.
    private static func name(of module: ConfiguredModule) -> String? {
        try? ModuleFile.open(path: module.plan.path).stamp.module
    }
}

/// The output of `gatehouse migrate`.
struct MigrationText {
    let order: MigrationOrder
    private(set) var lines: [String] = []
    private var database = ""
    /// Whether the last piece of SQL ended in the middle of a line.
    private var isInsideLine = false

    init(order: MigrationOrder) {
        self.order = order
    }

    var isEmpty: Bool { lines.isEmpty }

    mutating func add(_ report: MigrationReport) {
        if report.database != database {
            database = report.database
            lines.append(order == .dryRun ? "-- \(database.printable())" : database.printable())
        }
        if order == .dryRun { addSQL(report) } else { addLine(report) }
    }

    private mutating func addLine(_ report: MigrationReport) {
        let time = report.applied.map { " at \($0.printable()) UTC" } ?? ""
        let state =
            switch report.state {
            case .applied: report.isNew ? "applied now" : "applied\(time)"
            case .pending: "pending"
            case .partial: "applied in part"
            case .changed: "applied\(time), changed since"
            case .unknown: "applied\(time), not in this module"
            }
        lines.append("  \(report.name.printable()): \(state)")
        if let obstacle = report.obstacle { lines.append("    \(obstacle.printable())") }
    }

    /// Adds what would be run, with the newlines and tabs that it has.
    private mutating func addSQL(_ report: MigrationReport) {
        if let sql = report.sql {
            var pieces = sql.split(separator: "\n", omittingEmptySubsequences: false).map {
                String($0).replacing("\t", with: "    ").printable()
            }
            if isInsideLine, !lines.isEmpty { lines[lines.count - 1] += pieces.removeFirst() }
            isInsideLine = pieces.last != ""
            if !isInsideLine { pieces.removeLast() }
            lines += pieces
            return
        }
        isInsideLine = false
        guard report.state != .applied, report.state != .unknown else { return }
        lines.append("-- \(report.name.printable())")
        if let obstacle = report.obstacle { lines.append("-- cannot be applied: \(obstacle.printable())") }
    }
}
