internal import CGatehouseSystem
internal import FoundationEssentials
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The identity of a worker's process, for the supervisor that started it and for the one that takes its place.
struct WorkerFacts: Codable, Equatable {
    var number: Int
    var generation: Int
    var pid: Int32
    /// Seconds since 1970, and milliseconds of the monotonic clock.
    var startedAt: Int
    var started: Int
    // Our descriptors; -1 if there is none.
    var control: Int32 = -1
    var handOver: Int32 = -1
    var output: Int32 = -1
    var scoreboard: Int32 = -1
    var crashFile: Int32 = -1
    var balanceCell = 0

    /// The names in ``UpgradeState``, which earlier and later versions read as well.
    private enum CodingKeys: String, CodingKey {
        case number, generation, pid, startedAt, started, control, output, scoreboard, crashFile, balanceCell
        case handOver = "passing"
    }

    /// A program has no scoreboard; it knows nothing of us.
    var isProgram: Bool { scoreboard < 0 }
}

/// One worker's process, and our ends of its channels. Started by exec and never by a bare fork: a Swift process that
/// has threads cannot be forked safely.
final class WorkerProcess {
    let number: Int
    let generation: Int
    let pid: pid_t
    /// Seconds since 1970, and milliseconds of the monotonic clock.
    let startedAt: Int
    let started: Int
    let isProgram: Bool
    /// Readable when the process has ended.
    let processDescriptor: Int32
    /// Reports and orders; -1 for a program, and when the worker has closed its end.
    private(set) var control: Int32
    /// Connections that change workers; -1 for a program, and when the worker has closed its end.
    private(set) var handOver: Int32
    /// Its standard output and error; -1 when no process can write there any more.
    private(set) var output: Int32
    /// Its place on the pool's balance board.
    let balanceCell: Int
    let scoreboard: ScoreboardReader?
    /// A file for the backtrace of its crash; -1 for a program.
    let crashFile: Int32

    /// The endpoints of its listeners, in its plan's order; none for a program.
    let listeners: [String]
    /// Whether it has yet to take connections that it was given; more go when there is room.
    var isHandOverFull = false
    /// Its count of connections after the last that it was given; 0 once the scoreboard has been read again.
    private var given = 0
    /// Whether it has yet to be given the access log that was opened anew.
    private(set) var awaitsAccessLog = false

    var isReady = false
    /// Whether its end has been collected, although the event for it may not have been handled yet.
    var hasEnded = false
    /// The explanation of its crash, if its end is reported only after that.
    var explanation: CrashExplanation?
    /// The last look at its modules' databases that it has reported.
    private(set) var databases: [DatabaseUse] = []
    /// The last look at its modules' jobs that it has reported.
    private(set) var jobs: [JobUse] = []
    private var reports = ReportReader()
    private var lines = WorkerOutput()
    /// Orders on their way to the worker. A worker that leaves more than these unread is given up.
    private var orders = SendQueue(capacity: 1 << 20)

    init(_ facts: WorkerFacts, listeners: [String]) throws(OperatorError) {
        self.listeners = listeners
        number = facts.number
        generation = facts.generation
        pid = facts.pid
        isProgram = facts.isProgram
        startedAt = facts.startedAt
        started = facts.started
        control = facts.control
        handOver = facts.handOver
        output = facts.output
        balanceCell = facts.balanceCell
        crashFile = facts.crashFile
        scoreboard = facts.scoreboard < 0 ? nil : ScoreboardReader(descriptor: facts.scoreboard)
        // The child has not been waited for, so its number is still its own.
        processDescriptor = gatehouse_process_descriptor(facts.pid)
        guard processDescriptor >= 0 else {
            let reason = SystemError.text()
            kill(facts.pid, SIGKILL)
            _ = WorkerEnd(waitingFor: facts.pid)
            throw OperatorError("cannot watch a worker: pidfd_open: \(reason)", .internal)
        }
        for descriptor in [control, handOver, output] where descriptor >= 0 {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    deinit {
        for descriptor in [processDescriptor, control, handOver, output, crashFile, scoreboard?.descriptor ?? -1]
        where descriptor >= 0 {
            close(descriptor)
        }
    }

    var facts: WorkerFacts {
        WorkerFacts(
            number: number, generation: generation, pid: pid, startedAt: startedAt, started: started, control: control,
            handOver: handOver, output: output, scoreboard: scoreboard?.descriptor ?? -1, crashFile: crashFile,
            balanceCell: balanceCell)
    }

    func signal(_ number: Int32) {
        gatehouse_signal_process(processDescriptor, number)
    }

    /// Waits for the end of the process.
    func wait() -> WorkerEnd {
        // Children of a program would go on serving unsupervised: gunicorn's workers look for their parent only twice a
        // minute. Before the waiting: until then no other group can have this number. Children of a module serve no
        // client, and may be meant to go on.
        if isProgram { kill(-pid, SIGKILL) }
        return WorkerEnd(waitingFor: pid)
    }

    /// The worker has closed its end: it hands nothing over any more, and takes nothing.
    func closeHandOver() {
        close(handOver)
        handOver = -1
    }

    // MARK: Connections

    /// Its connections; those that it was given a moment ago are not on its scoreboard yet.
    var connections: Int { max(scoreboard?.totals().connections ?? 0, given) }

    /// Gives it a connection, which stays open here.
    /// - Returns: whether it is on its way.
    func give(_ connection: Int32, listener: Int) -> Bool {
        let bytes = HandOverMessage.connection(listener: listener).bytes
        guard gatehouse_send_descriptor(handOver, connection, bytes, bytes.count) == 0 else {
            isHandOverFull = errno == EAGAIN
            return false
        }
        given = connections + 1
        return true
    }

    /// Forgets connections that it was given: by now they are on its scoreboard.
    func forgetGiven() { given = 0 }

    /// Makes it write to another file from now on. Sets `awaitsAccessLog` if its channel has no room for that.
    func give(accessLog: Int32) {
        let bytes = HandOverMessage.accessLog.bytes
        awaitsAccessLog = gatehouse_send_descriptor(handOver, accessLog, bytes, bytes.count) != 0 && errno == EAGAIN
        if awaitsAccessLog { isHandOverFull = true }
    }

    // MARK: Orders

    /// Whether orders wait for the worker to read earlier ones.
    var hasUnsentOrders: Bool { !orders.isEmpty && control >= 0 }

    /// - Returns: whether the worker still takes orders.
    func send(_ order: WorkerOrder) -> Bool {
        guard control >= 0, let line = try? JSONEncoder().encode(order) else { return false }
        orders.append(line + [UInt8(ascii: "\n")])
        return sendUnsent()
    }

    func sendUnsent() -> Bool { control < 0 || orders.send(to: control) }

    // MARK: Messages

    func note(_ uses: [DatabaseUse]) {
        databases = uses.prefix(DatabaseUse.most).map(\.bounded)
    }

    func note(_ uses: [JobUse]) {
        jobs = uses.prefix(JobUse.mostQueues).map(\.bounded)
    }

    enum Message {
        case report(WorkerReport)
        case malformedReport
        /// It has closed its end.
        case end
    }

    /// More bytes than a socket holds: any that follow come from a process that the worker left behind.
    private static let mostAtTheEnd = 1 << 20

    /// - Parameter all: whether to read to the end, for a worker that has ended. A running one is read a piece at a
    ///   time, or a worker that never stops talking would keep everything else waiting.
    func readReports(all: Bool) -> [Message] {
        var messages: [Message] = []
        var buffer = [UInt8](repeating: 0, count: 8_192)
        var left = all ? Self.mostAtTheEnd : 1
        while control >= 0, left > 0 {
            let count = retryingOnInterruption { read(control, &buffer, buffer.count) }
            if count < 0, errno == EAGAIN { return messages }
            guard count > 0 else {
                close(control)
                control = -1
                return messages + [.end]
            }
            left -= count
            reports.receive(buffer[..<count])
            do {
                while let report = try reports.nextReport() { messages.append(.report(report)) }
            } catch {
                close(control)
                control = -1
                return messages + [.malformedReport]
            }
        }
        return messages
    }

    func readOutput(all: Bool) -> [String] {
        guard output >= 0 else { return [] }
        let (found, isOpen) = lines.read(output, isReady: isReady, all: all)
        if !isOpen {
            close(output)
            output = -1
        }
        return found
    }

    var lastLines: [String] { lines.lastLines }
}
