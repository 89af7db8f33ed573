internal import GatehousePlan
internal import Yams

/// `limits: { request: 30s, body: 10MiB, memory: 512MiB }`
struct LimitsReader {
    let report: ProblemReport
    /// Of a program's requests nothing is known; only what is done to its processes can be limited.
    let isForProgram: Bool

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
        Limit(key: "target", kind: .size(1...1 << 24), path: \.targetLength),
        Limit(key: "heads-per-connection", kind: .size(1...1 << 30), path: \.headBytesPerConnection),
        Limit(key: "heads-per-worker", kind: .size(1 << 20...1 << 40), path: \.headBytesPerWorker),
        Limit(key: "buffered-per-request", kind: .size(1...1 << 30), path: \.bufferedBytesPerRequest),
        Limit(key: "buffered-per-connection", kind: .size(1...1 << 30), path: \.bufferedBytesPerConnection),
        Limit(key: "concurrent-requests", kind: .count(1...65_535), path: \.concurrentRequests),
        Limit(key: "connections", kind: .count(1...1_000_000), path: \.connections),
    ]

    private static let recyclingKeys = ["memory", "requests-per-worker", "worker-age"]
    private static let programKeys = ["drain", "load", "memory", "worker-age"]

    func read(_ node: Node) -> (plan: LimitsPlan, recycling: RecyclingSettings) {
        var plan = LimitsPlan()
        let keys = Self.limits.map(\.key) + Self.recyclingKeys
        guard let fields = Fields(node, what: "limits", keys: keys, report: report) else { return (plan, .init()) }
        if isForProgram { refuseWhatNeedsRequests(fields, keys) }
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
        check("target", plan.targetLength, within: "parameters", plan.parameterBytes, fields)
        check(
            "heads-per-connection", plan.headBytesPerConnection, within: "heads-per-worker", plan.headBytesPerWorker,
            fields)
        check(
            "buffered-per-request", plan.bufferedBytesPerRequest, within: "buffered-per-connection",
            plan.bufferedBytesPerConnection, fields)
        return (plan, recycling(fields, reader))
    }

    /// A worker of ours has 10 MiB before it has done anything: with a smaller limit it would be replaced for ever.
    private static let memories = 16 << 20...1 << 50
    /// From a second to a year.
    private static let ages = 1_000...31_536_000_000

    private func recycling(_ fields: Fields, _ reader: ScalarReader) -> RecyclingSettings {
        var settings = RecyclingSettings()
        if let node = fields["memory"], !reader.isOff(node) {
            settings.memory = reader.quantity(node, "\"memory\"", ByteSize.self, in: Self.memories)
        }
        if let node = fields["requests-per-worker"], !reader.isOff(node) {
            settings.requests = reader.wholeNumber(node, "\"requests-per-worker\"", in: 1...1_000_000_000_000)
        }
        if let node = fields["worker-age"], !reader.isOff(node) {
            settings.age = reader.quantity(node, "\"worker-age\"", Duration.self, in: Self.ages)
        }
        return settings
    }

    private func refuseWhatNeedsRequests(_ fields: Fields, _ keys: [String]) {
        let known = Self.programKeys.map { "\"\($0)\"" }.joined(separator: ", ")
        for name in keys where !Self.programKeys.contains(name) {
            guard let key = fields.key(name) else { continue }
            report.add(
                "\"\(name)\" means nothing for a pool with a \"command\": Gatehouse does not see its requests; such a "
                    + "pool's limits are \(known)", at: key)
        }
    }

    /// A part's limit that is larger than the whole's could never be reached.
    private func check(_ part: String, _ value: Int?, within whole: String, _ limit: Int?, _ fields: Fields) {
        guard let value, let limit, value > limit, let node = fields[part] else { return }
        report.add("\"\(part)\" is larger than \"\(whole)\", which is \(ByteSize.describe(limit))", at: node)
    }
}
