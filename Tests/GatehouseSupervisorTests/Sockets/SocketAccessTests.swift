@testable import GatehouseSupervisor
import Testing

/// A change of owner or mode lets nobody in on the way (row E5).
struct SocketAccessTests {
    /// Whether a process of that user with that group may connect: the first class that fits decides
    /// (path_resolution(7)).
    private func allows(_ access: SocketAccess, user: UInt32, group: UInt32) -> Bool {
        let shift: UInt32 = access.owner == user ? 6 : access.group == group ? 3 : 0
        return access.mode >> shift & 0o2 != 0
    }

    @Test func `on the way no user may connect who may neither before nor afterwards`() {
        let owners: [UInt32] = [1, 2]
        let all = owners.flatMap { owner in
            owners.flatMap { group in
                ([0o600, 0o620, 0o602, 0o622, 0o000] as [UInt32]).map {
                    SocketAccess(owner: owner, group: group, mode: $0)
                }
            }
        }
        for old in all {
            for new in all {
                let steps = old.steps(to: new)
                #expect((steps.last ?? old) == new)
                for (user, group) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 3)] as [(UInt32, UInt32)] {
                    let mayEver = allows(old, user: user, group: group) || allows(new, user: user, group: group)
                    #expect(mayEver || !steps.contains { allows($0, user: user, group: group) }, "\(old) to \(new)")
                }
            }
        }
    }

    @Test func `each step is one call, and what is the same is left alone`() {
        let old = SocketAccess(owner: 1, group: 1, mode: 0o660)
        #expect(old.steps(to: old).isEmpty)
        #expect(old.steps(to: SocketAccess(owner: 1, group: 1, mode: 0o666)).map(\.mode) == [0o666])
        #expect(old.steps(to: SocketAccess(owner: 1, group: 2, mode: 0o660)).map(\.group) == [2])
        let steps = old.steps(to: SocketAccess(owner: 2, group: 2, mode: 0o606))
        #expect(steps.map(\.mode) == [0o600, 0o600, 0o606])
        #expect(steps.map(\.owner) == [1, 2, 2])
    }
}
