internal import CGatehouseSystem
internal import GatehousePlan
internal import Glibc

extension WorkerEnd {
    /// How a child process ended; waits for that.
    init(waitingFor child: pid_t) {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else {
                self = .exited(status: ExitStatus.internal.rawValue)
                return
            }
        }
        var code: Int32 = 0
        self = gatehouse_did_exit(status, &code) != 0 ? .exited(status: code) : .killed(signal: code)
    }
}
