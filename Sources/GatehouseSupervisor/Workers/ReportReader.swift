internal import FoundationEssentials
internal import GatehousePlan
internal import GatehouseSystem

/// Turns the bytes of a worker's control channel into reports. The worker runs code that we did not write, so its bytes
/// count as hostile: a line has a length limit, and one that is no report ends the reading.
struct ReportReader {
    struct Malformed: Error, Equatable {}

    /// The longest line. The largest report is a message about a failed `init`.
    static let longestLine = 65_536

    private var lines = LineFramer(longest: longestLine)

    mutating func receive(_ bytes: some Sequence<UInt8>) { lines.receive(bytes) }

    /// The next report; `nil` means that more bytes are needed.
    mutating func nextReport() throws(Malformed) -> WorkerReport? {
        guard let line = lines.next() else { return nil }
        guard !line.isCut, let report = try? JSONDecoder().decode(WorkerReport.self, from: Data(line.bytes)) else {
            throw Malformed()
        }
        return report
    }
}
