/// The server's side of a long answer: it has a time limit, and must end when the worker is replaced.
extension GatewayRequest {
    /// The time that the whole request may take, from its first byte to the end of its response (`request` in the
    /// configuration's limits); `nil` for no limit. An answer that takes longer is broken off.
    public var timeLimit: Duration? {
        guard let life, life.requestTime > 0 else { return nil }
        return .nanoseconds(life.requestTime)
    }

    /// Whether the worker takes nothing new any more: it is about to end, because of a reload or a stop, and waits for
    /// its last requests.
    public var isDraining: Bool { life?.isDraining ?? false }

    /// Returns when the worker begins to drain, or when the task is cancelled. A handler that would answer for ever
    /// should end then, or it holds the reload up until the limit `drain`, and is broken off.
    public func waitUntilDraining() async {
        let (never, end) = AsyncStream.makeStream(of: Never.self)
        let number = whenDraining { end.finish() }
        for await _ in never {}
        forget(number)
    }

    /// Calls `action` when the worker begins to drain, on any thread; at once if it does already.
    /// - Returns: a number by which ``forget(_:)`` takes it back.
    package func whenDraining(_ action: @escaping @Sendable () -> Void) -> Int {
        life?.whenDraining(action) ?? 0
    }

    package func forget(_ number: Int) {
        life?.forget(number)
    }
}
