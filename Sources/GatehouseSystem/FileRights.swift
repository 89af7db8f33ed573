internal import CGatehouseSystem
internal import Glibc

/// The rights to files of another user, which root takes for a moment: what root may read, that user may not see.
public struct FileRights: Sendable, Equatable {
    public var user: UInt32
    public var group: UInt32
    /// With `group` among them.
    public var groups: [UInt32]

    public init(user: UInt32, group: UInt32, groups: [UInt32]) {
        self.user = user
        self.group = group
        self.groups = groups
    }

    /// Runs `body` with these rights. They are this thread's alone (setfsuid(2)).
    /// - Throws: `EPERM` and its kin if this process cannot take them; then nothing was run.
    public func run<Result>(_ body: () -> Result) throws(SystemError) -> Result {
        var own = gatehouse_own_look()
        guard gatehouse_look_as(user, group, groups, Int32(groups.count), &own) == 0 else {
            throw SystemError("setfsuid")
        }
        defer { gatehouse_look_as_self(&own) }
        return body()
    }
}
