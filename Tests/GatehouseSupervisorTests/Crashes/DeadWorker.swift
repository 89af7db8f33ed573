import CGatehouseSystem
import GatehouseConfiguration
@testable import GatehouseSupervisor
import GatehouseSystem
import Glibc

/// A worker that has ended, and what it has left: a scoreboard, a backtrace, a few lines.
final class DeadWorker {
    let worker: WorkerProcess
    private let board: UnsafeMutablePointer<gatehouse_scoreboard>

    struct CannotBeMade: Error {}

    init(says text: String = "", backtrace: String = "") throws {
        let (scoreboard, crash) = (gatehouse_scoreboard_create(), gatehouse_memory_file("crash"))
        var ends: [Int32] = [-1, -1]
        guard let board = gatehouse_scoreboard_map(scoreboard, 1), gatehouse_pipe(&ends, 1 << 16) == 0 else {
            throw CannotBeMade()
        }
        self.board = board
        board.pointee.crash_slot = -1
        write(crash, backtrace, backtrace.utf8.count)
        write(ends[1], text, text.utf8.count)
        let launch = ProcessLaunch(
            program: "/bin/true", arguments: ["true"], environment: [:], descriptors: [], output: ends[1],
            settings: ProcessSettings())
        var facts = WorkerFacts(number: 3, generation: 2, pid: try launch.start(), startedAt: 0, started: 0)
        close(ends[1])
        (facts.output, facts.scoreboard, facts.crashFile) = (ends[0], scoreboard, crash)
        worker = try WorkerProcess(facts, listeners: [])
        _ = worker.wait()
        _ = worker.readOutput(all: true)
    }

    deinit { gatehouse_scoreboard_unmap(board) }

    func crashed(by signal: Int32, inSlot slot: Int32) {
        (board.pointee.crash_signal, board.pointee.crash_slot) = (signal, slot)
    }

    /// - Parameter slot: 0, 1, 2, ...
    func has(_ path: String, inSlot slot: Int) {
        withUnsafeMutableBytes(of: &board.pointee.slots) { bytes in
            let slots = bytes.bindMemory(to: gatehouse_slot.self)
            guard let place = slots.baseAddress.map({ $0 + slot }) else { return }
            func text(_ value: StaticString) -> gatehouse_text {
                gatehouse_text(bytes: value.utf8Start, length: value.utf8CodeUnitCount)
            }
            Array(path.utf8).withUnsafeBufferPointer { path in
                gatehouse_slot_take(
                    place, 0, Int64(Int(MonotonicClock.nanoseconds())), text("id-1"), text("GET"), text("Hello"),
                    gatehouse_text(bytes: path.baseAddress, length: path.count), gatehouse_client())
            }
        }
    }

    func report(_ end: WorkerEnd = .killed(signal: SIGSEGV)) -> CrashReport {
        CrashReport(pool: "web", worker: worker, end: end, during: "while it served")
    }
}
