import CGatehouseSystem
import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
@testable import GatehouseSupervisor
import GatehouseSystem
import Glibc
import TestSupport
import Testing

/// Row E1: nothing that a worker writes can trap or hold up the supervisor.
struct HostileWorkerTests {
    @Test func `random bytes never do more than end the reading`() {
        var random = SeededGenerator(seed: 1)
        let pieces = [
            #"{"ready":{}}"#, "\n", #"{"probed":{"number":"#, "1e999", "}}", "[[[[", "\u{0}", "null", "\\ud800", "\"",
        ]
        for _ in 0..<2_000 {
            var reader = ReportReader()
            var isOver = false
            for _ in 0..<random.within(1...8) where !isOver {
                if random.percent(50) {
                    reader.receive(Array((pieces.randomElement(using: &random) ?? "").utf8))
                } else {
                    reader.receive((0..<random.within(0...40)).map { _ in UInt8.random(in: 0...255, using: &random) })
                }
                do throws(ReportReader.Malformed) { while try reader.nextReport() != nil {} } catch { isOver = true }
            }
        }
    }

    @Test func `nesting without end is refused`() {
        var reader = ReportReader()
        reader.receive([UInt8](repeating: UInt8(ascii: "["), count: 60_000) + [10])
        #expect(throws: ReportReader.Malformed.self) { try reader.nextReport() }
    }

    @Test func `a scoreboard full of anything is read as something`() throws {
        let file = gatehouse_scoreboard_create()
        defer { close(file) }
        let size = MemoryLayout<gatehouse_scoreboard>.size
        let board = try #require(ScoreboardReader(descriptor: file))
        var random = SeededGenerator(seed: 2)
        for fill in [0xFF, 0x80, 0x7F, 0x01, nil] as [UInt8?] {
            var bytes = [UInt8](repeating: fill ?? 0, count: size)
            if fill == nil {
                for index in stride(from: 0, to: size, by: 7) { bytes[index] = UInt8(random.within(0...255)) }
            }
            // Even sequences, or every slot would be skipped.
            for slot in 0..<Int(GATEHOUSE_SCOREBOARD_SLOTS) {
                bytes[64 + 64 * Int(GATEHOUSE_SCOREBOARD_LOOPS) + 512 * slot] &= 0xFE
            }
            #expect(pwrite(file, bytes, size, 0) == size)
            _ = board.totals()
            let requests = board.requestsInFlight(now: Int(MonotonicClock.nanoseconds()))
            if fill != nil { #expect(requests.count == Int(GATEHOUSE_SCOREBOARD_SLOTS)) }
            #expect(requests.allSatisfy { $0.duration >= 0 })
            #expect(
                requests.allSatisfy { request in
                    request.path.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
                })
            _ = board.crash(now: Int(MonotonicClock.nanoseconds()))
        }
    }

    @Test(arguments: [-1, Int32.min, 1_024, Int32.max]) func `a crash in a slot that is none has no request`(
        slot: Int32
    ) throws {
        let file = gatehouse_scoreboard_create()
        defer { close(file) }
        let written = try #require(gatehouse_scoreboard_map(file, 1))
        defer { gatehouse_scoreboard_unmap(written) }
        written.pointee.crash_signal = SIGSEGV
        written.pointee.crash_slot = slot
        let crash = try #require(ScoreboardReader(descriptor: file)?.crash(now: 0))
        #expect(crash.signal == SIGSEGV && crash.request == nil)
    }

    @Test(arguments: [0, 7, .max]) func `a scoreboard says which probe was answered, whatever the number`(
        number: UInt64
    ) throws {
        let file = gatehouse_scoreboard_create()
        defer { close(file) }
        let written = try #require(gatehouse_scoreboard_map(file, 1))
        defer { gatehouse_scoreboard_unmap(written) }
        gatehouse_board_set_probe(written, number)
        let board = try #require(ScoreboardReader(descriptor: file))
        #expect(board.answeredProbe == Int(truncatingIfNeeded: number))
    }

    @Test func `a slot that is being written for ever is left out`() throws {
        let file = gatehouse_scoreboard_create()
        defer { close(file) }
        let written = try #require(gatehouse_scoreboard_map(file, 1))
        defer { gatehouse_scoreboard_unmap(written) }
        written.pointee.slots.0.state = UInt32(GATEHOUSE_SLOT_HANDLING)
        written.pointee.slots.0.sequence = 7
        #expect(try #require(ScoreboardReader(descriptor: file)).requestsInFlight(now: 0).isEmpty)
    }

    @Test func `what a dead worker's child writes without end is not read without end`() throws {
        let run = try SupervisorRun()
        run.configuration.pools = [run.pool()]
        run.when("while it served", .stop(atOnce: true))
        #expect(try run.run(worker: WorkerScript.ready + "\nread -r order <&3\nyes spam & exit 5") == 0)
        #expect(run.has("left with status 5 while it served"))
    }
}
