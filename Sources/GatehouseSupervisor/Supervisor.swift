internal import CGatehouseSystem
import GatehouseConfiguration
import GatehouseControl
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The one parent process: owns the sockets, starts, watches, drains and replaces workers, and runs no user code. One
/// thread, one poll loop; ``PoolManager`` decides what is done about each event.
///
/// The loop is in `+Loop`, the first start in `+Start`; `+PoolCommands` carries decisions out, `+Workers` listens to
/// workers, `+Settings` holds what is configured beside pools. Each folder has the chapter of its own subject:
/// `Reload`, `Sockets`, `Pools`, `Programs`, `Crashes`, `Refusals`, `Control`, `Upgrade`.
public final class Supervisor {
    let options: Options
    var configuration: Configuration
    let startedAt: Int
    let started: Int
    /// The state that the program before this one left.
    let upgrade: UpgradeState?

    // Decisions.
    var poolManager = PoolManager()
    /// Events that happened while commands were carried out; handled after the last command.
    var pending: [PoolManagerEvent] = []
    var isPerforming = false
    /// The status to leave with, once all is over.
    var exitStatus: Int32?

    // Pools.
    var pools: [String: PoolProcesses] = [:]
    var sockets: SocketTable
    var reloads: Reloads
    var refusals = Refusals()
    /// The latest time for own sockets to stop listening, once everything is to stop.
    var listeningEnds: Int?
    private(set) lazy var crashes = CrashReporter(
        program: options.program, stateFolder: { [unowned self] in configuration.settings.stateFolder },
        usesHome: options.reload == nil, say: { [unowned self] in say($0, $1, $2) })

    // Operators and systemd.
    let log: SupervisorLog
    let notifier: ServiceNotifier
    var watchdog: Watchdog
    var control: ControlListener?
    var clients: [ControlClient] = []
    /// The upgrade under way, until this program is replaced or goes on.
    var upgradeTrial: UpgradeTrial?

    var nextSample = 0
    /// Whether program code is in memory that a supervisor at rest does not need.
    var hasIdleCode = true

    /// Call it while the process has one thread: it takes systemd's variables from the environment.
    /// - Throws: if systemd's sockets, or the state of the program before this one, cannot be used.
    public init(_ options: Options) throws(OperatorError) {
        self.options = options
        configuration = options.configuration
        log = SupervisorLog(say: options.say)
        notifier = ServiceNotifier.fromEnvironment()
        watchdog = Watchdog(interval: notifier.watchdogInterval)
        upgrade = try UpgradeFile.take()
        let today = UTCTime.now().secondsSince1970
        startedAt = upgrade?.startedAt ?? today
        started = upgrade?.started ?? MonotonicClock.milliseconds()
        reloads = Reloads(loadedAt: today)
        poolManager.isStrict = options.isStrict
        sockets = SocketTable(passed: try InheritedSockets.take(), notifier: notifier)
    }

    /// Serves until every worker has ended.
    /// - Returns: the status to leave with.
    /// - Throws: if the supervisor cannot even begin, or its only pool cannot listen.
    public func run() throws(OperatorError) -> Int32 {
        gatehouse_disregard_signals(0)
        // Before the sockets exist: a signal that comes early must not leave their files behind.
        let numbers = [SIGTERM, SIGQUIT, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD]
        let signals = gatehouse_signal_descriptor(numbers, Int32(numbers.count))
        guard signals >= 0 else { throw OperatorError("cannot watch for signals: \(SystemError.text())", .internal) }
        defer { close(signals) }
        defer { sockets.removeFiles() }
        defer { log.flush() }
        DescriptorLimit.raise()
        try start()
        while true {
            if let exitStatus, crashes.isIdle { return exitStatus }
            turn(signals)
        }
    }
}
