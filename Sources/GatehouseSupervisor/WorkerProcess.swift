internal import CGatehouseSystem
internal import FoundationEssentials
internal import GatehousePlan
internal import Glibc

/// One worker's process, started by exec and never by a bare fork: a Swift process that has threads cannot be forked
/// safely.
///
/// The child inherits descriptors 0 to 2, its control channel as 3, its plan as 4, and from 5 on the listening sockets.
/// The control channel is one end of a socket pair, so that a parent that died is an end-of-file for the worker.
final class WorkerProcess {
    /// Readable when the process has ended.
    let processDescriptor: Int32
    /// The worker's reports.
    let controlDescriptor: Int32
    private let pid: pid_t

    private static let controlNumber: Int32 = 3
    private static let planNumber: Int32 = 4
    private static let firstListenerNumber: Int32 = 5

    /// Starts `program` with `plan`, whose listeners' descriptors are numbered here, in the order of `sockets`.
    init(program: String, plan: WorkerPlan, sockets: [ListeningSocket]) throws(SupervisorError) {
        var numbered = plan
        for index in numbered.listeners.indices {
            numbered.listeners[index].descriptor = Self.firstListenerNumber + Int32(index)
        }
        let planFile = try Self.write(numbered)
        defer { close(planFile) }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SupervisorError("cannot start a worker: socketpair: \(systemError())", .internal)
        }
        defer { close(ends[1]) }
        controlDescriptor = ends[0]
        do throws(SupervisorError) {
            guard fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else {
                throw SupervisorError("cannot start a worker: \(systemError())", .internal)
            }
            pid = try Self.spawn(program, descriptors: [ends[1], planFile] + sockets.map(\.descriptor))
        } catch {
            close(ends[0])
            throw error
        }
        // The child has not been waited for, so its number is still its own.
        processDescriptor = gatehouse_process_descriptor(pid)
        guard processDescriptor >= 0 else {
            let reason = systemError()
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            close(ends[0])
            throw SupervisorError("cannot watch a worker: pidfd_open: \(reason)", .internal)
        }
    }

    deinit {
        close(processDescriptor)
        close(controlDescriptor)
    }

    func signal(_ number: Int32) {
        gatehouse_signal_process(processDescriptor, number)
    }

    /// How the process ended; waits for that.
    func wait() -> WorkerEnd {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(status: ExitStatus.internal.rawValue) }
        }
        var code: Int32 = 0
        return gatehouse_did_exit(status, &code) != 0 ? .exited(status: code) : .killed(signal: code)
    }

    private static func write(_ plan: WorkerPlan) throws(SupervisorError) -> Int32 {
        guard let bytes = try? JSONEncoder().encode(plan) else {
            throw SupervisorError("cannot start a worker: its plan cannot be written as JSON", .internal)
        }
        let file = gatehouse_memory_file("gatehouse-plan")
        guard file >= 0 else {
            throw SupervisorError("cannot start a worker: memfd_create: \(systemError())", .internal)
        }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let done = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard done > 0 else {
                close(file)
                throw SupervisorError("cannot start a worker: writing its plan: \(systemError())", .internal)
            }
            rest = rest.dropFirst(done)
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func spawn(_ program: String, descriptors: [Int32]) throws(SupervisorError) -> pid_t {
        let words = [program, "--plan", String(planNumber), "--control", String(controlNumber)]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        var pid: pid_t = 0
        let error = gatehouse_spawn(program, arguments, nil, descriptors, Int32(descriptors.count), &pid)
        guard error == 0 else {
            throw SupervisorError(
                "cannot start \(program): \(systemError(error)); it belongs beside the gatehouse program", .internal)
        }
        return pid
    }
}
