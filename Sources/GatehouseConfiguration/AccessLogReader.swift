internal import GatehousePlan
internal import Yams

/// `access-log: /var/log/gatehouse/web.log` or `access-log: { path: /var/log/gatehouse/web.log, format: json }`
struct AccessLogReader {
    let report: ProblemReport

    /// `nil`, reported, where no path can be read.
    func read(_ node: Node) -> AccessLogSettings? {
        let reader = ScalarReader(report: report)
        if node.scalar != nil { return reader.logPlace(node, "\"access-log\"").map { AccessLogSettings($0) } }
        guard let fields = Fields(node, what: "an access log", keys: ["path", "format"], report: report) else {
            return nil
        }
        let format = fields["format"].flatMap { self.format($0, reader) }
        guard let path = fields["path"] else {
            report.add("the access log has no \"path\"", at: node)
            return nil
        }
        var settings = reader.logPlace(path, "\"path\"").map { AccessLogSettings($0) }
        if let format { settings?.format = format }
        return settings
    }

    private func format(_ node: Node, _ reader: ScalarReader) -> String? {
        // Not expanded: in a format ${name} is a variable of the request, as nginx writes it.
        guard let text = node.scalar?.string, !text.isEmpty else {
            let names = AccessLogFormat.names.joined(separator: ", ")
            report.add("\"format\" is \(names), or a text with variables, not \(node.kind)", at: node)
            return nil
        }
        do {
            _ = try AccessLogFormat(text)
            return text
        } catch {
            report.add(Self.message(error), at: node)
            return nil
        }
    }

    private static func message(_ error: AccessLogFormatError) -> String {
        let message = "the access log's \"format\": \(error)"
        guard case .unknownVariable(let name) = error.reason,
            let nearest = NearestName.find(name, among: AccessLogFormat.variableNames)
        else { return message }
        return message + "; did you mean $\(nearest)?"
    }
}
