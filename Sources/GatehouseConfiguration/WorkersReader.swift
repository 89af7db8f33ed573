internal import GatehousePlan
internal import Yams

/// The number of workers of a pool.
public enum WorkerCount: Equatable, Sendable {
    /// `workers: 4`
    case fixed(Int)
    /// `workers: { min: 2, max: 8, spare: 1 }`: grows while fewer than `spare` workers are without a request, and
    /// shrinks again when more have been for `idle` milliseconds.
    case scaled(min: Int, max: Int, spare: Int, idle: Int)
    /// `workers: { on-demand: 4, idle: 60s }`: none until somebody connects, and none again when no request has come
    /// for `idle` milliseconds.
    case onDemand(max: Int, idle: Int)

    /// The most workers that one generation can have.
    public var most: Int {
        switch self {
        case .fixed(let count): count
        case .scaled(_, let max, _, _), .onDemand(let max, _): max
        }
    }

    /// The number of workers from the start.
    public var least: Int {
        switch self {
        case .fixed(let count): count
        case .scaled(let min, _, _, _): min
        case .onDemand: 0
        }
    }
}

/// Reads `workers: 4`, `workers: { min: 2, max: 8, spare: 1, idle: 30s }`, `workers: { on-demand: 4, idle: 60s }` or
/// `workers: on-demand`.
struct WorkersReader {
    let report: ProblemReport
    /// Gatehouse does not see whether a program has a request, so the operator must name the number.
    let isForProgram: Bool

    private static let onDemandDefault = WorkerCount.onDemand(max: 4, idle: 60_000)
    /// From a second to a week.
    private static let idleTimes = 1_000...604_800_000

    func read(_ node: Node) -> WorkerCount? {
        let reader = ScalarReader(report: report)
        let count: WorkerCount?
        if node.mapping != nil {
            count = mapping(node, reader)
        } else if node.sequence != nil {
            report.add(
                "\"workers\" is a number, on-demand, or a mapping with \"min\" and \"max\" or \"on-demand\", not a "
                    + "list", at: node)
            return nil
        } else {
            count = scalar(node, reader)
        }
        switch count {
        case .fixed, nil: return count
        case .scaled, .onDemand:
            guard isForProgram else { return count }
            report.add(
                "a pool with a \"command\" has a number of workers: Gatehouse does not see when the program has "
                    + "nothing to do", at: node)
            return nil
        }
    }

    private func scalar(_ node: Node, _ reader: ScalarReader) -> WorkerCount? {
        guard let text = reader.text(node, "\"workers\"") else { return nil }
        if text == "on-demand" { return Self.onDemandDefault }
        return reader.wholeNumber(node, "\"workers\"", in: PoolConfiguration.workerRange).map(WorkerCount.fixed)
    }

    private func mapping(_ node: Node, _ reader: ScalarReader) -> WorkerCount? {
        let keys = ["min", "max", "spare", "on-demand", "idle"]
        guard let fields = Fields(node, what: "workers", keys: keys, report: report) else { return nil }
        guard let most = fields["on-demand"] else { return scaled(fields, node, reader) }
        for name in ["min", "max", "spare"] {
            if let key = fields.key(name) {
                report.add(
                    "\"\(name)\" and \"on-demand\" exclude each other: on-demand is from none to its number", at: key)
            }
        }
        guard let max = reader.wholeNumber(most, "\"on-demand\"", in: PoolConfiguration.workerRange),
            let idle = idle(fields, or: 60_000, reader)
        else { return nil }
        return .onDemand(max: max, idle: idle)
    }

    private func scaled(_ fields: Fields, _ node: Node, _ reader: ScalarReader) -> WorkerCount? {
        guard let maxNode = fields["max"] else {
            report.add("\"workers\" has neither \"max\" nor \"on-demand\": say how many there may be", at: node)
            return nil
        }
        let range = PoolConfiguration.workerRange
        let min = fields["min"].map { reader.wholeNumber($0, "\"min\"", in: range) } ?? 1
        let max = reader.wholeNumber(maxNode, "\"max\"", in: range)
        let spare = fields["spare"].map { reader.wholeNumber($0, "\"spare\"", in: 1...range.upperBound) } ?? 1
        let idle = idle(fields, or: 30_000, reader)
        guard let min, let max, let spare, let idle else { return nil }
        guard min <= max else {
            report.add("\"min\" is \(min), more than \"max\", which is \(max)", at: fields["min"] ?? node)
            return nil
        }
        if let node = fields["spare"], spare >= max {
            report.add("\"spare\" is \(spare); it has to be less than \"max\", which is \(max)", at: node)
            return nil
        }
        return min == max ? .fixed(max) : .scaled(min: min, max: max, spare: spare, idle: idle)
    }

    private func idle(_ fields: Fields, or standard: Int, _ reader: ScalarReader) -> Int? {
        guard let node = fields["idle"] else { return standard }
        return reader.quantity(node, "\"idle\"", Milliseconds.self, in: Self.idleTimes, canBeOff: false)
    }
}
