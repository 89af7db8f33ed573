package import GatehousePlan
import GatehouseSystem
import Glibc
package import Logging
import Synchronization

/// A worker's access log: one file for all its loops, each of which collects its own lines. A pipe without a reader
/// delays no request: lines are kept up to a limit, and then lost and counted.
package final class AccessLog: Sendable {
    private struct File {
        var output: LineOutput
        // Each kind of failure is logged once, not with every write.
        var isFailing = false
        var isFull = false
    }

    let format: AccessLogFormat
    let pool: String
    private let logger: Logger
    private let file: Mutex<File>

    /// The most bytes that are kept: the lines of some thousand requests.
    private static let capacity = 1 << 20

    /// - Parameter descriptor: open for appending; the log owns it.
    package init(descriptor: Int32, format: AccessLogFormat, pool: String, logger: Logger) {
        self.format = format
        self.pool = pool
        self.logger = logger
        file = Mutex(File(output: LineOutput(descriptor: descriptor, capacity: Self.capacity)))
    }

    /// Writes to another file from now on, and closes the one before. From any thread.
    package func reopen(with descriptor: Int32) {
        let old = file.withLock { file in
            file.output.flush()
            defer { file.output.use(descriptor) }
            return file.output.descriptor
        }
        close(old)
    }

    /// Writes whole lines, in as few system calls as the file takes: one, unless it is a pipe or a terminal.
    func write(_ lines: [UInt8]) {
        report(file.withLock { Self.outcome(&$0, $0.output.add(lines)) })
    }

    /// Writes lines that wait for room.
    /// - Returns: whether any still wait.
    func flush() -> Bool {
        let (outcome, isWaiting) = file.withLock { file -> (Outcome, Bool) in
            guard file.output.isWaiting else { return (.asBefore, false) }
            return (Self.outcome(&file, file.output.flush()), file.output.isWaiting)
        }
        report(outcome)
        return isWaiting
    }

    /// Ends the log with the process, and reports the lines that are lost.
    package func end() {
        let lost = file.withLock { file in
            file.output.flush()
            file.output.giveUp()
            return file.output.takeLost()
        }
        if lost > 0 { logger.error("\(lost) lines of the access log are lost: it took no more of them") }
    }

    private enum Outcome {
        case asBefore
        case failed(Int32)
        case full
        case recovered(lost: Int)
    }

    private static func outcome(_ file: inout File, _ failure: Int32?) -> Outcome {
        if let failure {
            defer { file.isFailing = true }
            return file.isFailing ? .asBefore : .failed(failure)
        }
        if file.output.isWaiting {
            guard file.output.lost > 0, !file.isFull else { return .asBefore }
            file.isFull = true
            return .full
        }
        guard file.isFailing || file.isFull else { return .asBefore }
        (file.isFailing, file.isFull) = (false, false)
        return .recovered(lost: file.output.takeLost())
    }

    private func report(_ outcome: Outcome) {
        switch outcome {
        case .asBefore: break
        case .failed(let code):
            logger.error(
                "the access log cannot be written, lines are lost: \(SystemError.text(code)); each write is tried again"
            )
        case .full:
            logger.error("the access log is not read, lines are lost: check the program that reads it")
        case .recovered(let lost): logger.warning("the access log is written again: \(lost) lines were lost")
        }
    }
}
