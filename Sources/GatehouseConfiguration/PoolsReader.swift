internal import GatehousePlan
internal import Yams

/// `pools: { web: { listen: [...], modules: [...] } }`
struct PoolsReader {
    let report: ProblemReport

    /// The pool; its values count only where nothing was reported.
    func read(_ root: Node) -> PoolConfiguration? {
        guard let fields = Fields(root, what: "the configuration", keys: ["pools"], report: report) else { return nil }
        guard let pools = fields["pools"] else {
            report.add("the key \"pools\" is missing", at: root)
            return nil
        }
        guard let mapping = pools.mapping, let first = mapping.first else {
            report.add("\"pools\" is a mapping from a pool's name to what it serves, not \(pools.kind)", at: pools)
            return nil
        }
        for extra in mapping.dropFirst() {
            report.add("this version runs one pool: put its modules into the first, or run it by itself", at: extra.key)
        }
        // All are read, so that all that is wrong is said.
        return mapping.map { pool($0.value, name: name(of: $0.key)) }.first ?? pool(first.value, name: "")
    }

    private func name(of key: Node) -> String {
        let name = key.scalar?.string ?? ""
        let isName =
            !name.isEmpty && name.utf8.count <= 32
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        if !isName {
            report.add("a pool's name has up to 32 letters, digits, \"-\" and \"_\", not \(key.kind)", at: key)
        }
        return name
    }

    private func pool(_ node: Node, name: String) -> PoolConfiguration {
        var pool = PoolConfiguration(name: name)
        let keys = ["listen", "socket", "modules", "limits", "workers", "event-loops", "log-level"]
        let later = ["command", "user", "group", "environment"]
        guard let fields = Fields(node, what: "a pool", keys: keys, later: later, report: report) else { return pool }
        if let node = fields["listen"] {
            pool.endpoints = endpoints(node)
        } else {
            report.add(
                "the pool has no \"listen\": name its endpoints, such as fastcgi:/run/gatehouse/web.sock", at: node)
        }
        if let node = fields["modules"] {
            pool.modules = ModulesReader(report: report).read(node)
        } else {
            report.add("the pool has no \"modules\"", at: node)
        }
        if let node = fields["socket"] { pool.socket = SocketReader(report: report).read(node) }
        if let node = fields["limits"] { pool.limits = LimitsReader(report: report).read(node) }
        readProcesses(fields, into: &pool)
        return pool
    }

    private func readProcesses(_ fields: Fields, into pool: inout PoolConfiguration) {
        let reader = ScalarReader(report: report)
        if let node = fields["workers"] {
            if node.scalar == nil || reader.text(node, "\"workers\"") != "1" {
                report.add("this version runs one worker: write \"workers: 1\", and more \"event-loops\"", at: node)
            }
        }
        if let node = fields["event-loops"],
            let count = reader.wholeNumber(node, "\"event-loops\"", in: PoolConfiguration.eventLoopRange)
        {
            pool.eventLoops = count
        }
        if let node = fields["log-level"], let text = reader.text(node, "\"log-level\"") {
            if let level = LogLevel(rawValue: text) {
                pool.logLevel = level
            } else {
                let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                report.add("\"log-level\" is one of \(names), not \"\(printable(text))\"", at: node)
            }
        }
    }

    private func endpoints(_ node: Node) -> [Endpoint] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        if nodes.isEmpty { report.add("\"listen\" is empty: name at least one endpoint", at: node) }
        var endpoints: [Endpoint] = []
        for node in nodes {
            guard let text = ScalarReader(report: report).name(node, "an endpoint") else { continue }
            do {
                let endpoint = try Endpoint(parsing: text)
                if endpoints.contains(where: { $0.address == endpoint.address }) {
                    report.add("endpoint \"\(printable(text))\": this address is named twice", at: node)
                }
                endpoints.append(endpoint)
            } catch {
                report.add(error.message, at: node)
            }
        }
        return endpoints
    }
}
