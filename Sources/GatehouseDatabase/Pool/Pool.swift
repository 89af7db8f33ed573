import GatehouseServer
import GatehouseSystem
import Synchronization

/// Connections to one server: a pool of them for each event loop that uses the database, and one on the background loop
/// for callers that are on none.
package final class Pool: ConnectionSource {
    package let driver: any Driver
    private let settings: DatabaseSettings
    private let pools = LoopTable()
    private let hasConnected = ConnectedFlag()
    private let end = Mutex(LoopPool.Phase.serving)

    package init(_ driver: any Driver, _ settings: DatabaseSettings) {
        self.driver = driver
        self.settings = settings
    }

    deinit {
        for pool in pools.pools { pool.loop.run { pool.shutDown() } }
    }

    package var dialect: Dialect { driver.dialect }

    @inline(__always)
    package func run(
        _ statement: SQL, into sink: (any RowSink)?, start: StatementStart?
    ) async throws(DatabaseError) -> Changes {
        let pool = try pool()
        guard !Task.isCancelled else { throw .cancelled(statement) }
        return try await answer(to: StatementRequest(statement, into: sink, start: start, pool))
    }

    package func run(batch: [BatchStatement]) async throws(DatabaseError) -> [Changes] {
        guard !batch.isEmpty else { return [] }
        let pool = try pool()
        guard !Task.isCancelled else { throw .cancelled(batch.first?.sql) }
        return try await answer(to: BatchRequest(batch, pool))
    }

    package func acquire(for purpose: Purpose) async throws(DatabaseError) -> any Connection {
        let pool = try pool()
        guard !Task.isCancelled else { throw .cancelled(nil) }
        return try await answer(to: LeaseRequest(for: purpose, pool))
    }

    /// Submits a request, and waits. On its loop nothing is made for the way there.
    @inline(__always)
    private func answer<Answer: Sendable>(to request: AnsweredRequest<Answer>) async throws(DatabaseError) -> Answer {
        let loop = request.pool.loop
        let answer = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if loop.isCurrent {
                    request.submit(continuation)
                } else {
                    loop.run { request.submit(continuation) }
                }
            }
        } onCancel: {
            loop.run { request.cancel() }
        }
        request.hear()
        return try answer.get()
    }

    package func release(_ connection: any Connection) {
        guard let connection = connection as? PooledConnection else { return }
        connection.giveBack()
    }

    package var status: PoolStatus {
        let all = pools.pools
        let now = PoolClock.now()
        var status = PoolStatus(limit: all.count * settings.connections)
        for counts in all.map(\.counts) {
            status.open += counts.open.load(ordering: .relaxed)
            status.idle += counts.idle.load(ordering: .relaxed)
            status.waiting += counts.waiting.load(ordering: .relaxed)
            let since = counts.waitsSince.load(ordering: .relaxed)
            if since != 0 { status.longestWait = max(status.longestWait, .nanoseconds(now &- since)) }
        }
        return status
    }

    package func closeIdle() {
        end.withLock { if $0 == .serving { $0 = .draining } }
        for pool in pools.pools { pool.loop.run { pool.drain() } }
    }

    package func shutDown() async {
        end.withLock { $0 = .shutDown }
        for pool in pools.pools { await pool.finish() }
    }

    /// The pool of the caller's loop, or of the background loop.
    private func pool() throws(DatabaseError) -> LoopPool {
        if let loop = HandlerLoop.current {
            if let pool = pools.pool(of: loop.id) { return pool }
            if let pool = newPool(on: loop) { return pool }
        }
        do {
            let loop = try HandlerLoop.background()
            if let pool = pools.pool(of: loop.id) ?? newPool(on: loop) { return pool }
        } catch {
            throw DatabaseError(.connectionLost(sent: false), "no thread for \(driver.place): \(error)")
        }
        throw DatabaseError(.usage, "more than \(LoopTable.capacity) event loops use \(driver.place)")
    }

    private func newPool(on loop: HandlerLoop) -> LoopPool? {
        let phase = end.withLock { $0 }
        return pools.pool(of: loop.id) { LoopPool(loop, driver, settings, hasConnected, phase) }
    }
}

extension LoopPool {
    /// Runs `work` on the loop: now, if the caller is on it.
    func onLoop(_ work: @escaping @Sendable () -> Void) {
        if loop.isCurrent { work() } else { loop.run(work) }
    }

    /// Shuts the pool down. A loop that has ended cannot answer, and has no connections that somebody could miss.
    func finish() async {
        if loop.isCurrent { return shutDown() }
        await withUnsafeContinuation { continuation in
            let ending = Ending(continuation)
            loop.run {
                self.shutDown()
                ending.end()
            }
            guard let background = try? HandlerLoop.background() else { return }
            background.run { background.after(.seconds(1)) { ending.end() } }
        }
    }
}

/// The end of a wait that two can bring about.
private final class Ending: Sendable {
    private let continuation: Mutex<UnsafeContinuation<Void, Never>?>

    init(_ continuation: UnsafeContinuation<Void, Never>) {
        self.continuation = Mutex(continuation)
    }

    func end() {
        continuation.withLock { $0.take() }?.resume()
    }
}
