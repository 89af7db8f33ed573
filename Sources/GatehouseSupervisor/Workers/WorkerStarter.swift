internal import CGatehouseSystem
internal import FoundationEssentials
import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Starts the processes of one pool.
struct WorkerStarter {
    let processes: PoolProcesses
    let sockets: SocketTable
    /// Whether the process is of a generation that does not serve yet.
    let isOnTrial: Bool
    /// The path of `gatehouse-worker`.
    let workerProgram: String
    /// The folders for modules' files; `nil` if there is no state folder.
    let moduleFolders: ModuleFolders?

    // The descriptors that a worker of ours gets. Control channel and plan are named on its command line, the others in
    // its plan.
    private static let control: Int32 = 3
    private static let plan: Int32 = 4
    private static let handOver: Int32 = 5
    private static let scoreboard: Int32 = 6
    private static let crash: Int32 = 7
    private static let balance: Int32 = 8
    private static let culprits: Int32 = 9
    private static let firstListener: Int32 = 10

    /// - Parameter requests: the number of requests after which a worker of ours says that it is worn; `nil` for never.
    func start(number: Int, generation: Int, requests: Int?, now: Int) throws(OperatorError) -> WorkerProcess {
        guard let pool = processes.configurations[generation] else {
            throw OperatorError("pool \(processes.name): there is no generation \(generation)", .internal)
        }
        return if let program = pool.program {
            try start(program, of: pool, number: number, generation: generation)
        } else {
            try startWorker(of: pool, number: number, generation: generation, requests: requests, now: now)
        }
    }

    // MARK: Workers of ours

    private func startWorker(
        of pool: PoolConfiguration, number: Int, generation: Int, requests: Int?, now: Int
    ) throws(OperatorError) -> WorkerProcess {
        let ends = WorkerDescriptors()
        var facts = WorkerFacts(
            number: number, generation: generation, pid: 0, startedAt: UTCTime.now().secondsSince1970, started: now)
        let control = try ends.pair(SOCK_STREAM)
        let handOver = try ends.pair(SOCK_SEQPACKET)
        let output = try ends.pipe()
        (facts.control, facts.handOver, facts.output) = (control.ours, handOver.ours, output.ours)
        facts.scoreboard = try ends.file(gatehouse_scoreboard_create(), "scoreboard")
        facts.crashFile = try ends.file(gatehouse_memory_file("gatehouse-crash"), "crash file")
        facts.balanceCell = processes.freeBalanceCell
        processes.clearBalanceCell(facts.balanceCell)
        let listening = pool.endpoints.flatMap {
            processes.sockets(for: $0, generation: generation, isOnTrial: isOnTrial, in: sockets)
        }
        var plan = makePlan(pool, facts, listening, now: now)
        plan.requests = requests
        plan.stateFolder = moduleFolders?.path
        moduleFolders?.make(for: processes.copies[generation]?.names ?? [], pool.process)
        var inherited = [
            control.theirs, 0, handOver.theirs, facts.scoreboard, facts.crashFile, processes.balance,
            processes.culprits,
        ]
        inherited += listening.map(\.descriptor)
        if let settings = pool.accessLog, let log = processes.accessLog {
            plan.accessLog = AccessLogPlan(descriptor: Int32(3 + inherited.count), format: settings.format)
            inherited.append(log.descriptor)
        }
        processes.copies[generation]?.hand(to: &plan, &inherited)
        inherited[1] = try ends.temporary(Self.write(plan))
        facts.pid = try Self.launch(
            ProcessLaunch(
                program: workerProgram, arguments: Self.words(workerProgram), environment: Self.environment(of: pool),
                descriptors: inherited,
                output: output.theirs, settings: pool.process), of: pool)
        ends.keepOurs()
        return try WorkerProcess(facts, listeners: plan.listeners.map(\.endpoint))
    }

    /// The command line of a worker of ours.
    static func words(_ program: String) -> [String] {
        [program, "--plan", String(plan), "--control", String(control)]
    }

    private func makePlan(
        _ pool: PoolConfiguration, _ facts: WorkerFacts, _ listening: [ListeningSocket], now: Int
    ) -> WorkerPlan {
        var plan = WorkerPlan(
            pool: pool.name, listeners: [], modules: pool.modules.map(\.plan), eventLoops: pool.eventLoops,
            limits: pool.limits, logLevel: pool.logLevel.rawValue)
        plan.worker = facts.number
        plan.generation = facts.generation
        for (index, socket) in listening.enumerated() {
            guard let spoken = socket.endpoint.gatewayProtocol else { continue }
            plan.listeners.append(
                ListenerPlan(
                    descriptor: Self.firstListener + Int32(index), gatewayProtocol: spoken,
                    endpoint: socket.endpoint.description, allowedUsers: pool.socket.allowedUsers))
        }
        plan.descriptors.handOver = Self.handOver
        plan.descriptors.scoreboard = Self.scoreboard
        plan.descriptors.crash = Self.crash
        // A lone worker has no neighbour to share with, and waits for connections in the cheapest way.
        if pool.workers.most > 1 { plan.descriptors.balance = Self.balance }
        plan.descriptors.culprits = Self.culprits
        plan.balanceCell = facts.balanceCell
        plan.acceptsAtOnce = false
        plan.stalls = pool.stalls
        plan.quarantine = processes.quarantine.order(now: now) {
            processes.content(of: $0, generation: facts.generation)
        }
        return plan
    }

    static func write(_ plan: WorkerPlan) throws(OperatorError) -> Int32 {
        guard let bytes = try? JSONEncoder().encode(plan) else {
            throw OperatorError("cannot start a worker: its plan cannot be written as JSON", .internal)
        }
        do throws(SystemError) { return try MemoryFile.make("gatehouse-plan", holding: bytes) } catch {
            throw OperatorError("cannot start a worker: its plan: \(error)", .internal)
        }
    }

    // MARK: Programs

    private func start(
        _ program: ProgramSettings, of pool: PoolConfiguration, number: Int, generation: Int
    ) throws(OperatorError) -> WorkerProcess {
        let ends = WorkerDescriptors()
        let output = try ends.pipe()
        var facts = WorkerFacts(
            number: number, generation: generation, pid: 0, startedAt: UTCTime.now().secondsSince1970,
            started: MonotonicClock.milliseconds())
        facts.output = output.ours
        let listening = pool.endpoints.flatMap {
            processes.sockets(for: $0, generation: generation, isOnTrial: isOnTrial, in: sockets)
        }
        var launch = ProcessLaunch(
            program: try ProgramSearch.find(program.command[0], for: pool.process), arguments: program.command,
            environment: Self.environment(of: pool), descriptors: [], output: output.theirs, settings: pool.process)
        switch program.socketPassing {
        case .standardInput: launch.input = listening.first?.descriptor
        case .listenFDs:
            launch.descriptors = listening.map(\.descriptor)
            launch.environment["LISTEN_FDS"] = String(listening.count)
            launch.environment["LISTEN_FDNAMES"] = listening.map { _ in pool.name }.joined(separator: ":")
            launch.announcesListenPID = true
        }
        facts.pid = try Self.launch(launch, of: pool)
        ends.keepOurs()
        return try WorkerProcess(facts, listeners: [])
    }

    // MARK: Workers and programs

    static func environment(of pool: PoolConfiguration) -> [String: String] {
        var environment: [String: String] = pool.process.inheritsEnvironment ? ProcessEnvironment.all : [:]
        environment["PATH"] = environment["PATH"] ?? ProgramSearch.standardPath
        if let user = pool.process.user {
            environment["HOME"] = user.home
            environment["USER"] = user.name
            environment["LOGNAME"] = user.name
        } else {
            for name in ["HOME", "USER", "LOGNAME"] {
                environment[name] = ProcessEnvironment.value(of: name)
            }
        }
        return environment.merging(pool.process.environment) { $1 }
    }

    static func launch(_ launch: ProcessLaunch, of pool: PoolConfiguration) throws(OperatorError) -> pid_t {
        do throws(ProcessLaunch.Failure) {
            return try launch.start()
        } catch {
            throw OperatorError("pool \(pool.name): \(explain(error, launch))", .inputOutput)
        }
    }

    private static func explain(_ failure: ProcessLaunch.Failure, _ launch: ProcessLaunch) -> String {
        let reason = SystemError.text(failure.code)
        return switch failure.stage {
        case "program": "cannot start \(launch.program): \(reason)"
        case "directory": "cannot enter the directory \(launch.settings.directory ?? "/"): \(reason)"
        case "user", "group": "cannot become the configured user and group: \(reason): only root can"
        case "nice": "cannot set nice: \(reason): only root can lower it"
        case "rlimits": "cannot set rlimits: \(reason): only root can raise them"
        case "cpus": "cannot set cpus: \(reason): this machine may not have them"
        default: "cannot start \(launch.program): \(failure.stage): \(reason)"
        }
    }
}
