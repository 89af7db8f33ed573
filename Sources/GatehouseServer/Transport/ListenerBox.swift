import NIOConcurrencyHelpers

/// The listeners of a server, each with the loop that it is confined to: they are only carried here, never looked at.
final class ListenerBox: Sendable {
    private struct Entry: @unchecked Sendable {
        let listener: SocketListener
        let loop: LoopContext
    }

    private let entries = NIOLockedValueBox<[Entry]>([])

    func add(_ listener: SocketListener, on loop: LoopContext) {
        let entry = Entry(listener: listener, loop: loop)
        entries.withLockedValue { $0.append(entry) }
    }

    func takeAll() -> [(SocketListener, LoopContext)] {
        entries.withLockedValue { entries in
            defer { entries = [] }
            return entries.map { ($0.listener, $0.loop) }
        }
    }
}
