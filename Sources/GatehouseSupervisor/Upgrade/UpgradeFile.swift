internal import CGatehouseSystem
internal import FoundationEssentials
internal import GatehousePlan
internal import Glibc

/// The state on its way from one program to the next.
enum UpgradeFile {
    /// - Returns: the descriptor of the file, which outlives exec, as do all that the state names.
    static func write(_ state: UpgradeState) throws(SupervisorError) -> Int32 {
        guard let bytes = try? JSONEncoder().encode(state) else {
            throw SupervisorError("the state cannot be written as JSON", .internal)
        }
        let file = gatehouse_memory_file("gatehouse-upgrade")
        guard file >= 0 else { throw SupervisorError("memfd_create: \(systemError())", .internal) }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                throw SupervisorError("the state cannot be written: \(systemError())", .internal)
            }
            rest = rest.dropFirst(count)
        }
        return file
    }

    /// What the program before this one has left; `nil` where there was none. The variable is removed.
    static func take() throws(SupervisorError) -> UpgradeState? {
        guard let text = TakenVariables.take([UpgradeState.variable])[UpgradeState.variable] else { return nil }
        guard let file = Int32(text), file > 2 else { return nil }
        defer { close(file) }
        let state = try read(file)
        setInherited(state.descriptors, false)
        return state
    }

    static func read(_ file: Int32) throws(SupervisorError) -> UpgradeState {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(file, &buffer, buffer.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        guard let state = try? JSONDecoder().decode(UpgradeState.self, from: Data(bytes)),
            state.version == UpgradeState.currentVersion
        else {
            throw SupervisorError(
                "the supervisor before this one has left what this version does not understand: restart instead",
                .internal)
        }
        return state
    }

    /// Whether descriptors survive exec.
    static func setInherited(_ descriptors: [Int32], _ isInherited: Bool) {
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, isInherited ? 0 : FD_CLOEXEC) }
    }
}
