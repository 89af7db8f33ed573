internal import Yams

/// `socket: { mode: "0660", group: www-data }`
struct SocketReader {
    let report: ProblemReport

    /// - Parameter isForProgram: whether the sockets are accepted on by a program, which checks no users.
    func read(_ node: Node, isForProgram: Bool) -> SocketSettings {
        var settings = SocketSettings()
        let keys = ["mode", "owner", "group", "allow-users", "allow-remote"]
        guard let fields = Fields(node, what: "socket", keys: keys, report: report) else { return settings }
        let reader = ScalarReader(report: report)
        if let node = fields["mode"], let text = reader.text(node, "\"mode\"") {
            if let mode = SocketSettings.mode(text) {
                settings.mode = mode
            } else {
                report.add("\"mode\" is an octal number such as \"0660\", not \"\(printable(text))\"", at: node)
            }
        }
        settings.owner = fields["owner"].flatMap { user($0, reader) }
        if let node = fields["group"], let name = reader.name(node, "\"group\"") {
            settings.group = Accounts.group(name)
            if settings.group == nil {
                report.add("there is no group \"\(printable(name))\" on this machine", at: node)
            }
        }
        if let node = fields["allow-users"], isForProgram {
            report.add(
                "\"allow-users\" is checked by workers that run modules, a program does not know of it: use \"mode\", "
                    + "\"owner\" and \"group\"", at: fields.key("allow-users") ?? node)
        } else if let node = fields["allow-users"] {
            if let sequence = node.sequence {
                settings.allowedUsers = sequence.compactMap { user($0, reader) }
                if sequence.isEmpty { report.add("\"allow-users\" is empty: nobody could connect", at: node) }
            } else {
                report.add("\"allow-users\" is a list of users, not \(node.kind)", at: node)
            }
        }
        if let node = fields["allow-remote"], let flag = reader.flag(node, "\"allow-remote\"") {
            settings.allowsRemote = flag
        }
        return settings
    }

    private func user(_ node: Node, _ reader: ScalarReader) -> UInt32? {
        guard let name = reader.name(node, "a user") else { return nil }
        let user = Accounts.user(name)
        if user == nil { report.add("there is no user \"\(printable(name))\" on this machine", at: node) }
        return user
    }
}
