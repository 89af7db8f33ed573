internal import CGatehouseSystem
import FoundationEssentials
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Logging

/// The entry that `gatehouse-worker` calls after it has opened this library. Does not return.
@_cdecl("gatehouse_worker_main")
public func gatehouseWorkerMain() -> Int32 {
    let arguments = ProcessArguments.all.dropFirst()
    if arguments == ["--version"] {
        print(GatehouseVersion.line(program: "gatehouse-worker"))
        return ExitStatus.success.rawValue
    }
    if arguments == ["--database"] { DatabaseInquiry.run() }
    guard let arguments = WorkerArguments(Array(arguments)) else {
        LogSink.standardError.write("gatehouse-worker is started by gatehouse serve, not by hand")
        return ExitStatus.usage.rawValue
    }
    // A program that a handler starts must inherit only the first three descriptors.
    gatehouse_close_on_exec()
    gatehouse_disregard_signals(1)
    // A line that a module prints reaches the log at once, so that a crash does not lose it.
    gatehouse_print_lines()
    DescriptorLimit.raise()
    do {
        let plan = try WorkerPlan(readFrom: arguments.plan)
        // Before any library or module asks for a logger, so that all of them have this level and form.
        LineLogHandler.bootstrap(level: Logger.Level(rawValue: plan.logLevel) ?? .info)
        let control = ControlChannel(descriptor: arguments.control)
        let (events, give) = try WorkerEvent.stream(control: control)
        Task.detached {
            let status =
                if let order = plan.migration {
                    await MigratingWorker(plan: plan, control: control).run(order, events)
                } else {
                    await Worker(plan: plan, control: control, events: events, give: give).run()
                }
            exit(status.rawValue)
        }
    } catch {
        LogSink.standardError.write("gatehouse-worker: \(error)")
        return ExitStatus.internal.rawValue
    }
    // All work is on other threads; signals are passed on to the event stream.
    while true { pause() }
}

/// `gatehouse-worker --plan FD --control FD`: run by the supervisor only.
struct WorkerArguments: Equatable {
    var plan: Int32
    var control: Int32

    init?(_ arguments: [String]) {
        var found: [String: Int32] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst().flatMap({ Int32($0) }), value > 2 else { return nil }
            found[name] = value
        }
        guard let plan = found["--plan"], let control = found["--control"], found.count == 2 else { return nil }
        self.plan = plan
        self.control = control
    }
}

extension WorkerPlan {
    /// Reads the plan from an inherited descriptor, and closes it.
    fileprivate init(readFrom descriptor: Int32) throws(OperatorError) {
        let bytes: [UInt8]
        do {
            bytes = try Descriptor.readAll(descriptor)
        } catch {
            throw OperatorError("the plan cannot be read: \(error.reason)", .internal)
        }
        close(descriptor)
        do {
            self = try JSONDecoder().decode(WorkerPlan.self, from: Data(bytes))
        } catch {
            throw OperatorError(
                "the plan is not understood, gatehouse and gatehouse-worker are of different builds: \(error)",
                .internal)
        }
    }
}
