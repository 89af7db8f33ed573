internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A pool's processes and files. ``PoolStateMachine`` decides what is done with them.
final class PoolProcesses {
    let name: String
    /// The configuration of each generation that has workers, is on trial, or may have to come back.
    private(set) var configurations: [Int: PoolConfiguration] = [:]
    /// The modules that workers of each generation load; none of a generation that the supervisor before this one
    /// started.
    private(set) var copies: [Int: ModuleCopies] = [:]
    /// The module files of these generations, as they were.
    private var fingerprints: [Int: ModuleFingerprints] = [:]
    /// Configuration and module files of the serving generation.
    private(set) var configuration: PoolConfiguration
    private(set) var modules: ModuleFingerprints
    var workers: [Int: WorkerProcess] = [:]
    var quarantine: Quarantine
    var past = ScoreboardReader.Totals()
    var longestQueue: [Endpoint: Int] = [:]
    var lastCrash: String?
    /// Names that modules give themselves, by path.
    private(set) var moduleNames: [String: String] = [:]
    /// Connections that the supervisor answered because no worker served, and how many of them the log has counted.
    var refused = 0
    var refusedBefore = 0
    /// Endpoints whose missing socket files the log has already reported.
    var lostEndpoints: Set<Endpoint> = []
    var handedOver = HandedOverConnections()
    let balance: Int32
    /// Memory with the requests that have crashed a worker.
    let culprits: Int32
    var accessLog: LogFile?
    /// Sockets of generations on trial, beside those that serve.
    var besides: [Int: [Endpoint: ListeningSocket]] = [:]
    /// Sockets that others have replaced, for as long as there are workers that accept clients waiting there.
    var retired: [ListeningSocket] = []
    /// Probes of programs, by generation.
    var probes: [Int: ProgramProbe] = [:]
    /// Programs that are about to be told to leave.
    var leaving: [Leaver] = []
    /// Whether the supervisor before this one started the workers that serve: their configuration and modules are not
    /// known.
    private(set) var isInherited: Bool

    struct Leaver {
        var worker: Int
        var signal: Int32
        /// Milliseconds of the monotonic clock.
        var since: Int
        var due: Int
    }

    init(
        _ configuration: PoolConfiguration, modules: ModuleFingerprints, balance: Int32? = nil, culprits: Int32? = nil
    ) throws(OperatorError) {
        name = configuration.name
        self.configuration = configuration
        self.modules = modules
        isInherited = balance != nil
        quarantine = Quarantine(settings: configuration.quarantine)
        self.balance = balance ?? gatehouse_balance_create()
        self.culprits = culprits ?? gatehouse_culprits_create()
        guard self.balance >= 0, self.culprits >= 0 else {
            throw OperatorError("pool \(configuration.name): memfd_create: \(SystemError.text())", .internal)
        }
        let first = PoolStateMachine.firstGeneration
        if isInherited {
            inherit(generation: first)
        } else {
            prepare(configuration, modules: modules, generation: first)
        }
    }

    deinit {
        close(balance)
        close(culprits)
        for connection in handedOver.waiting { close(connection.descriptor) }
    }

    /// The sockets that a generation listens on.
    /// - Parameter isOnTrial: whether it does not serve yet.
    func sockets(
        for endpoint: Endpoint, generation: Int, isOnTrial: Bool, in table: SocketTable
    ) -> [ListeningSocket] {
        besides[generation]?[endpoint].map { [$0] } ?? table.sockets(for: endpoint, isOnTrial: isOnTrial)
    }

    static func openAccessLog(_ configuration: PoolConfiguration) throws(OperatorError) -> LogFile? {
        guard let settings = configuration.accessLog else { return nil }
        return try LogFile(settings.place)
    }

    /// A generation is about to be tried.
    func prepare(_ configuration: PoolConfiguration, modules: ModuleFingerprints, generation: Int) {
        configurations[generation] = configuration
        copies[generation] = ModuleCopies(of: configuration)
        fingerprints[generation] = modules
    }

    /// A generation was left by the supervisor before this one. The modules that its workers loaded are not known.
    func inherit(generation: Int) {
        configurations[generation] = configuration
        fingerprints[generation] = modules
    }

    /// Another generation with the same settings is about to be tried.
    func prepare(generation: Int, like earlier: Int) {
        configurations[generation] = configurations[earlier]
        copies[generation] = copies[earlier]
        fingerprints[generation] = fingerprints[earlier]
    }

    /// The content of the module that answers a route in that generation; `nil` if that is not known.
    func content(of route: Quarantine.Route, generation: Int) -> UInt64? {
        guard let path = configurations[generation]?.module(at: route.path)?.plan.path else { return nil }
        return fingerprints[generation]?.content(of: path)
    }

    /// The generation serves from now on.
    func promote(generation: Int) {
        guard let new = configurations[generation] else { return }
        configuration = new
        if let files = fingerprints[generation] { modules = files }
        isInherited = false
        quarantine.settings = new.quarantine
    }

    /// Forgets configurations and modules of generations that have no worker left.
    /// - Parameter kept: generations that serve, are on trial, or may have to come back.
    func forgetUnusedGenerations(except kept: Set<Int>) {
        let used = kept.union(workers.values.map(\.generation))
        configurations = configurations.filter { used.contains($0.key) }
        copies = copies.filter { used.contains($0.key) }
        fingerprints = fingerprints.filter { used.contains($0.key) }
    }

    /// Notes the name that a module gives itself, for the line that says that it serves.
    func note(_ report: WorkerReport, from worker: WorkerProcess) {
        guard case .loaded(let path, let name, let version) = report,
            configurations[worker.generation]?.modules.contains(where: { $0.plan.path == path }) == true
        else { return }
        moduleNames[path] = printable(version.isEmpty ? name : "\(name) \(version)", atMost: 200)
    }

    var freeBalanceCell: Int {
        let taken = Set(workers.values.map(\.balanceCell))
        return (0..<Int(GATEHOUSE_BALANCE_CELLS)).first { !taken.contains($0) } ?? 0
    }

    /// Clears the cell of a dead worker, whose count of connections would keep the others from accepting.
    func clearBalanceCell(_ cell: Int) {
        let size = MemoryLayout<gatehouse_balance_cell>.stride
        let zeros = [UInt8](repeating: 0, count: size)
        pwrite(balance, zeros, size, off_t(cell * size))
    }
}
