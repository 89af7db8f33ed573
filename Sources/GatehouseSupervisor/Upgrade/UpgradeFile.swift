internal import CGatehouseSystem
internal import FoundationEssentials
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The state on its way from one program to the next.
enum UpgradeFile {
    /// - Returns: the descriptor of the file, which outlives exec, as do all that the state names.
    static func write(_ state: UpgradeState) throws(OperatorError) -> Int32 {
        guard let bytes = try? JSONEncoder().encode(state) else {
            throw OperatorError("the state cannot be written as JSON", .internal)
        }
        do throws(SystemError) {
            return try MemoryFile.make("gatehouse-upgrade", holding: bytes)
        } catch {
            throw OperatorError("the state cannot be written: \(error)", .internal)
        }
    }

    /// The state that the program before this one left; `nil` if there was none. The variable is removed.
    static func take() throws(OperatorError) -> UpgradeState? {
        guard let text = ProcessEnvironment.take([UpgradeState.variable])[UpgradeState.variable] else { return nil }
        guard let file = Int32(text), file > 2 else { return nil }
        defer { close(file) }
        let state = try read(file)
        setInherited(state.descriptors, false)
        return state
    }

    static func read(_ file: Int32) throws(OperatorError) -> UpgradeState {
        let bytes = (try? Descriptor.read(file, at: 0)) ?? []
        guard let state = try? JSONDecoder().decode(UpgradeState.self, from: Data(bytes)),
            state.version == UpgradeState.currentVersion
        else {
            throw OperatorError(
                "cannot read the state left by the previous supervisor (a different version?): restart instead of "
                    + "upgrading",
                .internal)
        }
        return state
    }

    /// Sets whether descriptors survive exec.
    static func setInherited(_ descriptors: [Int32], _ isInherited: Bool) {
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, isInherited ? 0 : FD_CLOEXEC) }
    }
}
