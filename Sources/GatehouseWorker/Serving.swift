import GatehousePlan
import GatehouseServer
import GatehouseSystem
import GatehouseWire
import Glibc
import Logging

/// A worker's life from the moment that its modules are ready: accept when allowed, follow orders, drain, end.
struct Serving {
    private let plan: WorkerPlan
    private let control: ControlChannel
    private let logger: Logger
    private let server: GatewayServer
    private let handOver: HandOverSocket?
    private let listeners: [Listener]
    private let scoreboard: Scoreboard
    var services = WorkerServices()

    private struct ProbeFailed: Error, CustomStringConvertible {
        var description: String
    }

    init(
        plan: WorkerPlan, mounts: MountTable, observability: Observability, control: ControlChannel, logger: Logger
    ) throws(SystemError) {
        self.plan = plan
        self.control = control
        self.logger = logger
        var board: BalanceBoard?
        if let descriptor = plan.descriptors.balance {
            board = try BalanceBoard(descriptor: descriptor, cell: plan.balanceCell)
            close(descriptor)
        }
        let budget = plan.requests.map { count in
            // Not on the loop, which would wait if the channel is full.
            RequestBudget(count) { left in Task.detached { control.send(.requestsLeft(left)) } }
        }
        scoreboard = observability.scoreboard
        server = try GatewayServer(
            loops: plan.eventLoops, limits: Limits(plan.limits), mounts: mounts, logger: logger, board: board,
            scoreboard: observability.scoreboard, accessLog: observability.accessLog, culprits: observability.culprits,
            budget: budget)
        // Kept until the process ends: handlers that ignore their cancellation may still be at work on its loops.
        _ = Unmanaged.passRetained(server)
        handOver = plan.descriptors.handOver.map { HandOverSocket(descriptor: $0) }
        listeners = plan.listeners.map(Listener.init)
        services = observability.services(of: server)
        services.quarantine(plan.quarantine)
    }

    /// Does everything but accept.
    func prepare() async throws {
        switch await server.probe() {
        case .answered: break
        case .garbled: throw ProbeFailed(description: "an internal request was not answered as it should be")
        case .notAsked: throw ProbeFailed(description: "no descriptor is left for an internal request")
        }
        if let handOver {
            try await server.receive(from: handOver, listeners: listeners, takeAccessLog: services.takeAccessLog)
        }
    }

    func accept() async throws {
        try await server.start(listeners)
        services.beginServing()
    }

    /// Serves until an order or the end of a module's service ends it.
    func run(_ events: AsyncStream<WorkerEvent>) async -> ExitStatus {
        var isAccepting = plan.acceptsAtOnce
        for await event in events {
            switch event {
            case .serviceEnded:
                // The supervisor must know at once, even if a loop is held. It also knows whether another worker can
                // take the connections, and can still order that.
                control.send(.draining)
                await drain(handsOver: false, events)
                return .internal
            case .ordered(.drain(let handsOver)):
                await drain(handsOver: handsOver, events)
                return .success
            case .ordered(.end):
                await server.end()
                return .success
            case .ordered(.accept) where isAccepting: break
            case .ordered(.accept):
                isAccepting = true
                do {
                    try await accept()
                } catch {
                    control.send(
                        .failed(path: "", message: "\(error)", exitStatus: ExitStatus.inputOutput.rawValue))
                    return .inputOutput
                }
            case .ordered(.probe(let number)): probe(number)
            case .ordered(.quarantine(let routes)): services.quarantine(routes)
            case .ordered(.backtrace): backtrace()
            }
        }
        return .success
    }

    private func drain(handsOver: Bool, _ events: AsyncStream<WorkerEvent>) async {
        services.beginDraining()
        await withTaskGroup { tasks in
            tasks.addTask { [control] in
                await server.drain(handingOverTo: handsOver ? handOver : nil) { control.send(.draining) }
            }
            tasks.addTask { await obeyWhileDraining(events) }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Follows orders during a drain. A further order to drain changes what happens to idle connections; an order to
    /// end cancels the rest.
    private func obeyWhileDraining(_ events: AsyncStream<WorkerEvent>) async {
        for await event in events {
            switch event {
            case .ordered(.end): await server.abandon()
            case .ordered(.drain(let handsOver)): await server.changeHandOver(to: handsOver ? handOver : nil)
            case .ordered(.probe(let number)): probe(number)
            case .ordered(.quarantine(let routes)): services.quarantine(routes)
            case .ordered(.backtrace): backtrace()
            case .ordered(.accept), .serviceEnded: break
            }
        }
    }

    /// Probes in a task of its own: a held loop must not keep the worker from following other orders.
    private func probe(_ number: Int) {
        Task {
            switch await server.probe() {
            case .answered: answered(number)
            case .garbled: logger.error("an internal request was not answered as it should be")
            case .notAsked:
                // The loops are well, and a worker with that many connections should not be restarted.
                logger.warning("no descriptor is left for an internal request")
                answered(number)
            }
        }
    }

    /// On the scoreboard, which the supervisor reads once a second anyhow: a report would wake it.
    private func answered(_ number: Int) {
        if plan.descriptors.scoreboard == nil { return control.send(.probed(number: number)) }
        scoreboard.answered(probe: number)
    }

    private func backtrace() {
        Task {
            await services.backtrace()
            control.send(.traced)
        }
    }
}

extension Listener {
    init(_ plan: ListenerPlan) {
        self.init(
            descriptor: plan.descriptor, gatewayProtocol: plan.gatewayProtocol, endpoint: plan.endpoint,
            allowedUsers: plan.allowedUsers.map { Set($0) })
    }
}
