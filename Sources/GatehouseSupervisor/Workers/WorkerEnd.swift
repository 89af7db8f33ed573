/// How a worker's process ended.
public enum WorkerEnd: Equatable, Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
}
