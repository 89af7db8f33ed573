internal import FoundationEssentials
internal import GatehousePlan

/// Turns the bytes of a worker's control channel into reports. The worker runs code that we did not write, so what
/// comes is held for hostile: a line has a length limit, and one that is no report ends the reading.
struct ReportReader {
    struct Malformed: Error, Equatable {}

    /// The longest line. The largest report is a message about a failed `init`.
    static let longestLine = 65_536

    private var pending: [UInt8] = []

    mutating func receive(_ bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
    }

    /// The next report; `nil` means that more bytes are needed.
    mutating func nextReport() throws(Malformed) -> WorkerReport? {
        guard let end = pending.firstIndex(of: UInt8(ascii: "\n")) else {
            guard pending.count <= Self.longestLine else { throw Malformed() }
            return nil
        }
        guard end <= Self.longestLine,
            let report = try? JSONDecoder().decode(WorkerReport.self, from: Data(pending[..<end]))
        else { throw Malformed() }
        pending.removeSubrange(...end)
        return report
    }
}
