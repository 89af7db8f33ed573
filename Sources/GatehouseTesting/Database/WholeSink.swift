import GatehouseDatabase

/// Rows for a sink that may stop before the last one. Stopping a statement ends its connection, and a test has only
/// one: so the rest of the rows comes, and nobody sees it.
///
/// Used where its sink is used.
final class WholeSink: RowSink, @unchecked Sendable {
    private let sink: any RowSink
    private var isStopped = false
    /// Whether the statement waits for `resume`.
    var isPaused = false

    init(_ sink: any RowSink) { self.sink = sink }

    /// Takes no further row.
    func stop() { isStopped = true }

    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        guard !isStopped else { return .more }
        switch try sink.take(row) {
        case .more: return .more
        case .pause:
            isPaused = true
            return .pause
        case .stop:
            isStopped = true
            return .more
        }
    }
}
