import GatehouseDatabase
import Synchronization

/// Counts rows and asks for something after each. The count has a lock, and the answer is asked for by one thread at a
/// time; hence unchecked.
final class CountingSink: RowSink, @unchecked Sendable {
    private let answer: (Int) -> RowDemand
    private let reached = Mutex<(count: Int, waiting: [(Int, CheckedContinuation<Void, Never>)])>((0, []))

    init(_ answer: @escaping (Int) -> RowDemand = { _ in .more }) { self.answer = answer }

    var count: Int { reached.withLock { $0.count } }

    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        let (count, due) = reached.withLock { state in
            state.count += 1
            let count = state.count
            let due = state.waiting.filter { $0.0 <= count }
            if !due.isEmpty { state.waiting.removeAll { $0.0 <= count } }
            return (count, due)
        }
        for (_, continuation) in due { continuation.resume() }
        return answer(count)
    }

    /// Waits until so many rows have come.
    func has(_ rows: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = reached.withLock { state in
                if state.count < rows { state.waiting.append((rows, continuation)) }
                return state.count >= rows
            }
            if isThere { continuation.resume() }
        }
    }
}
