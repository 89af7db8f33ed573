import Gatehouse
import NIOCore

/// One stream of events from its first byte to its last.
struct EventCourse: Sendable {
    /// `nil` if the response is made without a gateway, in a test.
    let gateway: GatewayRequest?
    let heartbeat: Duration
    /// `nil` for no limit.
    let lifetime: Duration?
    /// The text before the first event, which carries the answer's head to the client.
    let beginning: String
    let lastID: String?
    let make: @Sendable (EventSender) async throws -> Void

    /// Runs the closure that makes events, and writes them until it ends, the worker drains, or time is up.
    /// - Throws: the closure's error, or that of a client who has left.
    @concurrent func run(_ write: @concurrent (ByteBuffer) async throws -> Void) async throws {
        let queue = EventQueue()
        let registration = gateway?.whenDraining { queue.end(.limit) }
        defer { if let registration { gateway?.forget(registration) } }
        try await write(ByteBuffer(string: beginning))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { queue.end(.maker) }
                try await make(EventSender(queue: queue, lastID: lastID))
            }
            group.addTask { await beat(queue) }
            defer {
                // A sender that waits for the client to take something would wait for ever.
                queue.end(.limit)
                group.cancelAll()
            }
            for await _ in queue.signals {
                if let text = queue.take() { try await write(text) }
            }
            try Task.checkCancellation()
            if let rest = queue.take() { try await write(rest) }
            if queue.ended == .maker, let error = await Self.error(of: &group) { throw error }
        }
    }

    /// Sends a comment whenever nothing else is sent, and ends the stream when it is old enough.
    private func beat(_ queue: EventQueue) async {
        let clock = ContinuousClock()
        let end = lifetime.map { clock.now + $0 }
        while !Task.isCancelled {
            let left = end.map { clock.now.duration(to: $0) } ?? heartbeat
            if left <= .zero { return queue.end(.limit) }
            do { try await Task.sleep(for: min(left, heartbeat)) } catch { return }
            queue.beat()
        }
    }

    /// The error of the closure that makes events, which has ended.
    private static func error(of group: inout ThrowingTaskGroup<Void, any Error>) async -> (any Error)? {
        group.cancelAll()
        while let result = await group.nextResult() {
            if case .failure(let error) = result, !(error is CancellationError) { return error }
        }
        return nil
    }
}
