import NIOConcurrencyHelpers

/// Ascending numbers, from any thread.
struct RequestNumbers: Sendable {
    private let last = NIOLockedValueBox<UInt64>(0)

    func next() -> UInt64 {
        last.withLockedValue { last in
            last += 1
            return last
        }
    }
}
