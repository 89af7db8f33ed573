/// Who may connect to a socket file.
struct SocketAccess: Equatable {
    var owner: UInt32
    var group: UInt32
    var mode: UInt32

    /// The way from this to another, one system call a step. While the owners change, only what both modes allow is
    /// allowed: at no step may anybody connect who may neither before nor afterwards.
    func steps(to new: SocketAccess) -> [SocketAccess] {
        let both = mode & new.mode
        let hasNewOwners = (owner, group) != (new.owner, new.group)
        let path =
            hasNewOwners
            ? [
                SocketAccess(owner: owner, group: group, mode: both),
                SocketAccess(owner: new.owner, group: new.group, mode: both), new,
            ] : [new]
        return zip([self] + path, path).filter { $0 != $1 }.map(\.1)
    }
}
