internal import Glibc
internal import Yams

extension Configuration {
    /// Where a file has the control socket, `nil` for nowhere. Nothing else of the file is looked at: whoever wants to
    /// stop or ask a supervisor may have broken its configuration since it was read, or lack its environment variables.
    public static func controlSocket(ofFile file: String) throws(ConfigurationError) -> String? {
        let text = try text(ofFile: file)
        let report = ProblemReport(file: file) { name in getenv(name).map { String(cString: $0) } }
        var path: String? = SupervisorSettings.standardControlSocket
        do {
            if let node = try Yams.compose(yaml: text)?.mapping?["control"] {
                path = ConfigurationReader(report: report).controlSocket(node)
            }
        } catch {
            report.addSyntaxError(error)
        }
        guard report.problems.isEmpty else { throw ConfigurationError(problems: report.sorted) }
        return path
    }
}
