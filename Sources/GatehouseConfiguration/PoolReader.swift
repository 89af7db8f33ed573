internal import GatehousePlan
internal import Yams

/// Reads one pool: `web: { listen: [...], modules: [...], ... }`
struct PoolReader {
    let report: ProblemReport
    let addresses: AddressBook
    let name: String

    private static let keys = [
        "listen", "socket", "modules", "command", "workers", "limits", "event-loops", "log-level", "user", "group",
        "environment", "directory", "nice", "cpus", "rlimits", "quarantine", "stalls", "access-log",
        "socket-passing", "stop-signal", "probe",
    ]
    /// The keys that mean nothing for a program.
    private static let moduleKeys = ["event-loops", "log-level", "quarantine", "stalls", "access-log"]
    private static let programKeys = ["socket-passing", "stop-signal", "probe"]

    func read(_ node: Node) -> PoolConfiguration {
        var pool = PoolConfiguration(name: name)
        guard let fields = Fields(node, what: "a pool", keys: Self.keys, report: report) else { return pool }
        let isForProgram = fields["command"] != nil
        checkKind(fields, at: node)
        // First, since the files of settings are read with the rights of the pool's user.
        pool.process = ProcessReader(report: report).read(fields)
        defer { report.rights = .own }
        if let node = fields["listen"] {
            let reader = EndpointsReader(report: report, addresses: addresses, pool: name, isForProgram: isForProgram)
            pool.endpoints = reader.read(node)
        } else {
            report.add(
                "the pool has no \"listen\": name its endpoints, such as fastcgi:/run/gatehouse/web.sock", at: node)
        }
        if let node = fields["modules"] { pool.modules = ModulesReader(report: report).read(node) }
        pool.program = ProgramReader(report: report).read(fields, endpoints: pool.endpoints)
        if let node = fields["socket"] {
            pool.socket = SocketReader(report: report).read(node, isForProgram: isForProgram)
            if pool.socket.allowedUsers != nil, let endpoint = pool.endpoints.first(where: \.isTCP) {
                report.add(
                    "\"allow-users\" cannot be asked of \(endpoint), TCP knows no users: use a Unix socket, or give "
                        + "that endpoint a pool of its own", at: node)
            }
        }
        if let node = fields["limits"] {
            pool.limits = LimitsReader(report: report, isForProgram: isForProgram).read(node)
        }
        if let node = fields["workers"],
            let count = WorkersReader(report: report, isForProgram: isForProgram).read(node)
        {
            pool.workers = count
        }
        readModuleSettings(fields, into: &pool)
        return pool
    }

    /// Checks that the pool has either modules or a program, and no setting of the other kind.
    private func checkKind(_ fields: Fields, at node: Node) {
        switch (fields.key("modules"), fields.key("command")) {
        case (nil, nil):
            report.add(
                "the pool has neither \"modules\" nor \"command\": name modules, or a program that serves its "
                    + "endpoints", at: node)
        case (_?, let command?):
            report.add("a pool has either \"modules\" or a \"command\": make two pools of this one", at: command)
        case (nil, _?):
            refuse(
                Self.moduleKeys, fields,
                "means nothing for a pool with a \"command\": it is for workers that run modules")
        case (_?, nil):
            refuse(Self.programKeys, fields, "means nothing for a pool of modules: it is for one with a \"command\"")
        }
    }

    private func refuse(_ names: [String], _ fields: Fields, _ reason: String) {
        for name in names {
            if let key = fields.key(name) { report.add("\"\(name)\" \(reason)", at: key) }
        }
    }

    private func readModuleSettings(_ fields: Fields, into pool: inout PoolConfiguration) {
        let reader = ScalarReader(report: report)
        if let node = fields["event-loops"],
            let count = reader.wholeNumber(node, "\"event-loops\"", in: PoolConfiguration.eventLoopRange)
        {
            pool.eventLoops = count
        }
        if let node = fields["quarantine"] { pool.quarantine = QuarantineReader(report: report).read(node) }
        if let node = fields["stalls"] { pool.stalls = StallsReader(report: report).read(node) }
        if let node = fields["access-log"] { pool.accessLog = AccessLogReader(report: report).read(node) }
        if let node = fields["log-level"], let text = reader.text(node, "\"log-level\"") {
            if let level = LogLevel(rawValue: text) {
                pool.logLevel = level
            } else {
                let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                report.add("\"log-level\" is one of \(names), not \"\(printable(text))\"", at: node)
            }
        }
    }
}

/// Reads `pools: { web: { listen: [...], modules: [...] } }`
struct PoolsReader {
    let report: ProblemReport
    let addresses: AddressBook

    /// The pools, in the file's order; their values count only if nothing was reported.
    func read(_ node: Node) -> [PoolConfiguration] {
        guard let mapping = node.mapping, !mapping.isEmpty else {
            report.add("\"pools\" is a mapping from pool names to their settings, not \(node.kind)", at: node)
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

    /// Names appear in logs, reports and arguments, and none of these characters needs a quote there.
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
