/// Who may connect to a pool's Unix sockets, and whether its TCP sockets may be reached from elsewhere.
public struct SocketSettings: Equatable, Sendable {
    /// The socket file's permissions. 0660 or fewer: others are never let in unless the operator writes so.
    public var mode: UInt32 = 0o660
    /// The socket file's owner; `nil` leaves the running user.
    public var owner: UInt32?
    /// The socket file's group; `nil` leaves the running user's.
    public var group: UInt32?
    /// Users whose processes may talk to it, by SO_PEERCRED; `nil` for whoever can open the file.
    public var allowedUsers: [UInt32]?
    /// Whether a TCP endpoint may be one that other machines reach. The gateway protocols have no authentication at
    /// all.
    public var allowsRemote = false

    public init() {}
}

extension SocketSettings {
    /// Permissions as an octal number: `0660`, `660`. `nil` where it is none, has more than permission bits, or gives
    /// the owner no way to connect.
    public static func mode(_ text: String) -> UInt32? {
        let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
        guard (3...4).contains(digits.count), digits.allSatisfy({ ("0"..."7").contains($0) }),
            let mode = UInt32(digits, radix: 8), mode & ~0o777 == 0, mode & 0o600 == 0o600
        else { return nil }
        return mode
    }
}
