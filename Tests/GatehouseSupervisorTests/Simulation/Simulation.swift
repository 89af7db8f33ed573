import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// A supervisor's decisions, and a world that carries them out in simulated time: processes that load, serve, hang,
/// crash and write garbage, operators who reload, scale, drain and kill. Everything follows from the seed.
///
/// The world is here, what its processes do in `+Processes`, its operators in `+Operators`, what must hold in
/// `+Invariants`.
struct Simulation {
    enum Happening {
        /// Sent by a process, unless it has ended by then.
        case said(String, Int, PoolEvent)
        case dies(String, Int, WorkerEnd)
        case reaped(String, Int, WorkerEnd)
        case operation
        case reloadAgain
        /// A reload that changes nothing.
        case emptyReload
        case sample
    }

    var poolManager = PoolManager()
    var random: SeededGenerator
    var now = 1_000
    private(set) var agenda: [(at: Int, what: Happening)] = []
    private var pending: [PoolManagerEvent] = []

    var processes: [String: [Int: SimulatedProcess]] = [:]
    /// The worker that each pool was last told to start.
    var lastNumbers: [String: Int] = [:]
    /// When workers were started.
    var starts: [String: [Int]] = [:]
    /// Makes the behaviour of workers of a good generation.
    var makeBehaviour: (inout SeededGenerator, _ number: Int) -> Behaviour = { random, _ in .good(&random) }
    /// Percentage of starts that fail.
    var failingStarts = 0
    /// Workers whose start has failed, which the supervisor is about to hear.
    private var unborn: Set<WorkerID> = []
    /// The worker whose end is being dealt with.
    private var ending: WorkerID?

    private struct WorkerID: Hashable {
        var pool: String
        var number: Int
    }

    // Knowledge of the operators.
    var isStormy = false
    /// Generations that run a program, and generations whose workers never get ready.
    var programs: [String: Set<Int>] = [:]
    var badGenerations: [String: Set<Int>] = [:]
    var expectedGenerations: [String: Int] = [:]
    var awaitedGenerations: [String: Int] = [:]
    var wantsReload = false
    var samplesEvery = 500

    // Results.
    var steps = 0
    var announcements = 0
    var lastFailures: [ReloadFailure]?
    var exitStatus: Int32?
    var trace: [String] = []
    var isTracing = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func start(_ pools: [(name: String, rules: PoolRules)]) throws(Violation) {
        for (name, rules) in pools {
            if rules.isProgram { programs[name] = [1] }
            expectedGenerations[name] = 1
        }
        try perform(poolManager.start(pools, seed: random.next(), now: now))
        try handlePending()
        schedule(samplesEvery, .sample)
    }

    mutating func schedule(_ delay: Int, _ what: Happening) {
        let at = now + delay
        // After those of the same time: messages arrive in the order in which they were sent.
        let index = agenda.firstIndex { $0.at > at } ?? agenda.endIndex
        agenda.insert((at, what), at: index)
    }

    // MARK: Time

    mutating func run(for time: Int) throws(Violation) {
        let end = now + time
        while exitStatus == nil {
            let next = min(agenda.first?.at ?? .max, poolManager.deadline(now: now) ?? .max)
            guard next <= end else { break }
            try step(to: next)
        }
        now = max(now, end)
    }

    private mutating func step(to time: Int) throws(Violation) {
        steps += 1
        // A busy machine wakes us late.
        now = max(now, time) + (isStormy && random.percent(10) ? random.within(0...50) : 0)
        if let first = agenda.first, first.at <= now {
            agenda.removeFirst()
            try happen(first.what)
        }
        // More than once only if a start fails, which is repeated: twice without a pause.
        for _ in 0..<4 {
            guard let due = poolManager.deadline(now: now), due <= now, exitStatus == nil else { return }
            try handle(.clockAdvanced)
        }
        throw Violation(
            description: "busy loop: at \(now) the deadline is \(poolManager.deadline(now: now) ?? 0) again and again")
    }

    private mutating func happen(_ what: Happening) throws(Violation) {
        switch what {
        case .said(let pool, let number, let event):
            guard let process = processes[pool]?[number], !process.isOver else { return }
            if case .reported(_, .ready) = event { processes[pool]?[number]?.isReady = true }
            if case .reported(_, .draining) = event { processes[pool]?[number]?.isLeaving = true }
            if case .controlChannelClosed = event { processes[pool]?[number]?.hasClosedControlChannel = true }
            if case .reported(_, .failed) = event { processes[pool]?[number]?.isLeaving = true }
            try handle(.pool(pool, event))
        case .dies(let pool, let number, let end):
            guard let process = processes[pool]?[number], !process.isOver else { return }
            processes[pool]?[number]?.isOver = true
            schedule(random.within(0...20), .reaped(pool, number, end))
        case .reaped(let pool, let number, let end):
            ending = WorkerID(pool: pool, number: number)
            try handle(.pool(pool, .ended(worker: number, end)))
            ending = nil
        case .operation:
            guard isStormy else { return }
            try operate()
            schedule(random.within(1...2_000), .operation)
        case .reloadAgain: try reload()
        case .emptyReload: try beginReload([])
        case .sample:
            for pool in poolManager.pools.keys.sorted() { try handle(.pool(pool, .sampled(sample(pool)))) }
            schedule(samplesEvery, .sample)
        }
    }

    private func isUnborn(_ pool: String, _ number: Int) -> Bool {
        unborn.contains(WorkerID(pool: pool, number: number))
    }

    private func isEnding(_ pool: String, _ number: Int) -> Bool { ending == WorkerID(pool: pool, number: number) }

    // MARK: Events and commands

    mutating func handle(_ event: PoolManagerEvent) throws(Violation) {
        pending.append(event)
        try handlePending()
    }

    private mutating func handlePending() throws(Violation) {
        while !pending.isEmpty {
            let event = pending.removeFirst()
            if case .pool(let pool, .spawnFailed(let number, _, _)) = event {
                unborn.remove(WorkerID(pool: pool, number: number))
            }
            let before = servingCounts
            let commands = poolManager.handle(event, now: now)
            if isTracing { trace.append("\(now): \(event) -> \(commands)") }
            try perform(commands)
            if case .pool(let pool, .ended(let number, _, _)) = event { processes[pool]?[number] = nil }
            if pending.isEmpty { try checkInvariants(event, commands, before) }
        }
    }

    /// Reloads as the supervisor does: the candidates' numbers come from the pool manager, then everything is prepared
    /// under them, then they are started.
    mutating func beginReload(_ changes: [PoolChange], bad: Set<String> = []) throws(Violation) {
        let before = servingCounts
        let (candidates, commands) = poolManager.beginReload(changes, now: now)
        for change in changes { note(change, candidates, bad: bad) }
        if isTracing { trace.append("\(now): reload \(changes) -> \(commands)") }
        try perform(commands)
        if pending.isEmpty { try checkInvariants(nil, commands, before) }
        try handlePending()
    }

    private mutating func perform(_ commands: [PoolManagerCommand]) throws(Violation) {
        for command in commands {
            switch command {
            case .pool(let pool, let command): try perform(command, pool)
            case .announceReady: announcements += 1
            case .endReload(let progress): reloadEnded(progress.failures)
            case .reportFailedStart, .reportRollback: break
            case .forget(let pool):
                guard processes[pool, default: [:]].values.allSatisfy({ isEnding(pool, $0.number) }) else {
                    throw Violation(description: "\(pool) is forgotten while it has workers")
                }
                forget(pool)
            case .stopListening: break
            case .finish(let status): exitStatus = status
            }
        }
    }

    private mutating func perform(_ command: PoolCommand, _ pool: String) throws(Violation) {
        switch command {
        case .say: break
        case .promote(let generation):
            guard awaitedGenerations[pool] == generation, badGenerations[pool]?.contains(generation) != true else {
                throw Violation(description: "\(pool): generation \(generation), which is no good, serves")
            }
            expectedGenerations[pool] = generation
        case .reject(let generation):
            guard generation != expectedGenerations[pool] else {
                throw Violation(description: "\(pool): generation \(generation), which serves, is rejected")
            }
        case .spawn(let number, let generation): try spawn(pool, number, generation)
        case .prepare(let generation, let earlier):
            awaitedGenerations[pool] = generation
            if programs[pool]?.contains(earlier) == true { programs[pool]?.insert(generation) }
        case .order(let number, _) where isUnborn(pool, number), .signal(let number, _) where isUnborn(pool, number):
            break
        case .order(let number, let order):
            guard let process = processes[pool]?[number], !isEnding(pool, number) else {
                throw Violation(description: "\(pool): the order \(order) is for worker \(number), which is gone")
            }
            if process.isProgram {
                throw Violation(description: "\(pool): the program \(number) is given the order \(order)")
            }
            if !process.isOver, !process.hasClosedControlChannel { try obey(order, process, pool) }
        case .signal(let number, let signal):
            guard let process = processes[pool]?[number], !isEnding(pool, number) else {
                throw Violation(description: "\(pool): signal \(signal) is for worker \(number), which is gone")
            }
            if !process.isProgram, signal != SIGKILL {
                throw Violation(description: "\(pool): worker \(number) takes orders, and is sent signal \(signal)")
            }
            receive(signal, process, pool)
        case .reportCrash(let number, _, _):
            guard isEnding(pool, number) else {
                throw Violation(description: "\(pool): a crash of worker \(number), which has not ended, is reported")
            }
        }
    }

    private mutating func spawn(_ pool: String, _ number: Int, _ generation: Int) throws(Violation) {
        guard number > lastNumbers[pool] ?? 0 else {
            throw Violation(description: "\(pool): number \(number) is used twice")
        }
        lastNumbers[pool] = number
        starts[pool, default: []].append(now)
        if random.percent(failingStarts) {
            unborn.insert(WorkerID(pool: pool, number: number))
            pending.append(.pool(pool, .spawnFailed(worker: number, message: "no memory", exitStatus: 74)))
            return
        }
        let isProgram = programs[pool]?.contains(generation) == true
        let isBad = badGenerations[pool]?.contains(generation) == true
        let process = SimulatedProcess(
            number: number, generation: generation, isProgram: isProgram,
            behaviour: isBad ? .bad(&random, isProgram: isProgram) : makeBehaviour(&random, number))
        processes[pool, default: [:]][number] = process
        live(process, pool)
    }

    private mutating func forget(_ pool: String) {
        programs[pool] = nil
        badGenerations[pool] = nil
        starts[pool] = nil
        lastNumbers[pool] = nil
        agenda.removeAll { entry in
            switch entry.what {
            case .said(pool, _, _), .dies(pool, _, _), .reaped(pool, _, _): true
            case .said, .dies, .reaped, .operation, .reloadAgain, .emptyReload, .sample: false
            }
        }
    }
}
