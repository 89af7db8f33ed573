public import GatehousePlan
internal import Glibc

/// What the supervisor does about its worker, as a function of what happened: no process, no descriptor, no clock.
///
/// | phase     | report                     | worker ended            | deadline passed        | told to stop        |
/// |-----------|----------------------------|-------------------------|------------------------|---------------------|
/// | starting  | loading -> loading         | its status              | kill -> failed         | signal -> stopping  |
/// | loading   | loaded -> starting; failed | 86, the module's fault  | kill -> failed, 87     | signal -> stopping  |
/// | serving   | draining -> stopping       | its status, signal: 88  | (none)                 | signal -> stopping  |
/// | stopping  | (ignored)                  | its status              | kill -> failed, 88     | signal again        |
/// | failed    | (ignored)                  | the failure's status    | kill                   | kill                |
public struct Supervision: Sendable {
    public enum StopRequest: Equatable, Sendable {
        /// Finish what is in flight: SIGTERM.
        case drain
        /// Leave at once: SIGINT.
        case atOnce
    }

    public enum Event: Equatable, Sendable {
        case reported(WorkerReport)
        /// The control channel carried something that is no report.
        case babbled
        case workerEnded(WorkerEnd)
        case stopRequested(StopRequest)
        /// Time has passed; nothing else happened.
        case clockAdvanced
    }

    public enum Action: Equatable, Sendable {
        /// Print a line for the operator.
        case say(String)
        case signalWorker(Int32)
        /// Remove the socket files, so that front servers go elsewhere.
        case removeSocketFiles
        /// Leave with this status.
        case finish(Int32)
    }

    enum Phase: Equatable {
        case starting
        case loading(path: String)
        case serving
        case stopping
        case failed(status: Int32)
    }

    /// How long a worker may outlive its own drain limit, or SIGINT, or its report that it failed.
    static let patience = 5_000
    /// How long a module may take to load where the configuration does not say.
    static let defaultLoadTime = 30_000
    /// The worker's own limit where the configuration does not say.
    static let defaultDrainTime = 30_000

    private let plan: WorkerPlan
    private let loadTime: Int
    private let drainTime: Int
    private var phase = Phase.starting
    private var loaded: [(path: String, name: String)] = []

    /// When `clockAdvanced` has something to do, in milliseconds of the clock that `handle` is given; `nil` for never.
    public private(set) var deadline: Int?

    public init(plan: WorkerPlan, now: Int) {
        self.plan = plan
        loadTime = plan.limits.loadTime ?? Self.defaultLoadTime
        drainTime = plan.limits.drainTime ?? Self.defaultDrainTime
        deadline = after(loadTime, now)
    }

    public mutating func handle(_ event: Event, now: Int) -> [Action] {
        switch event {
        case .reported(let report): return reported(report, now)
        case .babbled:
            return fail("the worker's control channel carried something that is no report", .internal, now)
        case .workerEnded(let end): return workerEnded(end)
        case .stopRequested(let request): return stopRequested(request, now)
        case .clockAdvanced:
            guard let deadline, now >= deadline else { return [] }
            return deadlinePassed()
        }
    }

    private mutating func reported(_ report: WorkerReport, _ now: Int) -> [Action] {
        if phase == .stopping { return [] }
        if case .failed = phase { return [] }
        if phase == .serving, report != .draining {
            return fail("the worker's control channel carried a report that comes before it serves", .internal, now)
        }
        switch report {
        case .loading(let path):
            phase = .loading(path: path)
            deadline = after(loadTime, now)
        case .loaded(let path, let name, let version):
            phase = .starting
            deadline = after(loadTime, now)
            loaded.append((path, version.isEmpty ? printable(name) : printable("\(name) \(version)")))
        case .failed(_, let message, let status):
            phase = .failed(status: (1...255).contains(status) ? status : ExitStatus.internal.rawValue)
            deadline = now + Self.patience
            return [.say(printable(message))]
        case .ready:
            phase = .serving
            deadline = nil
            return [.say(readyLine)]
        case .draining:
            phase = .stopping
            deadline = drainTime == 0 ? nil : now + drainTime + Self.patience
            return [.removeSocketFiles]
        case .probed, .traced: break
        }
        return []
    }

    private mutating func workerEnded(_ end: WorkerEnd) -> [Action] {
        deadline = nil
        switch (phase, end) {
        case (.failed(let status), _):
            return [.finish(status)]
        case (.loading(let path), .exited(let status)):
            return [
                .say("module \(printable(path)): its init ended the process with status \(status)"),
                .finish(ExitStatus.moduleInitTrapped.rawValue),
            ]
        case (.loading(let path), .killed(let signal)):
            return [
                .say(
                    "module \(printable(path)): its init ended the process by \(SignalName.describe(signal)); "
                        + "what it said stands above"),
                .finish(ExitStatus.moduleInitTrapped.rawValue),
            ]
        case (.stopping, .killed(SIGTERM)), (.stopping, .killed(SIGINT)):
            // It was told to leave before it could say how.
            return [.finish(ExitStatus.success.rawValue)]
        case (.starting, .exited(let status)):
            let failure = status == 0 ? ExitStatus.internal.rawValue : status
            return [.say("the worker left with status \(status) before it was ready"), .finish(failure)]
        case (.serving, .exited(let status)) where status != 0:
            return [.say("the worker left with status \(status)"), .finish(status)]
        case (_, .exited(let status)):
            return [.finish(status)]
        case (_, .killed(let signal)):
            let when =
                phase == .serving ? "while it served" : phase == .stopping ? "while it drained" : "before it was ready"
            return [
                .say("the worker was killed \(when) by \(SignalName.describe(signal))"),
                .finish(ExitStatus.workerDied.rawValue),
            ]
        }
    }

    private mutating func stopRequested(_ request: StopRequest, _ now: Int) -> [Action] {
        if case .failed = phase { return [.signalWorker(SIGKILL)] }
        let wasStopping = phase == .stopping
        phase = .stopping
        switch request {
        case .drain:
            if !wasStopping { deadline = drainTime == 0 ? nil : now + drainTime + Self.patience }
            // The files first: the worker still accepts what waits in the backlog, and nothing new gets there.
            return [.removeSocketFiles, .signalWorker(SIGTERM)]
        case .atOnce:
            deadline = min(deadline ?? Int.max, now + Self.patience)
            return [.removeSocketFiles, .signalWorker(SIGINT)]
        }
    }

    private mutating func deadlinePassed() -> [Action] {
        deadline = nil
        switch phase {
        case .loading(let path):
            phase = .failed(status: ExitStatus.moduleInitHung.rawValue)
            return [
                .say("module \(printable(path)) did not finish its init within \(seconds(loadTime)) (limits: load)"),
                .signalWorker(SIGKILL),
            ]
        case .starting where !loaded.isEmpty:
            phase = .failed(status: ExitStatus.moduleInitHung.rawValue)
            return [
                .say("the modules' services did not start within \(seconds(loadTime)) (limits: load)"),
                .signalWorker(SIGKILL),
            ]
        case .starting:
            phase = .failed(status: ExitStatus.internal.rawValue)
            return [.say("the worker said nothing within \(seconds(loadTime))"), .signalWorker(SIGKILL)]
        case .stopping:
            phase = .failed(status: ExitStatus.workerDied.rawValue)
            return [.say("the worker did not leave in time and is killed"), .signalWorker(SIGKILL)]
        case .failed:
            return [.signalWorker(SIGKILL)]
        case .serving:
            return []
        }
    }

    private mutating func fail(_ message: String, _ status: ExitStatus, _ now: Int) -> [Action] {
        phase = .failed(status: status.rawValue)
        deadline = nil
        return [.say(message), .signalWorker(SIGKILL)]
    }

    /// `ready: fastcgi:/run/web.sock, 2 modules (/ → Hello 1.0, /blog → Blog 2.1)`
    private var readyLine: String {
        let endpoints = plan.listeners.map(\.endpoint).joined(separator: ", ")
        let modules = plan.modules.map { module in
            let name = loaded.first { $0.path == module.path }?.name
            return "\(module.mount) → \(name ?? String(module.path.split(separator: "/").last ?? "?"))"
        }
        let count = modules.count == 1 ? "1 module" : "\(modules.count) modules"
        return "ready: \(endpoints), \(count) (\(modules.joined(separator: ", ")))"
    }

    /// A time limit of 0 is none.
    private func after(_ limit: Int, _ now: Int) -> Int? {
        limit == 0 ? nil : now + limit
    }

    private func seconds(_ milliseconds: Int) -> String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
    }
}
