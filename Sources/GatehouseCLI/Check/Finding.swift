internal import GatehousePlan
internal import GatehouseSupervisor

/// One thing that `check` has found, and the status that `serve` would leave with because of it.
struct Finding: Equatable {
    /// Complete, its place included.
    var message: String
    var status: ExitStatus

    /// - Parameter origin: file, line and column, where they are known.
    init(_ message: String, _ status: ExitStatus, at origin: String = "") {
        self.message = "\(origin.isEmpty ? "gatehouse" : origin): \(message)"
        self.status = status
    }

    init(_ error: OperatorError, of subject: String? = nil) {
        self.init((subject.map { "\($0): " } ?? "") + error.message, error.exitStatus)
    }
}
