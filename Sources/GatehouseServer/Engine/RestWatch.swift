/// Tells when an event loop that has worked comes to rest: when it does next to nothing for a second.
package struct RestWatch {
    package enum Change: Equatable {
        case works, cameToRest
    }

    /// Ticks in which little work is rest: a second.
    private static let window = 10
    /// So much work in a second is little: a monitor's requests must not keep a worker from its rest for ever.
    private static let little = 16

    /// What the loop has done: handlers that left, requests that were refused, connections that went. All of them may
    /// leave memory behind.
    package var work = 0
    private var counted = 0
    private var ticks = 0
    private var hasWorked = false

    package init() {}

    /// Whether there was work after which the loop has not come to rest yet.
    package var isAwaited: Bool { hasWorked || work != counted }

    /// - Returns: how the loop stands, where this is the end of a second that tells.
    package mutating func tick() -> Change? {
        ticks += 1
        guard ticks >= Self.window else { return nil }
        ticks = 0
        let done = work &- counted
        counted = work
        if done > 0 { hasWorked = true }
        guard hasWorked else { return nil }
        if done > Self.little { return .works }
        hasWorked = false
        return .cameToRest
    }
}
