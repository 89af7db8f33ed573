internal import GatehousePlan
internal import Glibc
internal import Yams

/// Reads `rlimits: { open-files: 65536, core: 0, address-space: 2GiB }`
struct ResourceLimitsReader {
    let report: ProblemReport

    private enum Kind {
        case count(ClosedRange<Int>, canBeUnlimited: Bool)
        case size(least: Int)
    }

    private struct Limit {
        var key: String
        var resource: __rlimit_resource
        var kind: Kind
    }

    /// Below some of these no worker starts at all; the kernel refuses unlimited open files (fs.nr_open, getrlimit(2)).
    private static let limits: [Limit] = [
        Limit(key: "open-files", resource: RLIMIT_NOFILE, kind: .count(64...1 << 30, canBeUnlimited: false)),
        Limit(key: "processes", resource: __RLIMIT_NPROC, kind: .count(1...1 << 22, canBeUnlimited: true)),
        Limit(key: "core", resource: RLIMIT_CORE, kind: .size(least: 0)),
        Limit(key: "file-size", resource: RLIMIT_FSIZE, kind: .size(least: 0)),
        Limit(key: "locked-memory", resource: __RLIMIT_MEMLOCK, kind: .size(least: 0)),
        Limit(key: "stack", resource: RLIMIT_STACK, kind: .size(least: 256 << 10)),
        Limit(key: "address-space", resource: RLIMIT_AS, kind: .size(least: 256 << 20)),
    ]

    func read(_ node: Node) -> [ProcessSettings.ResourceLimit] {
        let keys = Self.limits.map(\.key)
        guard let fields = Fields(node, what: "rlimits", keys: keys, report: report) else { return [] }
        return Self.limits.compactMap { limit in
            guard let node = fields[limit.key], let value = value(node, limit) else { return nil }
            return .init(resource: Int32(limit.resource.rawValue), value: value.map(UInt64.init))
        }
    }

    /// The inner `nil` means unlimited. The outer one means that the value is wrong, which has been reported.
    private func value(_ node: Node, _ limit: Limit) -> Int?? {
        let reader = ScalarReader(report: report)
        let what = "\"\(limit.key)\""
        guard let text = reader.text(node, what) else { return nil }
        switch limit.kind {
        case .count(let range, let canBeUnlimited):
            if text != "unlimited" { return reader.wholeNumber(node, what, in: range).map(Optional.some) }
            if canBeUnlimited { return .some(nil) }
            report.add("\(what) cannot be unlimited, the kernel has a bound of its own: write a number", at: node)
            return nil
        case .size(let least):
            if text == "unlimited" { return .some(nil) }
            if text == "0", least == 0 { return 0 }
            return reader.quantity(node, what, ByteSize.self, in: least...1 << 60).map(Optional.some)
        }
    }
}
