internal import CGatehouseSystem
public import GatehouseConfiguration
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc
internal import Synchronization

/// The users that may connect to a socket file, by its permissions and those of the folders above it. A front server
/// that may not logs "permission denied", and its clients get 502.
public struct SocketReach: Equatable, Sendable {
    /// `0660 root:www-data`, and which of the users that the mode lets in are kept out by a folder.
    public let summary: String
    /// The fault if only root may connect; `nil` if others may.
    public let warning: String?

    /// A user or group that the mode lets in.
    private enum Party: Equatable {
        case user(UInt32)
        case group(UInt32)
        case everybody

        var name: String {
            switch self {
            case .user(let number): "user \(SocketReach.user(number))"
            case .group(let number): "group \(SocketReach.group(number))"
            case .everybody: "everybody"
            }
        }
    }

    /// The reach of a socket that is there; `nil` if its file is not.
    init?(file path: String) {
        var status = stat()
        guard path.hasPrefix("/"), lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.init(
            path, SocketAccess(owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o777),
            hasList: gatehouse_has_access_list(path) == 1)
    }

    /// The reach of a socket that the running user would make; `nil` for an endpoint without a file of its own.
    public init?(_ endpoint: Endpoint, settings: SocketSettings) {
        guard case .unix(let relative) = endpoint.address else { return nil }
        let path = Paths.absolute(relative)
        let group = settings.group ?? UnixListener.groupOfNewFiles(in: Paths.folder(of: path))
        self.init(
            path, SocketAccess(owner: settings.owner ?? geteuid(), group: group, mode: settings.mode), hasList: false)
    }

    init(summary: String, warning: String?) {
        self.summary = summary
        self.warning = warning
    }

    private init(_ path: String, _ access: SocketAccess, hasList: Bool) {
        var parties: [Party] = []
        // To connect is to write (unix(7)).
        if access.owner != 0, access.mode & 0o200 != 0 { parties.append(.user(access.owner)) }
        if access.group != 0, access.mode & 0o020 != 0 { parties.append(.group(access.group)) }
        if access.mode & 0o002 != 0 { parties.append(.everybody) }
        let folders = Self.folders(above: path)
        let obstacles = parties.map { party in folders.first { !$0.lets(party) } }
        let own = Self.describe(mode: access.mode, owner: access.owner, group: access.group)
        var summary = own + (hasList ? " with an access list" : "")
        var reasons: [String] = []
        for (party, obstacle) in zip(parties, obstacles) {
            guard let obstacle else { continue }
            reasons.append("\(party.name) cannot enter \(obstacle.path) (\(obstacle.description))")
        }
        if !reasons.isEmpty { summary += ", but " + reasons.joined(separator: " and ") }
        self.summary = summary
        guard !hasList, obstacles.allSatisfy({ $0 != nil }) else {
            warning = nil
            return
        }
        warning =
            "only root may connect: "
            + (reasons.isEmpty ? "it is \(own)" : reasons.joined(separator: ", and "))
            + ": a front server that runs as another user answers 502: name its group in \"socket\" (or by "
            + "--socket-group), and let it enter the folder"
    }

    // MARK: Folders

    private struct Folder {
        let path: String
        let status: stat
        let hasList: Bool

        var description: String {
            SocketReach.describe(mode: status.st_mode & 0o777, owner: status.st_uid, group: status.st_gid)
        }

        /// An access list may let in a user whom the mode does not.
        func lets(_ party: Party) -> Bool {
            if hasList || status.st_mode & 0o001 != 0 { return true }
            switch party {
            case .everybody: return false
            case .group(let group): return status.st_gid == group && status.st_mode & 0o010 != 0
            case .user(let user):
                if status.st_uid == user { return status.st_mode & 0o100 != 0 }
                return SocketReach.groupsOfUsers[user].contains(status.st_gid) && status.st_mode & 0o010 != 0
            }
        }
    }

    private static func folders(above path: String) -> [Folder] {
        var folder = Paths.folder(of: path)
        if let real = realpath(folder, nil) {
            folder = String(cString: real)
            free(real)
        }
        var paths = [folder]
        while folder != "/" {
            folder = Paths.folder(of: folder)
            paths.append(folder)
        }
        return paths.reversed().compactMap { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Folder(path: path, status: status, hasList: gatehouse_has_access_list(path) == 1)
        }
    }

    // MARK: Words

    private static func describe(mode: UInt32, owner: UInt32, group: UInt32) -> String {
        let digits = String(mode, radix: 8)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(padded) \(user(owner)):\(self.group(group))"
    }

    private static func user(_ number: UInt32) -> String { users[number] }
    private static func group(_ number: UInt32) -> String { groups[number] }

    private static let users = Remembered { Accounts.userName($0) ?? String($0) }
    private static let groups = Remembered { Accounts.groupName($0) ?? String($0) }
    private static let groupsOfUsers = Remembered { Accounts.account(String($0))?.groups ?? [] }

    /// Has names and memberships looked up anew.
    static func forgetAccounts() {
        users.forget()
        groups.forget()
        groupsOfUsers.forget()
    }
}

/// Names of users or groups by number, each looked up once until it is forgotten: the answer can come from a directory
/// service, and a supervisor that is only asked for its status must not wait for one that is down.
final class Remembered<Value: Sendable>: Sendable {
    private let known = Mutex<[UInt32: Value]>([:])
    private let ask: @Sendable (UInt32) -> Value

    init(_ ask: @escaping @Sendable (UInt32) -> Value) { self.ask = ask }

    subscript(number: UInt32) -> Value {
        known.withLock { known in
            if let value = known[number] { return value }
            let value = ask(number)
            known[number] = value
            return value
        }
    }

    func forget() { known.withLock { $0 = [:] } }
}
