internal import Glibc

/// Users and groups of this machine, by name or number.
public enum Accounts {
    /// The number of a user that is named or numbered; a number needs no entry.
    public static func user(_ name: String) -> UInt32? {
        number(name) ?? entry({ getpwnam_r(name, $0, $1, $2, $3) }, passwd.self) { $0.pw_uid }
    }

    /// The number of a group that is named or numbered; a number needs no entry.
    public static func group(_ name: String) -> UInt32? {
        number(name) ?? entry({ getgrnam_r(name, $0, $1, $2, $3) }, Glibc.group.self) { $0.gr_gid }
    }

    /// The account of a user, with all its groups; `nil` if the machine has no entry for it.
    public static func account(_ name: String) -> ProcessSettings.Account? {
        func account(_ entry: passwd) -> ProcessSettings.Account? {
            guard let name = entry.pw_name, let home = entry.pw_dir else { return nil }
            return ProcessSettings.Account(
                name: String(cString: name), user: entry.pw_uid, group: entry.pw_gid, home: String(cString: home),
                groups: groups(of: name, with: entry.pw_gid))
        }
        if let number = number(name) {
            return entry({ getpwuid_r(number, $0, $1, $2, $3) }, passwd.self, account) ?? nil
        }
        return entry({ getpwnam_r(name, $0, $1, $2, $3) }, passwd.self, account) ?? nil
    }

    /// The name of a user; `nil` if the machine has no entry for it.
    public static func userName(_ number: UInt32) -> String? {
        entry({ getpwuid_r(number, $0, $1, $2, $3) }, passwd.self) { $0.pw_name.map { String(cString: $0) } } ?? nil
    }

    /// The name of a group; `nil` if the machine has no entry for it.
    public static func groupName(_ number: UInt32) -> String? {
        entry({ getgrgid_r(number, $0, $1, $2, $3) }, Glibc.group.self) { $0.gr_name.map { String(cString: $0) } }
            ?? nil
    }

    private static func groups(of name: UnsafePointer<CChar>, with group: gid_t) -> [UInt32] {
        // The kernel's own bound (NGROUPS_MAX) is 65,536; if the array is too small, a larger one is tried.
        var count: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let offered = count
            if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
            guard count > offered, count <= 65_537 else { return [group] }
        }
    }

    private typealias Lookup<Entry> = (
        UnsafeMutablePointer<Entry>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
    ) -> Int32

    /// Looks an entry up and returns the value that `read` makes of it; the entry lives only as long as the call. The
    /// plain getpwnam(3) shares one buffer among all threads.
    private static func entry<Entry, Result>(
        _ lookup: Lookup<Entry>, _: Entry.Type, _ read: (Entry) -> Result
    ) -> Result? {
        // A group's entry lists its members, and some organisations have many.
        var size = 16_384
        while size <= 1 << 24 {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
            defer {
                buffer.deallocate()
                entry.deallocate()
            }
            var found: UnsafeMutablePointer<Entry>?
            let result = lookup(entry, buffer, size, &found)
            if result != ERANGE { return result == 0 ? found.map { read($0.pointee) } : nil }
            size *= 4
        }
        return nil
    }

    /// The largest number is no account: chown(2) takes it for "leave as it is".
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) == true else { return nil }
        return UInt32(text).flatMap { $0 == UInt32.max ? nil : $0 }
    }
}
