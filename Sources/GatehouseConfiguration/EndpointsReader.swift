internal import GatehousePlan
internal import Yams

/// `listen: [fastcgi:/run/gatehouse/web.sock, fastcgi:systemd:web]`
struct EndpointsReader {
    let report: ProblemReport
    let addresses: AddressBook
    let pool: String
    /// A program may speak any protocol, workers of ours speak two.
    let isForProgram: Bool

    func read(_ node: Node) -> [Endpoint] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        if nodes.isEmpty { report.add("\"listen\" is empty: name at least one endpoint", at: node) }
        return nodes.compactMap(endpoint)
    }

    private func endpoint(_ node: Node) -> Endpoint? {
        guard let text = ScalarReader(report: report).name(node, "an endpoint") else { return nil }
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(parsing: text)
        } catch {
            report.add(printable(error.message, atMost: 400), at: node)
            return nil
        }
        if !isForProgram, let problem = endpoint.moduleProblem { report.add(printable(problem, atMost: 400), at: node) }
        let owner = AddressBook.Owner(name: "pool \"\(pool)\"", line: node.mark?.line ?? 0)
        if let holder = addresses.take(endpoint.address, for: owner) {
            report.add(
                "endpoint \"\(printable(text))\": this address is named twice: \(holder.name) has it already, in line "
                    + "\(holder.line)", at: node)
        }
        return endpoint
    }
}
