internal import Glibc

/// Users and groups of this machine, by name or number.
public enum Accounts {
    public static func user(_ name: String) -> UInt32? {
        number(name) ?? getpwnam(name)?.pointee.pw_uid
    }

    public static func group(_ name: String) -> UInt32? {
        number(name) ?? getgrnam(name)?.pointee.gr_gid
    }

    /// The largest number is no account: chown(2) takes it for "leave as it is".
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) == true else { return nil }
        return UInt32(text).flatMap { $0 == UInt32.max ? nil : $0 }
    }
}
