internal import GatehouseSystem
internal import Glibc
internal import Yams

/// The rights and limits of a pool's processes in the operating system.
public struct ProcessSettings: Equatable, Sendable {
    /// `user: app`; with it come the user's own group and supplementary groups. `nil`: the supervisor's.
    public var user: Account?
    /// `group: app`, instead of the user's own.
    public var group: UInt32?
    /// `environment: { LANG: C.UTF-8 }`. The processes have no further variables except PATH, HOME, USER and LOGNAME.
    public var environment: [String: String] = [:]
    /// Whether the supervisor's own environment is passed on: only for `serve --module`, which is for trying a module,
    /// and never with a configuration.
    public var inheritsEnvironment = false
    /// `directory: /srv/app`; `nil` is `/`.
    public var directory: String?
    /// `nice: 5`, from -20 to 19.
    public var nice: Int?
    /// `cpus: [0, 1]` or `cpus: 0-3,6`.
    public var processors: [Int]?
    /// `rlimits: { open-files: 65536, core: 0 }`
    public var resourceLimits: [ResourceLimit] = []

    public init() {}

    /// The account of a user, as the machine's user database has it.
    public struct Account: Equatable, Sendable {
        public var name: String
        public var user: UInt32
        public var group: UInt32
        public var home: String
        /// With `group` among them.
        public var groups: [UInt32]

        public init(name: String, user: UInt32, group: UInt32, home: String, groups: [UInt32]) {
            self.name = name
            self.user = user
            self.group = group
            self.home = home
            self.groups = groups
        }
    }

    /// One of the kernel's limits of a process.
    public struct ResourceLimit: Equatable, Sendable {
        /// RLIMIT_NOFILE and its kin (getrlimit(2)).
        public var resource: Int32
        /// Soft and hard; `nil` is unlimited.
        public var value: UInt64?

        public init(resource: Int32, value: UInt64?) {
            self.resource = resource
            self.value = value
        }
    }
}

/// Reads `user: app`, `group: app`, `environment: {...}`, `directory: /srv/app`, `nice: 5`, `cpus: 0-3` and
/// `rlimits: {...}`.
struct ProcessReader {
    let report: ProblemReport

    func read(_ fields: Fields) -> ProcessSettings {
        let reader = ScalarReader(report: report)
        var settings = ProcessSettings()
        if let node = fields["group"], let name = reader.name(node, "\"group\"") {
            settings.group = Accounts.group(name)
            if settings.group == nil {
                report.add("there is no group \"\(printable(name))\" on this machine", at: node)
            }
        }
        if let node = fields["user"], let name = reader.name(node, "\"user\"") {
            settings.user = user(name, group: settings.group, groupIsNamed: fields["group"] != nil, at: node)
        }
        report.rights = rights(fields, settings)
        if let node = fields["environment"] { settings.environment = environment(node, reader) }
        if let node = fields["directory"] { settings.directory = reader.path(node, "\"directory\"") }
        if let node = fields["nice"] { settings.nice = reader.wholeNumber(node, "\"nice\"", in: -20...19) }
        if let node = fields["cpus"] { settings.processors = ProcessorsReader(report: report).read(node) }
        if let node = fields["rlimits"] { settings.resourceLimits = ResourceLimitsReader(report: report).read(node) }
        return settings
    }

    /// Root reads for a pool's user no more than that user could. Anybody else has one user for all.
    private func rights(_ fields: Fields, _ settings: ProcessSettings) -> ProblemReport.Rights {
        if (fields["user"] != nil && settings.user == nil) || (fields["group"] != nil && settings.group == nil) {
            return .unknown
        }
        guard geteuid() == 0, settings.user != nil || settings.group != nil else { return .own }
        let group = settings.group ?? settings.user?.group ?? getegid()
        return .user(
            FileRights(
                user: settings.user?.user ?? geteuid(), group: group, groups: settings.user?.groups ?? [group]))
    }

    private func user(
        _ name: String, group: UInt32?, groupIsNamed: Bool, at node: Node
    ) -> ProcessSettings.Account? {
        if let account = Accounts.account(name) { return account }
        guard let number = Accounts.user(name) else {
            report.add("there is no user \"\(printable(name))\" on this machine", at: node)
            return nil
        }
        guard let group else {
            if !groupIsNamed {
                report.add(
                    "user \(number) has no entry on this machine that would name its group: write \"group\" too",
                    at: node)
            }
            return nil
        }
        return .init(name: String(number), user: number, group: group, home: "/", groups: [group])
    }

    /// The variables that Gatehouse sets itself, differently for each process: a fixed value would be false in most.
    private static let reserved = [
        "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "MAINPID",
    ]

    private func environment(_ node: Node, _ reader: ScalarReader) -> [String: String] {
        guard let mapping = node.mapping else {
            report.add("\"environment\" is a mapping from names to values, not \(node.kind)", at: node)
            return [:]
        }
        var environment: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, Self.isName(name) else {
                report.add("an environment variable's name has letters, digits and \"_\", not \(key.kind)", at: key)
                continue
            }
            if Self.reserved.contains(name) {
                report.add("\"\(name)\" is set by Gatehouse itself for each process: leave it out", at: key)
            }
            guard let text = reader.text(value, "\"\(name)\"", canBeSecret: true) else { continue }
            if text.utf8.contains(0) { report.add("\"\(name)\" cannot have a NUL in it", at: value) }
            if environment.updateValue(text, forKey: name) != nil {
                report.add("\"\(name)\" is written more than once", at: key)
            }
        }
        return environment
    }

    private static func isName(_ name: String) -> Bool {
        let isStart = name.utf8.first.map { !(48...57).contains($0) } == true
        return isStart
            && name.utf8.allSatisfy {
                $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }
}
