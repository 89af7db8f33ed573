internal import GatehousePlan
internal import Yams

/// The limits at which a worker is replaced by a fresh one, its successor first. `nil`: never.
public struct RecyclingSettings: Equatable, Sendable {
    /// `limits: { requests-per-worker: 100000 }`. Each worker's own number is up to a tenth lower, so that workers that
    /// started together do not end together.
    public var requests: Int?
    /// `limits: { memory: 512MiB }`: resident bytes.
    public var memory: Int?
    /// `limits: { worker-age: 24h }`: milliseconds, with the same jitter.
    public var age: Int?

    public init() {}
}

extension PoolConfiguration {
    /// The limits that are `off` until the configuration sets them.
    public var recycling: RecyclingSettings {
        func value(_ limit: Limit) -> Int? { limits[limit] == 0 ? nil : limits[limit] }
        var settings = RecyclingSettings()
        settings.requests = value(.requestsPerWorker)
        settings.memory = value(.memory)
        settings.age = value(.workerAge)
        return settings
    }
}

/// `limits: { request: 30s, body: 10MiB, memory: 512MiB }`: the keys, units and ranges of `Limit`.
struct LimitsReader {
    let report: ProblemReport
    /// Gatehouse does not see a program's requests; only its processes can be limited.
    let isForProgram: Bool

    func read(_ node: Node) -> LimitsPlan {
        var plan = LimitsPlan()
        let keys = Limit.allCases.map(\.rawValue)
        guard let fields = Fields(node, what: "limits", keys: keys, report: report) else { return plan }
        if isForProgram { refuseLimitsOfRequests(fields) }
        for limit in Limit.allCases {
            guard let node = fields[limit.rawValue], let value = value(node, of: limit) else { continue }
            plan[limit] = value
        }
        for limit in Limit.allCases { checkIsPart(limit, plan, fields) }
        return plan
    }

    private func value(_ node: Node, of limit: Limit) -> Int? {
        let reader = ScalarReader(report: report)
        let definition = limit.definition
        let what = "\"\(limit.rawValue)\""
        if definition.canBeOff, reader.isOff(node) { return 0 }
        return switch definition.unit {
        case .milliseconds:
            reader.quantity(node, what, Milliseconds.self, in: definition.range, canBeOff: definition.canBeOff)
        case .bytes: reader.quantity(node, what, ByteSize.self, in: definition.range)
        case .count: reader.wholeNumber(node, what, in: definition.range)
        }
    }

    private func refuseLimitsOfRequests(_ fields: Fields) {
        let known = Limit.allCases.filter(\.definition.holdsForPrograms).map { "\"\($0.rawValue)\"" }
        for limit in Limit.allCases where !limit.definition.holdsForPrograms {
            guard let key = fields.key(limit.rawValue) else { continue }
            report.add(
                "\"\(limit.rawValue)\" means nothing for a pool with a \"command\": Gatehouse does not see its "
                    + "requests; such a pool's limits are \(known.joined(separator: ", "))", at: key)
        }
    }

    private func checkIsPart(_ limit: Limit, _ plan: LimitsPlan, _ fields: Fields) {
        guard let whole = limit.definition.whole, plan.sets(limit), plan.sets(whole), plan[limit] > plan[whole],
            let node = fields[limit.rawValue]
        else { return }
        report.add(
            "\"\(limit.rawValue)\" is larger than \"\(whole.rawValue)\", which is \(ByteSize.describe(plan[whole]))",
            at: node)
    }
}

extension Limit.Definition {
    /// The range as CONFIGURATION.md writes it: ``1ms to 168h, or `off` ``.
    package var rangeText: String {
        let bounds = [range.lowerBound, range.upperBound].map { bound in
            switch unit {
            case .milliseconds: Milliseconds.describe(bound)
            case .bytes: ByteSize.describe(bound)
            case .count: String(bound)
            }
        }.joined(separator: " to ")
        if let whole { return bounds + ", at most `\(whole.rawValue)`" }
        return canBeOff ? bounds + ", or `off`" : bounds
    }
}
