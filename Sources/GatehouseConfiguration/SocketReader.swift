internal import Yams

/// The users who may connect to a pool's Unix sockets, and whether other machines may reach its TCP sockets.
public struct SocketSettings: Equatable, Sendable {
    /// The socket file's permissions. The default excludes other users: an operator who wants them has to say so.
    public var mode: UInt32 = 0o660
    /// The socket file's owner; `nil` leaves the running user.
    public var owner: UInt32?
    /// The socket file's group; `nil` leaves the running user's.
    public var group: UInt32?
    /// Users whose processes may connect, by SO_PEERCRED; `nil` for everybody who can open the file.
    public var allowedUsers: [UInt32]?
    /// Whether a TCP endpoint may be one that other machines reach. The gateway protocols have no authentication at
    /// all.
    public var allowsRemote = false

    public init() {}
}

extension SocketSettings {
    /// Permissions from an octal number: `0660`, `660`. `nil` if it is none, has more than permission bits, or gives
    /// the owner no way to connect.
    public static func mode(_ text: String) -> UInt32? {
        let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
        guard (3...4).contains(digits.count), digits.allSatisfy({ ("0"..."7").contains($0) }),
            let mode = UInt32(digits, radix: 8), mode & ~0o777 == 0, mode & 0o600 == 0o600
        else { return nil }
        return mode
    }
}

/// Reads `socket: { mode: "0660", group: www-data }`
struct SocketReader {
    let report: ProblemReport

    /// - Parameter isForProgram: whether a program accepts on the sockets; programs check no users.
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
                "\"allow-users\" is checked by workers that run modules, and not by a program: use \"mode\", "
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
