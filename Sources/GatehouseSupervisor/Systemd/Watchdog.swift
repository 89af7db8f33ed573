/// The pings that keep systemd's watchdog (WatchdogSec=) from killing the supervisor: sent while every pool is well.
struct Watchdog {
    private let interval: Int?
    /// The time of the next ping, in milliseconds of the monotonic clock; `nil` for never.
    private(set) var due: Int?

    /// - Parameter interval: in milliseconds; `nil` if systemd waits for no ping.
    init(interval: Int?) { self.interval = interval }

    /// - Parameter isBehind: whether the last ping was another program's, so that the next one cannot wait.
    mutating func start(now: Int, isBehind: Bool = false) { due = interval.map { isBehind ? now : now + $0 } }

    mutating func clockAdvanced(_ now: Int, _ pools: PoolManager, _ notifier: ServiceNotifier, status: () -> String) {
        guard let interval, let due, due <= now else { return }
        self.due = now + interval
        if pools.isStopping {
            notifier.notify(.watchdog, .extendTimeout(microseconds: 4_000 * interval))
        } else if pools.pools.values.allSatisfy({ $0.isWell(now: now) }) {
            notifier.notify(.watchdog, .status(status()))
        } else {
            // One unlucky moment is not yet a reason to be killed: ask again soon.
            self.due = now + min(interval, 1_000)
        }
    }
}
