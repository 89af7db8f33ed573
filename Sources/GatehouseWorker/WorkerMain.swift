internal import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Logging

/// What `gatehouse-worker` calls after it has opened this library. Does not return.
@_cdecl("gatehouse_worker_main")
public func gatehouseWorkerMain() -> Int32 {
    guard let arguments = WorkerArguments(Array(ProcessArguments.all.dropFirst())) else {
        LogSink.standardError.write("gatehouse-worker is started by gatehouse serve, not by hand")
        return ExitStatus.usage.rawValue
    }
    // A program that a handler starts is to have the first three descriptors and nothing of ours.
    gatehouse_close_on_exec()
    gatehouse_disregard_signals(1)
    // What a module prints is in the log when it has printed it, and not lost with it in a crash.
    gatehouse_print_lines()
    DescriptorLimit.raise()
    let plan: WorkerPlan
    do {
        plan = try PlanReader.read(from: arguments.plan)
    } catch {
        LogSink.standardError.write("gatehouse-worker: \(error.message)")
        return ExitStatus.internal.rawValue
    }
    // Before any library or module asks for a logger: what they say keeps to the level and the form.
    LineLogHandler.bootstrap(level: Logger.Level(rawValue: plan.logLevel) ?? .info)
    let control = ControlChannel(descriptor: arguments.control)
    let events: AsyncStream<WorkerEvent>
    let give: @Sendable (WorkerEvent) -> Void
    do {
        (events, give) = try WorkerEvent.stream(control: control)
    } catch {
        LogSink.standardError.write("gatehouse-worker: \(error)")
        return ExitStatus.internal.rawValue
    }
    Task.detached {
        let status = await Worker(plan: plan, control: control, events: events, give: give).run()
        exit(status.rawValue)
    }
    // Everything happens on other threads; signals are passed on to the event stream.
    while true { pause() }
}
