internal import CGatehouseSystem
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The descriptors that the start of a worker needs: all are closed if it fails, the worker's ends in any case.
final class WorkerDescriptors {
    private var ours: [Int32] = []
    private var theirs: [Int32] = []

    deinit { (ours + theirs).forEach { close($0) } }

    func pair(_ type: __socket_type) throws(OperatorError) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Self.failure("socketpair") }
        ours.append(ends[0])
        theirs.append(ends[1])
        return (ends[0], ends[1])
    }

    /// A pipe for the worker's output. Large, so that a worker that logs a lot seldom waits for us.
    func pipe() throws(OperatorError) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard gatehouse_pipe(&ends, 1 << 18) == 0 else { throw Self.failure("pipe") }
        ours.append(ends[0])
        theirs.append(ends[1])
        return (ends[0], ends[1])
    }

    /// A file that stays open on both sides.
    func file(_ descriptor: Int32, _ what: String) throws(OperatorError) -> Int32 {
        guard descriptor >= 0 else { throw Self.failure(what) }
        ours.append(descriptor)
        return descriptor
    }

    /// A file that only the worker needs.
    func temporary(_ descriptor: Int32) -> Int32 {
        theirs.append(descriptor)
        return descriptor
    }

    /// The worker has its ends: a copy of ours would keep the channel open after its end.
    func closeTheirs() {
        theirs.forEach { close($0) }
        theirs = []
    }

    /// The worker runs: our ends are its own to close from now on.
    func keepOurs() { ours = [] }

    private static func failure(_ what: String) -> OperatorError {
        OperatorError("cannot start a worker: \(what): \(SystemError.text())", .internal)
    }
}
