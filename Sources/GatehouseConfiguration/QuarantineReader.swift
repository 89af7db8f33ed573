internal import GatehousePlan
internal import Yams

/// `quarantine: { crashes: 3, within: 1m, for: 5m }`: a route that has killed so many workers in that time is answered
/// 503 for a while. Times in milliseconds.
public struct QuarantineSettings: Equatable, Sendable {
    /// Crashes that put a route into quarantine.
    public var crashes = 3
    /// The time in which they must happen.
    public var window = 60_000
    /// The time for which the route is answered 503.
    public var duration = 300_000

    public init() {}
}

/// Reads `quarantine: { crashes: 3, within: 1m, for: 5m }` or `quarantine: off`
struct QuarantineReader {
    let report: ProblemReport

    /// From a second to a week.
    private static let times = 1_000...604_800_000

    /// `nil` if it is off.
    func read(_ node: Node) -> QuarantineSettings? {
        let reader = ScalarReader(report: report)
        if reader.isOff(node) { return nil }
        var settings = QuarantineSettings()
        let keys = ["crashes", "within", "for"]
        guard let fields = Fields(node, what: "quarantine, unless it is off,", keys: keys, report: report) else {
            return settings
        }
        if let node = fields["crashes"], let count = reader.wholeNumber(node, "\"crashes\"", in: 1...1_000) {
            settings.crashes = count
        }
        if let node = fields["within"],
            let time = reader.quantity(node, "\"within\"", Milliseconds.self, in: Self.times, canBeOff: false)
        {
            settings.window = time
        }
        if let node = fields["for"],
            let time = reader.quantity(node, "\"for\"", Milliseconds.self, in: Self.times, canBeOff: false)
        {
            settings.duration = time
        }
        return settings
    }
}
