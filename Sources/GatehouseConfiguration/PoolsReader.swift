internal import GatehousePlan
internal import Yams

/// `pools: { web: { listen: [...], modules: [...] } }`
struct PoolsReader {
    let report: ProblemReport
    let addresses: AddressBook

    /// The pools, in the file's order; their values count only where nothing was reported.
    func read(_ node: Node) -> [PoolConfiguration] {
        guard let mapping = node.mapping, !mapping.isEmpty else {
            report.add("\"pools\" is a mapping from a pool's name to what it serves, not \(node.kind)", at: node)
            return []
        }
        var lineOfName: [String: Int] = [:]
        return mapping.map { key, value in
            let name = name(of: key)
            if let line = lineOfName.updateValue(key.mark?.line ?? 0, forKey: name), !name.isEmpty {
                report.add("there is a pool \"\(name)\" already, in line \(line)", at: key)
            }
            return PoolReader(report: report, addresses: addresses, name: name).read(value)
        }
    }

    /// Names appear in logs, reports and arguments: no more characters than those need no quotes in any of them.
    private func name(of key: Node) -> String {
        let name = key.scalar?.string ?? ""
        let isName =
            !name.isEmpty && name.utf8.count <= 32
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        if !isName {
            report.add("a pool's name has up to 32 letters, digits, \"-\" and \"_\", not \(key.kind)", at: key)
            return ""
        }
        return name
    }
}
