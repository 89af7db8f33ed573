import GatehouseServer
import GatehouseSystem
import Synchronization

/// The server's refusals since the last success.
struct Outage {
    /// The first one's time, by ``PoolClock``.
    var since: Int64
    /// The pause before the next attempt.
    var pause: Int64
    /// The time of the next attempt.
    var nextAttempt: Int64
    var error: DatabaseError

    /// The first pause; the following ones double.
    static let firstPause: Int64 = 25_000_000
    /// The longest pause: a server that is back is used within a second.
    static let longestPause: Int64 = 500_000_000
    /// The time that a server which has worked before may be away without anybody being refused: enough for a restart.
    static let grace: Int64 = 2_000_000_000
}

extension LoopPool {
    /// Connections that are opened at the same time. More would only make a server wait that has just started.
    private static let mostOpening = 2

    /// Opens connections while requests wait for more than are being opened.
    func openIfNeeded() {
        guard phase != .shutDown else { return }
        let mostOpening = outage == nil ? Self.mostOpening : 1
        while queue.count > opening, opening < mostOpening, open.count + opening < limit {
            if let outage, PoolClock.now() < outage.nextAttempt { return arm(outage.nextAttempt) }
            opening += 1
            driver.connect(on: loop) { [self] in opened($0) }
        }
    }

    private func opened(_ result: Result<any Connection, DatabaseError>) {
        opening -= 1
        switch result {
        case .success(let connection):
            outage = nil
            hasConnected.value.store(true, ordering: .relaxed)
            guard phase != .shutDown else {
                connection.close()
                return publish()
            }
            let now = PoolClock.now()
            let pooled = PooledConnection(connection, in: self, expires: now &+ age(), now: now)
            open.append(pooled)
            idle.append(pooled)
            arm(now &+ idleLimit)
        case .failure(let error):
            refused(error)
        }
        serve()
    }

    private func refused(_ error: DatabaseError) {
        let now = PoolClock.now()
        // Nobody has tried for a while: nothing is known of the time between.
        if let last = outage?.nextAttempt, now &- last > Outage.grace { outage = nil }
        let pause = outage.map { min(2 * $0.pause, Outage.longestPause) } ?? Outage.firstPause
        outage = Outage(since: outage?.since ?? now, pause: pause, nextAttempt: now &+ pause, error: error)
        // Those who hold the other connections will give them back.
        guard open.isEmpty, let error = refusalDuringOutage() else { return }
        failAll(error)
    }

    /// The error for requests while the server cannot be reached, which are not to wait; `nil` if they are to wait for
    /// the next attempt.
    func refusalDuringOutage() -> DatabaseError? {
        guard let outage else { return nil }
        let now = PoolClock.now()
        let isRestart =
            outage.error.kind == .connectionLost(sent: false) && hasConnected.value.load(ordering: .relaxed)
            && now &- outage.since < Outage.grace
        // One request tries again after each pause; the others need not wait for its failure.
        if isRestart || (now >= outage.nextAttempt && opening == 0) { return nil }
        return outage.error
    }

    /// The age that a new connection may reach, give or take a tenth, so that not all end at the same time.
    private func age() -> Int64 {
        guard settings.maximumAge != .zero else { return Self.never }
        let age = settings.maximumAge.nanoseconds
        return age &+ Int64.random(in: -age / 10...age / 10)
    }
}
