internal import GatehousePlan
internal import GatehouseSystem
internal import Yams

/// Reads `listen: [fastcgi:/run/gatehouse/web.sock, fastcgi:systemd:web]`
struct EndpointsReader {
    let report: ProblemReport
    let addresses: AddressBook
    let pool: String
    /// Whether a program serves the endpoints, which may speak any protocol; workers speak the gateway protocols.
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

/// The owners of addresses: no two pools can listen on the same, and the control socket needs one of its own.
final class AddressBook {
    struct Owner {
        /// For messages: `pool "web"`, `the control socket`.
        var name: String
        var line: Int
    }

    private var owners: [Endpoint.Address: Owner] = [:]

    /// Enters an address.
    /// - Returns: the owner that has it already; `nil` if there is none.
    func take(_ address: Endpoint.Address, for owner: Owner) -> Owner? {
        let key = Self.normalise(address)
        if let holder = owners[key] { return holder }
        owners[key] = owner
        return nil
    }

    /// `./a.sock`, `/srv//a.sock` and the absolute path are one file.
    private static func normalise(_ address: Endpoint.Address) -> Endpoint.Address {
        guard case .unix(let path) = address else { return address }
        return .unix(path: "/" + Paths.absolute(path).split(separator: "/").filter { $0 != "." }.joined(separator: "/"))
    }
}
