import GatehousePlan
import GatehouseSupervisor
import Glibc
import Testing

struct SupervisionTests {
    static func make(_ limits: LimitsPlan = LimitsPlan(), modules: [ModulePlan]? = nil) -> Supervision {
        let plan = WorkerPlan(
            pool: "web",
            listeners: [ListenerPlan(descriptor: 5, gatewayProtocol: .fastcgi, endpoint: "fastcgi:/run/a.sock")],
            modules: modules ?? [ModulePlan(path: "/m/libA.so")], limits: limits)
        return Supervision(plan: plan, now: 0)
    }

    static let loading = Supervision.Event.reported(.loading(path: "/m/libA.so"))
    static let loaded = Supervision.Event.reported(.loaded(path: "/m/libA.so", name: "Hello", version: "1.0"))

    static func serving(_ limits: LimitsPlan = LimitsPlan()) -> Supervision {
        var supervision = make(limits)
        _ = supervision.handle(loading, now: 0)
        _ = supervision.handle(loaded, now: 0)
        _ = supervision.handle(.reported(.ready), now: 0)
        return supervision
    }

    /// The status to finish with, and what was said on the way.
    static func finish(_ actions: [Supervision.Action]) -> (status: Int32?, said: String) {
        var status: Int32?
        var said: [String] = []
        for action in actions {
            switch action {
            case .finish(let value): status = value
            case .say(let line): said.append(line)
            default: break
            }
        }
        return (status, said.joined(separator: "\n"))
    }

    @Test func `a worker that is ready is announced with its endpoints and modules`() {
        var supervision = Self.make(
            modules: [ModulePlan(path: "/m/libA.so"), ModulePlan(path: "/m/libB.so", mount: "/b")])
        _ = supervision.handle(Self.loading, now: 0)
        _ = supervision.handle(Self.loaded, now: 0)
        _ = supervision.handle(.reported(.loading(path: "/m/libB.so")), now: 0)
        _ = supervision.handle(.reported(.loaded(path: "/m/libB.so", name: "B", version: "2")), now: 0)
        #expect(
            supervision.handle(.reported(.ready), now: 0) == [
                .say("ready: fastcgi:/run/a.sock, 2 modules (/ → Hello 1.0, /b → B 2)")
            ])
        #expect(supervision.deadline == nil)
    }

    @Test func `a module whose init traps is named, with the signal`() {
        var supervision = Self.make()
        _ = supervision.handle(Self.loading, now: 0)
        let (status, said) = Self.finish(supervision.handle(.workerEnded(.killed(signal: SIGILL)), now: 1))
        #expect(status == ExitStatus.moduleInitTrapped.rawValue)
        #expect(said.contains("/m/libA.so") && said.contains("SIGILL"))
    }

    @Test(arguments: [0, 3] as [Int32])
    func `a module whose init exits is named, whatever the status`(exit: Int32) {
        var supervision = Self.make()
        _ = supervision.handle(Self.loading, now: 0)
        let (status, said) = Self.finish(supervision.handle(.workerEnded(.exited(status: exit)), now: 1))
        #expect(status == ExitStatus.moduleInitTrapped.rawValue)
        #expect(said.contains("/m/libA.so"))
    }

    @Test func `a module that does not return from init in time is named and its worker killed`() {
        var supervision = Self.make()
        _ = supervision.handle(Self.loading, now: 1_000)
        #expect(supervision.deadline == 31_000)
        #expect(supervision.handle(.clockAdvanced, now: 30_999).isEmpty)
        #expect(
            supervision.handle(.clockAdvanced, now: 31_000) == [
                .say("module /m/libA.so did not finish its init within 30 s (limits: load)"), .signalWorker(SIGKILL),
            ])
        #expect(
            supervision.handle(.workerEnded(.killed(signal: SIGKILL)), now: 31_001) == [
                .finish(ExitStatus.moduleInitHung.rawValue)
            ])
    }

    @Test func `each module has the whole load time, and off means no limit`() {
        var limits = LimitsPlan()
        limits.loadTime = 500
        var supervision = Self.make(limits)
        _ = supervision.handle(Self.loading, now: 400)
        #expect(supervision.deadline == 900)
        limits.loadTime = 0
        supervision = Self.make(limits)
        #expect(supervision.deadline == nil)
    }

    @Test func `a failure that the worker reports is said and decides the status`() {
        var supervision = Self.make()
        _ = supervision.handle(Self.loading, now: 0)
        let report = WorkerReport.failed(
            path: "/m/libA.so", message: "/m/libA.so: init threw\u{1B}[2J: no\nway", exitStatus: 85)
        #expect(supervision.handle(.reported(report), now: 0) == [.say("/m/libA.so: init threw\\x1b[2J: no way")])
        #expect(supervision.handle(.workerEnded(.exited(status: 85)), now: 1) == [.finish(85)])
    }

    @Test(arguments: [0, -1, 256, Int32.max] as [Int32])
    func `a reported failure never becomes success or no status at all`(reported: Int32) {
        var supervision = Self.make()
        _ = supervision.handle(.reported(.failed(path: "", message: "x", exitStatus: reported)), now: 0)
        #expect(
            supervision.handle(.workerEnded(.exited(status: 0)), now: 1) == [.finish(ExitStatus.internal.rawValue)])
    }

    @Test(arguments: [SIGILL, SIGSEGV, SIGKILL, SIGABRT])
    func `a worker that dies while it serves is 88`(signal: Int32) {
        var supervision = Self.serving()
        let (status, said) = Self.finish(supervision.handle(.workerEnded(.killed(signal: signal)), now: 1))
        #expect(status == ExitStatus.workerDied.rawValue)
        #expect(said.contains("while it served by signal \(signal)"))
    }

    @Test(arguments: [0, 1, 74] as [Int32])
    func `a serving worker's own exit is passed on`(exit: Int32) {
        var supervision = Self.serving()
        #expect(Self.finish(supervision.handle(.workerEnded(.exited(status: exit)), now: 1)).status == exit)
    }

    @Test func `draining removes the socket files first and passes the worker's exit on`() {
        var supervision = Self.serving()
        #expect(
            supervision.handle(.stopRequested(.drain), now: 100) == [.removeSocketFiles, .signalWorker(SIGTERM)])
        #expect(supervision.deadline == 100 + 30_000 + 5_000)
        #expect(supervision.handle(.reported(.draining), now: 101).isEmpty)
        #expect(supervision.handle(.workerEnded(.exited(status: 0)), now: 200) == [.finish(0)])
    }

    @Test func `a worker that does not leave is killed`() {
        var limits = LimitsPlan()
        limits.drainTime = 1_000
        var supervision = Self.serving(limits)
        _ = supervision.handle(.stopRequested(.drain), now: 0)
        let actions = supervision.handle(.clockAdvanced, now: 6_000)
        #expect(actions.contains(.signalWorker(SIGKILL)))
        #expect(
            Self.finish(supervision.handle(.workerEnded(.killed(signal: SIGKILL)), now: 6_001)).status
                == ExitStatus.workerDied.rawValue)
    }

    @Test func `interrupting hurries a drain that has no limit`() {
        var limits = LimitsPlan()
        limits.drainTime = 0
        var supervision = Self.serving(limits)
        _ = supervision.handle(.stopRequested(.drain), now: 0)
        #expect(supervision.deadline == nil)
        #expect(supervision.handle(.stopRequested(.atOnce), now: 10) == [.removeSocketFiles, .signalWorker(SIGINT)])
        #expect(supervision.deadline == 5_010)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a worker that is told to stop before it can handle signals has not failed`(signal: Int32) {
        var supervision = Self.make()
        _ = supervision.handle(.stopRequested(signal == SIGTERM ? .drain : .atOnce), now: 0)
        #expect(supervision.handle(.workerEnded(.killed(signal: signal)), now: 1) == [.finish(0)])
    }

    @Test func `a control channel that carries nonsense ends the worker`() {
        var supervision = Self.serving()
        #expect(supervision.handle(.babbled, now: 0).contains(.signalWorker(SIGKILL)))
        #expect(
            supervision.handle(.workerEnded(.killed(signal: SIGKILL)), now: 1) == [
                .finish(ExitStatus.internal.rawValue)
            ])
    }

    @Test func `a worker that leaves before it is ready is a failure even with status 0`() {
        var supervision = Self.make()
        #expect(Self.finish(supervision.handle(.workerEnded(.exited(status: 0)), now: 1)).status == 70)
        supervision = Self.make()
        #expect(Self.finish(supervision.handle(.workerEnded(.exited(status: 74)), now: 1)).status == 74)
    }
}
