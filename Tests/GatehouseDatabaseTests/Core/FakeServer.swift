import GatehouseDatabase
import GatehouseServer
import Synchronization

/// A server of the tests that answers as it is told, so that every order of events can be had on purpose.
final class FakeServer: Sendable {
    /// The answer to a statement.
    enum Reply: Sendable {
        case rows([[TestValue]])
        case changes(Int)
        case error(DatabaseError)
        /// No answer until ``FakeServer/answer(_:with:)``, or for ever.
        case nothing
        /// The connection breaks.
        case loss(sent: Bool)
        /// An error that rolls the whole transaction back, as MySQL's deadlock does.
        case endOfTransaction(DatabaseError)
    }

    /// The fate of an attempt to connect.
    enum Welcome: Sendable {
        case accept
        case refuse(DatabaseError)
        /// Undecided until ``FakeServer/welcome(_:)``.
        case wait
    }

    struct State: Sendable {
        /// `1: SELECT 1`: the connection's number and the statement.
        var log: [String] = []
        var connected = 0
        var attempts = 0
        var closed: [Int] = []
        var cancelled: [Int] = []
        var resumed = 0
        /// Statements without an answer.
        var open: [FakeConnection.Running] = []
        var connections: [FakeConnection] = []
        var visitors: [@Sendable (Welcome) -> Void] = []
    }

    private struct Shared {
        var state = State()
        var welcome = Welcome.accept
        var watchers: [(condition: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let shared = Mutex(Shared())
    private let reply: @Sendable (String) -> Reply
    let dialect: Dialect

    init(_ dialect: Dialect = .postgreSQL, reply: @escaping @Sendable (String) -> Reply = { _ in .changes(1) }) {
        self.dialect = dialect
        self.reply = reply
    }

    var state: State { shared.withLock { $0.state } }

    /// Waits until something has happened.
    func until(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = shared.withLock { shared in
                guard !condition(shared.state) else { return true }
                shared.watchers.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    @discardableResult
    func change<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let (result, due) = shared.withLock { shared in
            let result = change(&shared.state)
            var due: [CheckedContinuation<Void, Never>] = []
            shared.watchers.removeAll { watcher in
                guard watcher.condition(shared.state) else { return false }
                due.append(watcher.continuation)
                return true
            }
            return (result, due)
        }
        for continuation in due { continuation.resume() }
        return result
    }

    /// Answers the oldest statement with that text that has no answer.
    func answer(_ text: String, with reply: Reply) {
        let running = change { state -> FakeConnection.Running? in
            guard let index = state.open.firstIndex(where: { $0.text == text }) else { return nil }
            return state.open.remove(at: index)
        }
        guard let running else { return }
        running.connection.loop.run { running.connection.answer(running, with: reply) }
    }

    func set(_ welcome: Welcome) { shared.withLock { $0.welcome = welcome } }

    /// Decides about everybody who waits at the door.
    func welcome(_ welcome: Welcome) {
        for visitor in change({ state in
            defer { state.visitors = [] }
            return state.visitors
        }) { visitor(welcome) }
    }

    /// Breaks idle connections, as a restart does, and says so.
    func breakIdle() {
        for connection in state.connections { connection.loop.run { connection.lose() } }
    }

    func reply(to text: String) -> Reply { reply(text) }

    fileprivate var currentWelcome: Welcome { shared.withLock { $0.welcome } }

    func database(_ change: (inout DatabaseSettings) -> Void = { _ in }) -> Database {
        var settings = DatabaseSettings(url: "test:")
        settings.connections = 2
        settings.wait = .seconds(60)
        change(&settings)
        return Database(
            source: Pool(FakeDriver(server: self), settings), settings: settings, place: "a test",
            context: testContext())
    }
}

struct FakeDriver: Driver {
    let server: FakeServer

    var dialect: Dialect { server.dialect }
    var place: String { "a test" }

    func connect(
        on loop: HandlerLoop, completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void
    ) {
        let decide: @Sendable (FakeServer.Welcome) -> Void = { welcome in
            loop.run {
                switch welcome {
                case .accept: completion(.success(FakeConnection(server, loop)))
                case .refuse(let error): completion(.failure(error))
                case .wait: break
                }
            }
        }
        let welcome = server.currentWelcome
        server.change { state in
            state.attempts += 1
            if case .wait = welcome { state.visitors.append(decide) }
        }
        decide(welcome)
    }
}
