import Gatehouse
import NIOConcurrencyHelpers

/// Counts of handlers that run, were cancelled, and came to their end: they prove that nothing is left over.
final class Counters: Sendable {
    private struct State {
        var live = 0
        var cancelled = 0
        var finished = 0
    }

    private let state = NIOLockedValueBox(State())

    func count<Result>(_ work: () async throws -> Result) async throws -> Result {
        state.withLockedValue { $0.live += 1 }
        do {
            let result = try await work()
            state.withLockedValue {
                $0.live -= 1
                $0.finished += 1
            }
            return result
        } catch {
            state.withLockedValue {
                $0.live -= 1
                $0.cancelled += 1
            }
            throw error
        }
    }

    var description: String {
        state.withLockedValue { "live=\($0.live) cancelled=\($0.cancelled) finished=\($0.finished)\n" }
    }
}
