import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// Actions of processes.
extension Simulation {
    /// The first part of a life, up to being ready.
    mutating func live(_ process: SimulatedProcess, _ pool: String) {
        let behaviour = process.behaviour
        if let flaw = behaviour.flawAtStart {
            if !process.isProgram, random.percent(50) {
                schedule(
                    0, .said(pool, process.number, .reported(worker: process.number, .loading(path: "/m/libA.so"))))
            }
            schedule(behaviour.loads, flaw, process, pool)
            return
        }
        guard !process.isProgram else {
            schedule(behaviour.loads, .said(pool, process.number, .answered(worker: process.number)))
            if let later = behaviour.flawLater { schedule(later.after, later.flaw, process, pool) }
            return
        }
        for (part, report) in [
            WorkerReport.loading(path: "/m/libA.so"), .loaded(path: "/m/libA.so", name: "A", version: "1"), .ready,
        ].enumerated() {
            let event = PoolEvent.reported(worker: process.number, report)
            schedule(behaviour.loads * (part + 1) / 3, .said(pool, process.number, event))
        }
    }

    mutating func schedule(_ delay: Int, _ flaw: Behaviour.Flaw, _ process: SimulatedProcess, _ pool: String) {
        let number = process.number
        func report(_ report: WorkerReport) -> Happening { .said(pool, number, .reported(worker: number, report)) }
        let ending = delay + random.within(0...20)
        switch flaw {
        case .hangs: processes[pool]?[number]?.behaviour.answersProbes = false
        case .crashes: schedule(delay, .dies(pool, number, .killed(signal: SIGSEGV)))
        case .exits: schedule(delay, .dies(pool, number, .exited(status: 3)))
        case .leaves: schedule(delay, .dies(pool, number, .exited(status: 0)))
        case .sendsMalformedReport:
            guard !process.isProgram else { return }
            schedule(delay, .said(pool, number, .malformedReport(worker: number)))
        case .closesControlChannel:
            guard !process.isProgram else { return }
            schedule(delay, .said(pool, number, .controlChannelClosed(worker: number)))
        case .fails, .failsAndStays:
            guard !process.isProgram else { return }
            schedule(delay, report(.failed(path: "/m/libA.so", message: "no", exitStatus: 85)))
            if flaw == .fails { schedule(ending, .dies(pool, number, .exited(status: 85))) }
        case .drainsItself, .drainsItselfAndStays:
            guard !process.isProgram else { return }
            schedule(delay, report(.draining))
            if flaw == .drainsItself { schedule(ending, .dies(pool, number, .exited(status: 0))) }
        }
    }

    mutating func obey(_ order: WorkerOrder, _ process: SimulatedProcess, _ pool: String) throws(Violation) {
        let (number, behaviour) = (process.number, process.behaviour)
        switch order {
        case .accept:
            guard process.isReady, !process.isAccepting else {
                throw Violation(description: "\(pool): worker \(number) is to accept, and is not ready or does already")
            }
            processes[pool]?[number]?.isAccepting = true
            if let later = behaviour.flawLater { schedule(later.after, later.flaw, process, pool) }
        case .drain:
            processes[pool]?[number]?.isLeaving = true
            guard let time = behaviour.drains else { return }
            if random.percent(50) { schedule(0, .said(pool, number, .reported(worker: number, .draining))) }
            schedule(time, .dies(pool, number, .exited(status: 0)))
        case .end:
            processes[pool]?[number]?.isLeaving = true
            if let time = behaviour.ends { schedule(time, .dies(pool, number, .exited(status: 0))) }
        case .probe(let probe):
            guard behaviour.answersProbes else { return }
            schedule(random.within(0...30), .said(pool, number, .reported(worker: number, .probed(number: probe))))
        case .backtrace:
            processes[pool]?[number]?.isLeaving = true
            guard behaviour.answersTraces else { return }
            schedule(random.within(0...300), .said(pool, number, .reported(worker: number, .traced)))
        case .quarantine: break
        }
    }

    mutating func receive(_ signal: Int32, _ process: SimulatedProcess, _ pool: String) {
        processes[pool]?[process.number]?.isLeaving = true
        if signal == SIGKILL {
            schedule(random.within(0...30), .dies(pool, process.number, .killed(signal: SIGKILL)))
        } else if let time = process.behaviour.drains {
            schedule(time, .dies(pool, process.number, .killed(signal: signal)))
        }
    }

    mutating func sample(_ pool: String) -> [Int: WorkerSample] {
        var samples: [Int: WorkerSample] = [:]
        for number in processes[pool, default: [:]].keys.sorted() {
            if isStormy, random.percent(2), processes[pool]?[number]?.isAccepting == true {
                schedule(0, .said(pool, number, .reported(worker: number, .requestsLeft(random.within(-1...500)))))
            }
            samples[number] =
                isStormy
                ? WorkerSample(
                    requests: random.within(0...1_200), requestsInFlight: random.within(0...1), connections: 1,
                    residentBytes: random.within(0...300) << 20)
                // Always busy: nothing shrinks, nothing is recycled.
                : WorkerSample(requests: 1, requestsInFlight: 1, connections: 1, residentBytes: 1 << 20)
        }
        return samples
    }
}

/// A process as the operating system has it, whatever the supervisor believes.
struct SimulatedProcess {
    let number: Int
    let generation: Int
    let isProgram: Bool
    var behaviour: Behaviour
    var isReady = false
    var isAccepting = false
    var isLeaving = false
    /// It hears no orders, and lives on.
    var hasClosedControlChannel = false
    /// It has ended; nobody has asked yet how.
    var isOver = false

    /// Whether requests find it. A program has its socket from the start.
    var isServing: Bool { !isOver && !isLeaving && !hasClosedControlChannel && (isAccepting || isProgram) }
}
