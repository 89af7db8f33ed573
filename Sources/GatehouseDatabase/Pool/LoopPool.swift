import GatehouseServer
import GatehouseSystem
import Synchronization

/// The connections of one loop: bounded, first come first served. Everything happens on the loop, without a lock.
///
/// Confined to its loop except ``counts``; hence unchecked.
final class LoopPool: @unchecked Sendable {
    let loop: HandlerLoop
    let driver: any Driver
    let settings: DatabaseSettings
    /// Whether any loop of the database has ever been connected.
    let hasConnected: ConnectedFlag

    /// The requests that wait; longest first.
    var queue = RequestQueue()
    /// Connections that nobody uses; the last one was used last.
    var idle: [PooledConnection] = []
    /// All connections that are open.
    var open: [PooledConnection] = []
    /// Connections that are being opened.
    var opening = 0
    /// The server's refusals since the last success.
    var outage: Outage?
    private(set) var phase: Phase
    private var isServing = false
    /// The time for which ``timer`` is set.
    var armed = Int64.max
    var timer: LoopTimer?
    /// A look at the pool from any thread.
    let counts = PoolCounts()

    /// A pool's end comes in two steps.
    enum Phase {
        case serving
        /// Connections are closed soon after they have come back.
        case draining
        case shutDown
    }

    init(
        _ loop: HandlerLoop, _ driver: any Driver, _ settings: DatabaseSettings, _ hasConnected: ConnectedFlag,
        _ phase: Phase
    ) {
        self.loop = loop
        self.phase = phase
        self.driver = driver
        self.settings = settings
        self.hasConnected = hasConnected
        wait = settings.wait.nanoseconds
        let idle = settings.idle == .zero ? Self.never : settings.idle.nanoseconds
        idleLimit = phase == .serving ? idle : min(idle, Self.idleLimitOfDraining)
        statementLimit = Self.limit(settings.statementTimeout)
        idleTransactionLimit = Self.limit(settings.idleTransactionTimeout)
    }

    var limit: Int { settings.connections }
    var place: String { driver.place }

    /// The nanoseconds that a request waits.
    let wait: Int64
    /// The nanoseconds that a connection stays open without being used.
    private(set) var idleLimit: Int64
    /// The nanoseconds that a statement may take before the connection counts as lost. The server has the same limit
    /// and less the grace, so this one is for servers that have vanished.
    private let statementLimit: Int64
    /// The same for the time between two statements of a transaction.
    let idleTransactionLimit: Int64

    /// The time that the server has to enforce its own limit.
    static let grace = Duration.seconds(5)
    /// A draining worker's last requests use a connection more than once, and others wait for it.
    private static let idleLimitOfDraining: Int64 = 100_000_000
    /// As good as for ever, and far enough from the largest number to be added to.
    static let never = Int64.max / 4

    private static func limit(_ timeout: Duration) -> Int64 {
        timeout == .zero ? never : min(never, timeout.nanoseconds &+ grace.nanoseconds)
    }

    /// The nanoseconds that some statements may take.
    func statementLimit(_ count: Int) -> Int64 {
        let (product, overflow) = statementLimit.multipliedReportingOverflow(by: Int64(count))
        return overflow ? Self.never : min(Self.never, product)
    }

    // MARK: Requests

    /// Serves a request now, or queues it.
    func submit(_ request: PoolRequest) {
        if request.isCancelled { return request.fail(.cancelled(request.statement)) }
        guard phase != .shutDown else { return request.fail(shutDownError) }
        if queue.count == 0, let connection = idle.popLast() {
            request.begin(on: connection)
            return publish()
        }
        if open.isEmpty, let error = refusalDuringOutage() { return request.fail(error) }
        request.waitsSince = PoolClock.now()
        queue.append(request)
        arm(request.waitsSince &+ wait)
        serve()
    }

    /// Puts a request that was not sent back to the front of the queue. It is served when its connection has been given
    /// back.
    func putBack(_ request: PoolRequest) {
        guard phase != .shutDown else { return request.fail(shutDownError) }
        request.waitsSince = PoolClock.now()
        queue.prepend(request)
        arm(request.waitsSince &+ wait)
        serve()
    }

    /// Takes a connection back, whatever its state.
    func takeBack(_ connection: PooledConnection) {
        let now = PoolClock.now()
        connection.rest(now: now)
        if phase != .shutDown, connection.isReusable, now < connection.expires {
            idle.append(connection)
            arm(now &+ idleLimit)
        } else {
            discard(connection)
        }
        if queue.count > 0 { serve() } else { publish() }
    }

    /// Gives idle connections to those who wait, and opens new ones if there are too few.
    func serve() {
        // A request that is begun here may end at once, and come back here. Its caller sees the numbers after it.
        guard !isServing else { return publish() }
        isServing = true
        while queue.count > 0, let connection = idle.popLast() {
            if let request = queue.takeFirst() { request.begin(on: connection) } else { idle.append(connection) }
        }
        isServing = false
        openIfNeeded()
        publish()
    }

    func discard(_ connection: PooledConnection) {
        connection.close()
        open.removeAll { $0 === connection }
    }

    /// A connection was found to be lost while no statement ran on it.
    func lost(_ connection: PooledConnection) {
        open.removeAll { $0 === connection }
        idle.removeAll { $0 === connection }
        serve()
    }

    /// Fails everybody who waits.
    func failAll(_ error: DatabaseError) {
        var waiting: [PoolRequest] = []
        while let request = queue.takeFirst() { waiting.append(request) }
        publish()
        for request in waiting { request.fail(error) }
    }

    // MARK: The end

    /// Closes what is idle, and from now on what is not used again at once.
    func drain() {
        if phase == .serving { phase = .draining }
        idleLimit = min(idleLimit, Self.idleLimitOfDraining)
        for connection in idle { discard(connection) }
        idle.removeAll()
        publish()
    }

    func shutDown() {
        drain()
        phase = .shutDown
        failAll(shutDownError)
        // Statements that still run keep their deadlines.
        timer?.cancel()
        timer = nil
        armed = .max
        armNext()
    }

    /// The error of a statement whose connection was closed because no answer came.
    var noAnswer: DatabaseError {
        DatabaseError(
            .connectionLost(sent: true),
            "\(place) has not answered within statement-timeout and \(Self.grace.brief), so the connection was closed"
        )
    }

    private var shutDownError: DatabaseError {
        DatabaseError(.connectionLost(sent: false), "the database is shut down: the worker ends")
    }

    /// Publishes the pool's numbers.
    func publish() {
        counts.open.store(open.count + opening, ordering: .relaxed)
        counts.idle.store(idle.count, ordering: .relaxed)
        counts.waiting.store(queue.count, ordering: .relaxed)
        counts.waitsSince.store(queue.count == 0 ? 0 : queue.first?.waitsSince ?? 0, ordering: .relaxed)
    }
}

/// The numbers of a pool, written on its loop and read from any thread.
final class PoolCounts: Sendable {
    let open = Atomic(0)
    let idle = Atomic(0)
    let waiting = Atomic(0)
    /// The time since which the first one waits; 0 if nobody does.
    let waitsSince = Atomic<Int64>(0)
}

/// Whether a server has ever let us in.
final class ConnectedFlag: Sendable {
    let value = Atomic(false)
}
