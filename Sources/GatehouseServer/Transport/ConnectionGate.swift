import NIOConcurrencyHelpers
import NIOCore

/// Counts a worker's connections and stops accepting while there are as many as its limit; further ones wait in the
/// listening sockets' backlogs, where another worker may take them.
final class ConnectionGate: Sendable {
    private struct State {
        var count = 0
        var isShut = false
        var listening: [any Channel] = []
    }

    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ channel: any Channel) {
        state.withLockedValue { $0.listening.append(channel) }
    }

    func connectionOpened() {
        change { state in
            state.count += 1
            guard state.count >= limit, !state.isShut else { return nil }
            state.isShut = true
            return false
        }
    }

    func connectionClosed() {
        change { state in
            state.count -= 1
            // Not at once below the limit, or every connection that goes would open and shut the gate.
            guard state.isShut, state.count <= limit - max(1, limit / 64) else { return nil }
            state.isShut = false
            return true
        }
    }

    private func change(_ decide: (inout State) -> Bool?) {
        let (accepts, channels) = state.withLockedValue { state in (decide(&state), state.listening) }
        guard let accepts else { return }
        for channel in channels { channel.setOption(ChannelOptions.autoRead, value: accepts).whenComplete { _ in } }
    }
}
