internal import GatehousePlan
internal import Yams

/// The place of a log.
public enum LogPlace: Equatable, Sendable, CustomStringConvertible {
    case standardOutput
    case standardError
    /// An absolute path.
    case file(String)

    /// File names that lead to standard output and error count as these, because they are opened and written in another
    /// way than files.
    private static let names: [String: LogPlace] = [
        "stdout": .standardOutput, "/dev/stdout": .standardOutput, "/dev/fd/1": .standardOutput,
        "/proc/self/fd/1": .standardOutput, "stderr": .standardError, "/dev/stderr": .standardError,
        "/dev/fd/2": .standardError, "/proc/self/fd/2": .standardError,
    ]

    /// The place that a special name stands for; `nil` if the text is a plain path.
    init?(named text: String) {
        guard let place = Self.names[text] else { return nil }
        self = place
    }

    public var description: String {
        switch self {
        case .standardOutput: "stdout"
        case .standardError: "stderr"
        case .file(let path): path
        }
    }
}

/// The least severe level that a worker logs.
public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}

/// `access-log: { path: /var/log/gatehouse/web.log, format: combined }`
public struct AccessLogSettings: Equatable, Sendable {
    public var place: LogPlace
    /// One of `AccessLogFormat`'s names, or a format string: see `AccessLogPlan`.
    public var format: String

    public init(_ place: LogPlace, format: String = "combined") {
        self.place = place
        self.format = format
    }
}

/// `access-log: /var/log/gatehouse/web.log` or `access-log: { path: /var/log/gatehouse/web.log, format: json }`
struct AccessLogReader {
    let report: ProblemReport

    /// `nil`, reported, if no path can be read.
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
        // Environment variables are not expanded: in a format ${name} is a variable of the request, as nginx writes it.
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
