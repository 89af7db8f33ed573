import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Logging

/// The means by which a worker can be observed while it serves: scoreboard, access log, stalls and crash reports.
struct Observability {
    let scoreboard: Scoreboard
    let stalls: StallWatch
    let accessLog: AccessLog?
    let culprits: CulpritBoard

    /// - Throws: if the worker cannot serve: memory cannot be mapped, or the log's format makes no sense.
    init(_ plan: WorkerPlan, logger: Logger) throws {
        scoreboard = try Scoreboard(descriptor: plan.descriptors.scoreboard, loops: plan.eventLoops)
        stalls = StallWatch(scoreboard, plan: plan.stalls, logger: logger)
        accessLog = try plan.accessLog.map {
            AccessLog(
                descriptor: $0.descriptor, format: try AccessLogFormat($0.format), pool: plan.pool, logger: logger)
        }
        culprits = try CulpritBoard(descriptor: plan.descriptors.culprits)
        if let descriptor = plan.descriptors.culprits { close(descriptor) }
        gatehouse_crash_blame(culprits.board)
        guard gatehouse_crash_install(scoreboard.board, plan.descriptors.crash ?? -1) == 0 else {
            throw SystemError("crash reports: sigaction")
        }
    }

    /// The parts of it that an order can ask for.
    func services(of server: GatewayServer) -> WorkerServices {
        var services = WorkerServices()
        services.quarantine = { server.quarantine($0) }
        services.backtrace = { [stalls] in
            await withCheckedContinuation { continuation in
                // On a thread of its own, because it waits for others: for seconds if they do not answer.
                let log: @Sendable () -> Void = {
                    stalls.logBacktraces()
                    continuation.resume()
                }
                do { try PlainThread.run(log) } catch { log() }
            }
        }
        if let accessLog { services.takeAccessLog = { accessLog.reopen(with: $0) } }
        return services
    }
}

/// The actions on orders that do not concern connections.
struct WorkerServices: Sendable {
    /// Answers 503 to these routes, and to no others.
    var quarantine: @Sendable ([QuarantinedRoute]) -> Void = { _ in }
    /// Writes to the log the place of every event loop's thread in the code, and returns when it is there.
    var backtrace: @Sendable () async -> Void = {}
    /// Tells the modules that the worker serves.
    var beginServing: @Sendable () -> Void = {}
    /// Tells the modules that the worker takes nothing new.
    var beginDraining: @Sendable () -> Void = {}
    /// Takes over the descriptor of an access log that was opened anew.
    var takeAccessLog: @Sendable (Int32) -> Void = { close($0) }
}
