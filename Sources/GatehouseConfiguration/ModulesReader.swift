public import GatehousePlan
internal import Yams

/// A module of a pool, and its place in the configuration.
public struct ConfiguredModule: Equatable, Sendable {
    public var plan: ModulePlan
    /// The place of its path, for messages: `gatehouse.yaml:7:32`; empty for the command line.
    public var origin: String

    public init(_ plan: ModulePlan, origin: String = "") {
        self.plan = plan
        self.origin = origin
    }
}

/// `modules: [{ mount: /, path: libHello.so, settings: { ... } }]`
struct ModulesReader {
    let report: ProblemReport

    func read(_ node: Node) -> [ConfiguredModule] {
        guard let sequence = node.sequence else {
            report.add("\"modules\" is a list of mappings with \"mount\" and \"path\", not \(node.kind)", at: node)
            return []
        }
        if sequence.isEmpty { report.add("\"modules\" is empty: name at least one", at: node) }
        var lineOfMount: [String: Int] = [:]
        return sequence.compactMap { module($0, &lineOfMount) }
    }

    private func module(_ node: Node, _ lineOfMount: inout [String: Int]) -> ConfiguredModule? {
        guard let fields = Fields(node, what: "a module", keys: ["mount", "path", "settings"], report: report) else {
            return nil
        }
        let reader = ScalarReader(report: report)
        var plan = ModulePlan(path: "")
        // `nil` if the text is no mount: then nobody knows whether another module has it.
        var mount: String? = plan.mount
        if let node = fields["mount"] {
            guard let text = reader.name(node, "\"mount\"") else { return nil }
            do {
                mount = try Mount.normalise(text)
            } catch {
                report.add(error.message, at: node)
                mount = nil
            }
        }
        if let mount {
            plan.mount = mount
            let place = fields["mount"] ?? node
            if let line = lineOfMount.updateValue(place.mark?.line ?? 0, forKey: mount) {
                report.add("there is a module at \(mount) already, in line \(line)", at: place)
            }
        }
        if let node = fields["path"] {
            plan.path = reader.path(node, "\"path\"") ?? ""
        } else {
            report.add("the module has no \"path\": name its .so", at: node)
        }
        if let node = fields["settings"] {
            plan.settings = SettingsJSON(report: report).text(node)
            plan.settingsOrigin = "\(report.file):\(node.mark?.line ?? 0)"
        }
        let place = (fields["path"] ?? node).mark
        return ConfiguredModule(plan, origin: "\(report.file):\(place?.line ?? 0):\(place?.column ?? 0)")
    }
}
