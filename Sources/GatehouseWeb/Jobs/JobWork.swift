import FoundationEssentials
import GatehousePlan
import GatehouseSystem
import Synchronization

/// A worker's share of the work: the kinds that it knows, the jobs that it runs, and when to look again. On any thread.
final class JobWork: Sendable {
    private struct State {
        var handlers: [String: JobHandler] = [:]
        var schedules: [JobSchedule] = []
        var running: [UUID: JobRun] = [:]
        /// Whether the worker serves, so that its generation is no longer on trial.
        var isServing = false
        /// Whether jobs may be taken.
        var isTaking = false
        var isDraining = false
        /// The moments at which draining began, and at which what runs is cancelled, by the monotonic clock.
        var drainingSince: Int64?
        var deadline: Int64?
        /// Whether a job may be due that nobody has looked for yet.
        var mayBeDue = true
        /// The earliest moment at which a job is known to be due.
        var nextDue: Int64?
        var use: JobUse?
    }

    private let state = Mutex(State())
    let wake = Wake()

    // MARK: Kinds

    /// - Returns: whether the kind had no handler.
    func add(_ handler: JobHandler, for name: String) -> Bool {
        state.withLock { $0.handlers.updateValue(handler, forKey: name) == nil }
    }

    func add(_ schedule: JobSchedule) { state.withLock { $0.schedules.append(schedule) } }

    func handler(_ kind: String) -> JobHandler? { state.withLock { $0.handlers[kind] } }

    var kinds: [String] { state.withLock { $0.handlers.keys.sorted() } }

    var schedules: [JobSchedule] { state.withLock { $0.schedules } }

    // MARK: Jobs that run

    func begin(_ run: JobRun) {
        state.withLock { state in
            state.running[run.claimed.id] = run
            state.use?.active = state.running.count
        }
    }

    func end(_ run: JobRun, isDone: Bool, hasFailed: Bool) {
        state.withLock { state in
            // A job that was lost may have come again.
            if state.running[run.claimed.id] === run { state.running[run.claimed.id] = nil }
            state.use?.active = state.running.count
            if isDone { state.use?.done += 1 }
            if hasFailed { state.use?.failed += 1 }
        }
        wake.set()
    }

    var running: [JobRun] { state.withLock { Array($0.running.values) } }

    /// Whether an idle place is there for a job that is enqueued now.
    func canTakeMore(_ concurrency: Int) -> Bool {
        state.withLock { $0.isTaking && !$0.isDraining && $0.running.count < concurrency }
    }

    // MARK: Time

    /// A job was enqueued.
    func noteDue(_ due: JobStore.Due) {
        switch due {
        case .after(let delay) where delay > .zero: noteDue(in: delay)
        case .after: noteDueNow()
        case .at(let date): noteDue(in: .milliseconds(date.millisecondsSince1970 - Date().millisecondsSince1970))
        }
    }

    func noteDueNow() {
        keepDue()
        wake.set()
    }

    /// A job may still be due, for the next turn.
    func keepDue() { state.withLock { $0.mayBeDue = true } }

    func noteDue(in delay: Duration) {
        let moment = Self.moment(in: delay)
        let isEarlier = state.withLock { state in
            guard state.nextDue.map({ moment < $0 }) ?? true else { return false }
            state.nextDue = moment
            return true
        }
        if isEarlier { wake.set() }
    }

    /// Whether a job may be due; from now on it is known to be looked for.
    func takeDue() -> Bool {
        state.withLock { state in
            let isNow = state.nextDue.map { $0 <= MonotonicClock.nanoseconds() } ?? false
            if isNow { state.nextDue = nil }
            defer { state.mayBeDue = false }
            return state.mayBeDue || isNow
        }
    }

    /// The time until the next job that is known of, at most `longest`.
    func untilDue(atMost longest: Duration) -> Duration {
        state.withLock { state in
            if state.mayBeDue { return .zero }
            guard let next = state.nextDue else { return longest }
            let now = MonotonicClock.nanoseconds()
            return next <= now ? .zero : min(longest, .nanoseconds(next - now))
        }
    }

    private static func moment(in delay: Duration) -> Int64 {
        MonotonicClock.nanoseconds() + delay.boundedNanoseconds
    }

    // MARK: The beginning and the end

    func beginServing() {
        state.withLock { $0.isServing = true }
        wake.set()
    }

    var isServing: Bool { state.withLock { $0.isServing } }

    func start() { state.withLock { $0.isTaking = true } }

    /// The worker takes nothing new.
    func beginDraining() {
        state.withLock { state in
            state.isDraining = true
            if state.drainingSince == nil { state.drainingSince = MonotonicClock.nanoseconds() }
        }
        wake.set()
    }

    /// The worker's requests have ended. Jobs have what is left of the time for draining, or a moment if it does not
    /// drain.
    func stop(drainTime: Duration) {
        state.withLock { state in
            state.isDraining = true
            let now = MonotonicClock.nanoseconds()
            let least = now + (drainTime == .zero ? 0 : 3_000_000_000)
            let drained = state.drainingSince.map { $0 + drainTime.boundedNanoseconds }
            state.deadline = min(state.deadline ?? .max, max(least, drained ?? least))
        }
        wake.set()
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// The moment at which what runs is cancelled; `nil` as long as the worker has not been told to end.
    var deadline: Int64? { state.withLock { $0.deadline } }

    // MARK: Figures

    /// The last look at the jobs, for `gatehouse status`.
    var use: JobUse? { state.withLock { $0.use } }

    func setUse(_ use: JobUse) { state.withLock { $0.use = use } }

    func note(_ look: JobStore.Look) {
        state.withLock { state in
            state.use?.pending = look.waiting
            state.use?.running = look.running
            state.use?.dead = look.dead
            state.use?.oldest = Int(clamping: look.oldest.map { max(0, look.now - $0) } ?? 0)
            state.use?.moment = Int(clamping: look.now)
        }
    }
}
