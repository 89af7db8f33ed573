import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Logging

/// What a worker tells of itself while it serves: the scoreboard, the access log, and stalls.
struct Observability {
    let scoreboard: Scoreboard
    let stalls: StallWatch
    let accessLog: AccessLog?
    let culprits: CulpritBoard

    /// - Throws: what keeps the worker from serving: memory that cannot be mapped, a format that makes no sense.
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

    /// What of this an order can ask for.
    func services(of server: GatewayServer) -> WorkerServices {
        var services = WorkerServices()
        services.quarantine = { server.quarantine($0) }
        services.backtrace = { [stalls] in
            await withCheckedContinuation { continuation in
                // On a thread of its own: it waits for others, for seconds where they do not answer.
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
