internal import GatehousePlan
internal import GatehouseSystem
internal import Yams

/// Reads the whole file: the supervisor's settings, and the pools.
struct ConfigurationReader {
    let report: ProblemReport

    /// The configuration; it counts only if nothing was reported.
    func read(_ root: Node) -> Configuration {
        var configuration = Configuration(pools: [])
        configuration.settings.controlSocket = SupervisorSettings.standardControlSocket
        let keys = ["pools", "control", "state", "log"]
        guard let fields = Fields(root, what: "the configuration", keys: keys, report: report) else {
            return configuration
        }
        let reader = ScalarReader(report: report)
        let addresses = AddressBook()
        if let node = fields["control"] { configuration.settings.controlSocket = controlSocket(node) }
        if let path = configuration.settings.controlSocket {
            let line = fields["control"]?.mark?.line ?? 1
            let name = fields["control"] == nil ? "the default control socket" : "the control socket"
            _ = addresses.take(.unix(path: path), for: .init(name: name, line: line))
        }
        configuration.settings.stateFolder =
            fields["state"].map { reader.path($0, "\"state\"") } ?? systemdsStateFolder
        if let place = fields["log"].flatMap({ reader.logPlace($0, "\"log\"") }) { configuration.settings.log = place }
        if let pools = fields["pools"] {
            configuration.pools = PoolsReader(report: report, addresses: addresses).read(pools)
        } else {
            report.add("the key \"pools\" is missing", at: root)
        }
        return configuration
    }

    /// The folder that systemd has made for the service (systemd.exec(5), `StateDirectory=`), the first if there are
    /// several; `nil` if this is no such service.
    private var systemdsStateFolder: String? {
        report.variable("STATE_DIRECTORY")?.split(separator: ":").first.map(String.init).flatMap {
            $0.hasPrefix("/") ? $0 : nil
        }
    }

    /// `nil` if it is off, and, reported, if no path can be read.
    func controlSocket(_ node: Node) -> String? {
        let reader = ScalarReader(report: report)
        guard !reader.isOff(node), let path = reader.path(node, "\"control\"") else { return nil }
        guard path.utf8.count <= Endpoint.longestSocketPath, !path.hasSuffix("/") else {
            report.add(
                "\"control\" is the path of a socket, up to \(Endpoint.longestSocketPath) bytes, or off, not "
                    + "\"\(printable(path))\"", at: node)
            return nil
        }
        return path
    }
}

extension Configuration {
    /// The control socket that a file names; `nil` if it is off. The rest of the file is not looked at: a command must
    /// reach a supervisor whose configuration has been broken since it was read, or needs environment variables that
    /// the command lacks.
    public static func controlSocket(ofFile file: String) throws(ConfigurationError) -> String? {
        let text = try text(ofFile: file)
        let report = ProblemReport(file: file, environment: ProcessEnvironment.value(of:))
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
