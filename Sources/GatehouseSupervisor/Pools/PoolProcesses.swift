internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// A pool's processes and files. What is done with them is decided by ``PoolStateMachine``.
final class PoolProcesses {
    let name: String
    /// What each generation that still has workers was started with.
    private(set) var configurations: [Int: PoolConfiguration] = [:]
    /// What the workers of each of them load; nothing of one that the supervisor before this one has started.
    private(set) var copies: [Int: ModuleCopies] = [:]
    /// What the module files of these generations were.
    private var fingerprints: [Int: ModuleFingerprints] = [:]
    /// The serving generation's.
    private(set) var configuration: PoolConfiguration
    var modules: ModuleFingerprints
    var workers: [Int: WorkerProcess] = [:]
    var quarantine: Quarantine
    var past = ScoreboardReader.Totals()
    var longestQueue: [Endpoint: Int] = [:]
    var lastCrash: String?
    /// What modules call themselves, by path.
    var moduleNames: [String: String] = [:]
    /// Connections that the supervisor has answered because nobody served, and how many of them the log has told of.
    var refused = 0
    var refusedBefore = 0
    /// Those whose files are gone, as the log has told.
    var lostEndpoints: Set<Endpoint> = []
    var handedOver = HandedOverConnections()
    let balance: Int32
    /// The requests that have crashed a worker.
    let culprits: Int32
    var accessLog: LogFile?
    /// Sockets of generations that are on trial, beside those that serve.
    var besides: [Int: [Endpoint: ListeningSocket]] = [:]
    /// Sockets that others have replaced, for as long as there is somebody who accepts what still waits there.
    var retired: [ListeningSocket] = []
    /// By generation.
    var probes: [Int: ProgramProbe] = [:]
    /// Programs that are about to be told to leave.
    var leaving: [Leaver] = []
    /// Whether what serves was started by the supervisor before this one: with which configuration and modules, is not
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
    ) throws(SupervisorError) {
        name = configuration.name
        self.configuration = configuration
        self.modules = modules
        isInherited = balance != nil
        quarantine = Quarantine(settings: configuration.quarantine)
        self.balance = balance ?? gatehouse_balance_create()
        self.culprits = culprits ?? gatehouse_culprits_create()
        guard self.balance >= 0, self.culprits >= 0 else {
            throw SupervisorError("pool \(configuration.name): memfd_create: \(systemError())", .internal)
        }
        if isInherited { inherit(generation: 1) } else { prepare(configuration, modules: modules, generation: 1) }
    }

    deinit {
        close(balance)
        close(culprits)
        for connection in handedOver.waiting { close(connection.descriptor) }
    }

    /// What a generation listens on.
    /// - Parameter isOnTrial: whether it does not serve yet.
    func sockets(
        for endpoint: Endpoint, generation: Int, isOnTrial: Bool, in table: SocketTable
    ) -> [ListeningSocket] {
        besides[generation]?[endpoint].map { [$0] } ?? table.sockets(for: endpoint, isOnTrial: isOnTrial)
    }

    static func openAccessLog(_ configuration: PoolConfiguration) throws(SupervisorError) -> LogFile? {
        guard let settings = configuration.accessLog else { return nil }
        return try LogFile(settings.place)
    }

    /// A generation is about to be tried.
    func prepare(_ configuration: PoolConfiguration, modules: ModuleFingerprints, generation: Int) {
        configurations[generation] = configuration
        copies[generation] = ModuleCopies(of: configuration)
        fingerprints[generation] = modules
    }

    /// A generation was left by the supervisor before this one. What its workers have loaded is not known.
    func inherit(generation: Int) {
        configurations[generation] = configuration
        fingerprints[generation] = modules
    }

    /// Another generation of the same.
    func prepare(generation: Int, like earlier: Int) {
        configurations[generation] = configurations[earlier]
        copies[generation] = copies[earlier]
        fingerprints[generation] = fingerprints[earlier]
    }

    /// The content of the module that answers a route in that generation; `nil` where that is not known.
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

    /// Forgets what generations without workers were started with.
    /// - Parameter kept: those that serve, are on trial, or may have to come back.
    func forgetUnusedConfigurations(except kept: Set<Int>) {
        let used = kept.union(workers.values.map(\.generation))
        configurations = configurations.filter { used.contains($0.key) }
        copies = copies.filter { used.contains($0.key) }
        fingerprints = fingerprints.filter { used.contains($0.key) }
    }

    var freeBalanceCell: Int {
        let taken = Set(workers.values.map(\.balanceCell))
        return (0..<Int(GATEHOUSE_BALANCE_CELLS)).first { !taken.contains($0) } ?? 0
    }

    /// A cell that a dead worker has left behind would keep the others from accepting.
    func clearBalanceCell(_ cell: Int) {
        let size = MemoryLayout<gatehouse_balance_cell>.stride
        let zeros = [UInt8](repeating: 0, count: size)
        pwrite(balance, zeros, size, off_t(cell * size))
    }
}
