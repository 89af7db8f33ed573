internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The modules that the workers of one generation load: each file as it was when the generation was made, once in
/// memory for all of them. A worker that is started later loads the same, whatever lies in the file's place by then.
///
/// A module that cannot be copied is left out: the worker then tries by itself, and reports the fault.
final class ModuleCopies {
    private var copies: [String: ModuleCopy] = [:]
    /// The reason why the system forbids copies: a later worker may then load another file.
    private(set) var problem: String?

    /// The largest module in bytes: the file may belong to the pool's user, but the memory is the supervisor's.
    static let largest = 256 << 20

    init(of pool: PoolConfiguration) {
        guard !pool.modules.isEmpty else { return }
        var own = gatehouse_own_look()
        let process = pool.process
        let user = process.user?.user ?? geteuid()
        // Opened with the user's rights: root could read more, and would hand it to them.
        let looksAsOther = geteuid() == 0 && (process.user != nil || process.group != nil)
        if looksAsOther {
            let group = process.group ?? process.user?.group ?? getegid()
            let groups = process.user?.groups ?? [group]
            guard gatehouse_look_as(user, group, groups, Int32(groups.count), &own) == 0 else {
                problem =
                    "cannot read the modules with the rights of the pool's user: \(SystemError.text()): each worker "
                    + "reads them by itself, and one that is started later may find other files; allow setgroups, "
                    + "setfsuid and setfsgid (systemd: SystemCallFilter=, and CAP_SETUID and CAP_SETGID, as in "
                    + "root.conf)"
                return
            }
        }
        for module in pool.modules {
            copies[module.plan.path] = try? ModuleCopy.make(of: module.plan.path, for: user, largest: Self.largest)
        }
        if looksAsOther { gatehouse_look_as_self(&own) }
    }

    /// The modules' names by their stamps.
    private(set) lazy var names = copies.values.compactMap { try? ModuleFile($0).stamp.module }

    /// Adds the copies to a worker's descriptors and to its plan.
    func hand(to plan: inout WorkerPlan, _ inherited: inout [Int32]) {
        var places: [String: Int32] = [:]
        for index in plan.modules.indices {
            let path = plan.modules[index].path
            guard let copy = copies[path] else { continue }
            if places[path] == nil {
                places[path] = Int32(3 + inherited.count)
                inherited.append(copy.descriptor)
            }
            plan.modules[index].copy = places[path]
            plan.modules[index].copiedFrom = copy.path
        }
    }

    /// Each module's file and the descriptor of its copy.
    var all: [(path: String, descriptor: Int32)] {
        copies.values.map { ($0.path, $0.descriptor) }.sorted { $0.path < $1.path }
    }
}
