internal import CGatehouseSystem
internal import FoundationEssentials
import GatehousePlan
internal import Glibc

/// One worker's process, and our ends of what it was given. Started by exec and never by a bare fork: a Swift process
/// that has threads cannot be forked safely.
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
    /// What it writes to its standard output and error; -1 when nobody can write there any more.
    private(set) var output: Int32
    /// Its place on the pool's balance board.
    let balanceCell: Int
    let scoreboard: ScoreboardReader?
    /// For the backtrace of its crash; -1 for a program.
    let crashFile: Int32

    /// The endpoints of its listeners, in its plan's order; none of a program.
    let listeners: [String]
    /// Whether it has yet to take connections that it was given; more go when there is room.
    var isHandOverFull = false
    /// How many connections it has with those that it was given since the scoreboard was last looked at.
    private var given = 0
    /// Whether it has yet to be passed the access log that was opened anew.
    private(set) var awaitsAccessLog = false

    var isReady = false
    /// Whether it was waited for; what is left to be done is to say so.
    var hasEnded = false
    /// What was found out about its crash, where somebody waits for that before its end is said.
    var explanation: CrashExplanation?
    private var reports = ReportReader()
    private var lines = WorkerOutput()
    private var unsent: [UInt8] = []

    /// A worker that does not read its orders is no worker any more.
    private static let mostUnsent = 1 << 20

    init(_ facts: WorkerFacts, listeners: [String]) throws(SupervisorError) {
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
            let reason = systemError()
            kill(facts.pid, SIGKILL)
            _ = WorkerEnd(waitingFor: facts.pid)
            throw SupervisorError("cannot watch a worker: pidfd_open: \(reason)", .internal)
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

    /// How the process ended; waits for that.
    func wait() -> WorkerEnd {
        // What a program started itself would go on serving, and nobody would see to it: gunicorn's workers look for
        // their parent twice in a minute only. Before the waiting: until then no other group can have this number. What
        // a module has started serves nobody, and may be meant to go on.
        if isProgram { kill(-pid, SIGKILL) }
        return WorkerEnd(waitingFor: pid)
    }

    /// The worker has closed its end: it passes nothing more and takes nothing more.
    func closePassing() {
        close(handOver)
        handOver = -1
    }

    // MARK: Connections

    /// What it was given a moment ago is not on its scoreboard yet.
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

    /// By now what it was given is on its scoreboard.
    func forgetGiven() { given = 0 }

    /// Has it write to another file from now on; where there is no room, `awaitsAccessLog` says so.
    func pass(accessLog: Int32) {
        let bytes = HandOverMessage.accessLog.bytes
        awaitsAccessLog = gatehouse_send_descriptor(handOver, accessLog, bytes, bytes.count) != 0 && errno == EAGAIN
        if awaitsAccessLog { isHandOverFull = true }
    }

    // MARK: Orders

    /// Whether orders wait for the worker to read earlier ones.
    var hasUnsentOrders: Bool { !unsent.isEmpty && control >= 0 }

    /// - Returns: whether the worker still takes orders.
    func send(_ order: WorkerOrder) -> Bool {
        guard control >= 0, let line = try? JSONEncoder().encode(order) else { return false }
        unsent += line
        unsent.append(UInt8(ascii: "\n"))
        return sendUnsent()
    }

    func sendUnsent() -> Bool {
        while !unsent.isEmpty, control >= 0 {
            let count = unsent.withUnsafeBytes { Glibc.send(control, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN, unsent.count <= Self.mostUnsent { return true }
            guard count > 0 else {
                unsent = []
                return false
            }
            unsent.removeFirst(count)
        }
        return true
    }

    // MARK: What it says

    enum Message {
        case report(WorkerReport)
        case malformedReport
        /// It has closed its end.
        case end
    }

    /// More than a socket holds: what follows comes from a process that the worker has left behind.
    private static let mostAtTheEnd = 1 << 20

    /// - Parameter all: everything that a worker said that has ended; of one that runs, a piece at a time, or a worker
    ///   that never stops talking would keep everything else waiting.
    func readReports(all: Bool) -> [Message] {
        var messages: [Message] = []
        var buffer = [UInt8](repeating: 0, count: 8_192)
        var left = all ? Self.mostAtTheEnd : 1
        while control >= 0, left > 0 {
            let count = read(control, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
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
