internal import GatehousePlan
internal import Yams

/// `limits: { request: 30s, body: 10MiB }`
struct LimitsReader {
    let report: ProblemReport

    private enum Kind {
        case time
        case size(ClosedRange<Int>)
        case count(ClosedRange<Int>)
    }

    private struct Limit {
        var key: String
        var kind: Kind
        var path: any WritableKeyPath<LimitsPlan, Int?> & Sendable
    }

    /// From one millisecond to a week.
    private static let times = 1...604_800_000

    private static let limits: [Limit] = [
        Limit(key: "request", kind: .time, path: \.requestTime),
        Limit(key: "head", kind: .time, path: \.headTime),
        Limit(key: "body-idle", kind: .time, path: \.bodyIdleTime),
        Limit(key: "write-idle", kind: .time, path: \.writeIdleTime),
        Limit(key: "stalled", kind: .time, path: \.stalledRequestTime),
        Limit(key: "drain", kind: .time, path: \.drainTime),
        Limit(key: "load", kind: .time, path: \.loadTime),
        Limit(key: "body", kind: .size(0...1 << 50), path: \.bodyBytes),
        Limit(key: "parameters", kind: .size(1...1 << 24), path: \.parameterBytes),
        Limit(key: "parameter-count", kind: .count(1...100_000), path: \.parameterCount),
        Limit(key: "parameter-name", kind: .size(1...1 << 24), path: \.parameterNameLength),
        Limit(key: "parameter-value", kind: .size(1...1 << 24), path: \.parameterValueLength),
        Limit(key: "buffered-per-request", kind: .size(1...1 << 30), path: \.bufferedBytesPerRequest),
        Limit(key: "buffered-per-connection", kind: .size(1...1 << 30), path: \.bufferedBytesPerConnection),
        Limit(key: "concurrent-requests", kind: .count(1...65_535), path: \.concurrentRequests),
        Limit(key: "connections", kind: .count(1...1_000_000), path: \.connections),
    ]

    func read(_ node: Node) -> LimitsPlan {
        var plan = LimitsPlan()
        let keys = Self.limits.map(\.key)
        guard
            let fields = Fields(
                node, what: "limits", keys: keys, later: ["memory", "requests-per-worker"], report: report)
        else { return plan }
        let reader = ScalarReader(report: report)
        for limit in Self.limits {
            guard let value = fields[limit.key] else { continue }
            let what = "\"\(limit.key)\""
            plan[keyPath: limit.path] =
                switch limit.kind {
                case .time: reader.quantity(value, what, Duration.self, in: Self.times)
                case .size(let range): reader.quantity(value, what, ByteSize.self, in: range)
                case .count(let range): reader.wholeNumber(value, what, in: range)
                }
        }
        check("parameter-name", plan.parameterNameLength, within: "parameters", plan.parameterBytes, fields)
        check("parameter-value", plan.parameterValueLength, within: "parameters", plan.parameterBytes, fields)
        check(
            "buffered-per-request", plan.bufferedBytesPerRequest, within: "buffered-per-connection",
            plan.bufferedBytesPerConnection, fields)
        return plan
    }

    /// A part's limit that is larger than the whole's could never be reached.
    private func check(_ part: String, _ value: Int?, within whole: String, _ limit: Int?, _ fields: Fields) {
        guard let value, let limit, value > limit, let node = fields[part] else { return }
        report.add("\"\(part)\" is larger than \"\(whole)\", which is \(ByteSize.describe(limit))", at: node)
    }
}
