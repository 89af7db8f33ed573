import GatehouseSystem

/// The moment at which a statement got its connection, for an observer. Written by the source of connections before the
/// statement is sent, read by its caller when that is done; hence unchecked.
package final class StatementStart: @unchecked Sendable {
    /// Nanoseconds of the monotonic clock; `nil` if the statement never got a connection.
    private(set) var moment: Int64?

    package init() {}

    /// The statement has a connection.
    package func markNow() { moment = MonotonicClock.nanoseconds() }
}
