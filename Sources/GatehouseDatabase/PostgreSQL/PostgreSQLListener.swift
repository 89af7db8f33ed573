package import GatehouseServer
import Logging

extension PostgreSQLDriver: NotifyingDriver {
    package func listen(
        to channel: String, on loop: HandlerLoop, deliver: @escaping (DatabaseNotification) -> Void
    ) -> any Listening {
        let listener = PostgreSQLListener(self, channel, loop, deliver)
        listener.begin()
        return listener
    }
}

/// Listens to one channel on a connection of its own, for as long as it is not ended: a pooled connection would lose
/// the notifications that come while somebody else has it. Confined to its loop; hence `@unchecked`.
final class PostgreSQLListener: Listening, @unchecked Sendable {
    private let driver: PostgreSQLDriver
    private let channel: String
    private let loop: HandlerLoop
    private let deliver: (DatabaseNotification) -> Void
    /// The time between two looks whether the server still answers, and the time for the answer.
    private let interval: Duration

    private var connection: PostgreSQLConnection?
    private var hasEnded = false
    /// Attempts to connect since the last success.
    private var failures = 0
    /// Whether notifications may have been missed when the channel is listened to the next time.
    private var hasGap = false
    /// Tells a connection's timers from those of an earlier one.
    private var generation = 0

    private static let shortestPause = 100
    private static let longestPause = 5_000

    init(
        _ driver: PostgreSQLDriver, _ channel: String, _ loop: HandlerLoop,
        interval: Duration = .seconds(15), _ deliver: @escaping (DatabaseNotification) -> Void
    ) {
        self.driver = driver
        self.channel = channel
        self.loop = loop
        self.interval = interval
        self.deliver = deliver
    }

    /// Connects. On the loop.
    func begin() {
        guard !hasEnded else { return }
        driver.open(on: loop) { [self] opened in
            switch opened {
            case .success(let connection): hasEnded ? connection.close() : listen(on: connection)
            case .failure(let error): beginAgain(after: error)
            }
        }
    }

    func end() {
        hasEnded = true
        connection?.close()
        connection = nil
    }

    func listen(on connection: PostgreSQLConnection) {
        self.connection = connection
        generation += 1
        connection.onLoss = { [weak self] in
            self?.lose(DatabaseError(.connectionLost(sent: false), "the connection that listens broke"))
        }
        connection.onNotification = { [weak self] channel, payload, process in
            guard let self, !hasEnded else { return }
            deliver(.notification(channel: channel, payload: payload, processID: process))
        }
        ask("LISTEN \(identifier: channel)", on: connection) { [self] in
            if failures > 0 { driver.logger.notice("listens to \(channel) again") }
            failures = 0
            if hasGap { deliver(.missed) }
            hasGap = false
            checkLater(generation)
        }
    }

    private func lose(_ error: DatabaseError) {
        guard !hasEnded, let lost = connection else { return }
        // First, because closing ends a statement with an error, which comes here again.
        connection = nil
        generation += 1
        lost.onLoss = nil
        lost.close()
        beginAgain(after: error)
    }

    /// Connects again after a pause that doubles, up to five seconds, and is not the same in all workers.
    private func beginAgain(after error: DatabaseError) {
        guard !hasEnded else { return }
        if failures == 0 { driver.logger.warning("does not listen to \(channel), and tries again: \(error)") }
        hasGap = true
        let pause = min(Self.longestPause, Self.shortestPause << min(failures, 6))
        failures += 1
        loop.after(.milliseconds(Int.random(in: pause / 2...pause))) { [weak self] in self?.begin() }
    }

    /// Asks the server for something now and then, because a connection on which nothing is sent can be dead without
    /// anybody's notice.
    private func checkLater(_ generation: Int) {
        loop.after(interval) { [weak self] in self?.check(generation) }
    }

    private func check(_ generation: Int) {
        guard let connection, generation == self.generation, !hasEnded else { return }
        ask("SELECT 1", on: connection) { [weak self] in self?.checkLater(generation) }
    }

    /// Runs a statement, which has an interval's time; the connection is lost if it fails.
    private func ask(_ sql: SQL, on connection: PostgreSQLConnection, _ then: @escaping () -> Void) {
        let generation = generation
        var isAnswered = false
        connection.start(sql, into: nil) { [weak self] result in
            isAnswered = true
            guard let self, generation == self.generation, !hasEnded else { return }
            if case .failure(let error) = result { return lose(error) }
            then()
        }
        loop.after(interval) { [weak self] in
            guard let self, !isAnswered, generation == self.generation else { return }
            lose(DatabaseError(.connectionLost(sent: true), "the server does not answer"))
        }
    }
}
