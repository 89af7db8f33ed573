internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// A pool's processes and files. What is done with them is decided by ``PoolSupervision``.
final class PoolHost {
    let name: String
    /// What each generation that still has workers was started with.
    private(set) var configurations: [Int: PoolConfiguration] = [:]
    /// What the workers of each of them load; nothing of one that the supervisor before this one has started.
    private(set) var copies: [Int: ModuleCopies] = [:]
    /// The serving generation's.
    private(set) var configuration: PoolConfiguration
    var modules: ModuleFingerprints
    var workers: [Int: WorkerProcess] = [:]
    var quarantine: Quarantine
    var past = Scoreboard.Totals()
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
    var accessLog: LogFile?
    /// Whether what serves was started by the supervisor before this one: with which configuration and modules, is not
    /// known.
    private(set) var isAdopted: Bool

    init(
        _ configuration: PoolConfiguration, modules: ModuleFingerprints, balance: Int32? = nil
    ) throws(SupervisorError) {
        name = configuration.name
        self.configuration = configuration
        self.modules = modules
        isAdopted = balance != nil
        quarantine = Quarantine(settings: configuration.quarantine)
        self.balance = balance ?? gatehouse_balance_create()
        guard self.balance >= 0 else {
            throw SupervisorError("pool \(configuration.name): memfd_create: \(systemError())", .internal)
        }
        configurations[1] = configuration
        if !isAdopted { copies[1] = ModuleCopies(of: configuration) }
    }

    deinit {
        close(balance)
        for connection in handedOver.waiting { close(connection.descriptor) }
    }

    static func openAccessLog(_ configuration: PoolConfiguration) throws(SupervisorError) -> LogFile? {
        guard let settings = configuration.accessLog else { return nil }
        return try LogFile(settings.place)
    }

    /// A generation is about to be tried.
    func prepare(_ configuration: PoolConfiguration, generation: Int) {
        configurations[generation] = configuration
        copies[generation] = ModuleCopies(of: configuration)
    }

    /// A generation was left by the supervisor before this one. What its workers have loaded is not known.
    func inherit(generation: Int) {
        configurations[generation] = configuration
    }

    /// The generation serves from now on.
    func adopt(generation: Int) {
        guard let new = configurations[generation] else { return }
        configuration = new
        isAdopted = false
        quarantine.settings = new.quarantine
    }

    /// Forgets what generations without workers were started with.
    func forgetUnusedConfigurations(serving: Int, candidate: Int?) {
        let used = Set(workers.values.map(\.generation)).union([serving]).union(candidate.map { [$0] } ?? [])
        configurations = configurations.filter { used.contains($0.key) }
        copies = copies.filter { used.contains($0.key) }
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
