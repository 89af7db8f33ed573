/// One worker as its pool's state machine sees it.
struct SupervisedWorker: Equatable, Sendable {
    enum State: Equatable, Sendable {
        case starting
        /// A module's code runs for the first time.
        case loading(path: String)
        /// Ready, and not yet told to accept.
        case waiting
        case serving
        /// Told to finish the requests that it has and leave, or doing so by itself.
        case draining
        /// It does not answer: its backtraces are being taken, then it is killed.
        case tracing
        /// It will not serve, or not any more, and is about to end.
        case failed(message: String, exitStatus: Int32)
        /// It was sent SIGKILL.
        case killed
    }

    /// A state without its details, as ``allowed`` lists them.
    enum Stage: CaseIterable, Sendable {
        case starting, loading, waiting, serving, draining, tracing, failed, killed
    }

    /// The stages that may follow each stage.
    static let allowed: [Stage: Set<Stage>] = [
        .starting: [.loading, .waiting, .serving, .failed, .killed],
        .loading: [.starting, .waiting, .serving, .failed, .killed],
        .waiting: [.serving, .failed, .killed],
        .serving: [.draining, .tracing, .failed],
        .draining: [.draining, .failed, .killed],
        .tracing: [.failed, .killed],
        .failed: [.failed, .killed],
        .killed: [],
    ]

    let number: Int
    let generation: Int
    let startedAt: Int
    /// The rules of its generation. Those of the serving one may differ: a reload can turn modules into a program.
    let rules: PoolRules
    private(set) var state = State.starting
    /// The time at which the state has lasted too long, in milliseconds of the monotonic clock.
    var deadline: Int?
    /// Modules that it has begun to load.
    var loads = 0
    /// Whether orders no longer reach it.
    var hasClosedControlChannel = false
    /// Whether it has said that it accepts nothing more, or is a program, which says nothing.
    var hasStoppedAccepting = false
    /// The worker that leaves when this one serves.
    var successorOf: Int?
    /// Whether that one gets its last request first.
    var waitsForLastRequest = false
    /// Whether it has said that it has taken as many requests as it should.
    var isWorn = false
    /// Whether it is a program beside others that answer on the same socket: only that it lives can be seen.
    var settles = false
    /// The reason why its program has not answered yet.
    var refusal: String?
    /// The time at which it began to serve.
    var servesSince: Int?
    /// Thousandths by which its recycling limits are lowered.
    var jitter = 0

    var lastSample = WorkerSample()
    var lastSampledAt: Int?
    var requestsPerSecond = 0
    /// The time at which its count of requests last changed, or it last had one in flight.
    var lastActivity: Int
    /// The probe that it has not answered yet.
    var openProbe: Probe?
    var lastProbe: Int?

    struct Probe: Equatable, Sendable {
        var number: Int
        var sentAt: Int
    }

    init(number: Int, generation: Int, rules: PoolRules, startedAt: Int, state: State = .starting) {
        self.number = number
        self.generation = generation
        self.rules = rules
        self.startedAt = startedAt
        self.state = state
        lastActivity = startedAt
    }

    /// The only way from one state to another.
    mutating func become(_ new: State) {
        assert(
            Self.allowed[state.stage]?.contains(new.stage) == true, "worker \(number): \(state) cannot become \(new)")
        state = new
    }

    /// Notes the number of a probe that it has answered.
    mutating func answered(probe number: Int) {
        if openProbe?.number == number { openProbe = nil }
    }

    /// Notes that its count of requests has reached `count`.
    mutating func countRequests(_ count: Int, _ now: Int) {
        let time = now - (lastSampledAt ?? servesSince ?? now)
        guard time > 0 else { return }
        requestsPerSecond = max(0, count - lastSample.requests) * 1_000 / time
        lastSampledAt = now
        lastSample.requests = count
    }

    /// Whether it serves now or may later.
    var isWanted: Bool {
        switch state {
        case .starting, .loading, .waiting, .serving: true
        case .draining, .tracing, .failed, .killed: false
        }
    }

    /// Whether it serves, and can be counted on: one that no order reaches is as good as gone.
    var canServe: Bool { state == .serving && !hasClosedControlChannel }

    /// Whether its socket is to be asked if the program is there.
    var awaitsAnswer: Bool { state == .starting && rules.isProgram && !settles }

    var hasFailedToServe: Bool {
        if case .failed = state { servesSince == nil } else { false }
    }

    var isStarting: Bool {
        switch state {
        case .starting, .loading: true
        case .waiting, .serving, .draining, .tracing, .failed, .killed: false
        }
    }
}

extension SupervisedWorker.State {
    var stage: SupervisedWorker.Stage {
        switch self {
        case .starting: .starting
        case .loading: .loading
        case .waiting: .waiting
        case .serving: .serving
        case .draining: .draining
        case .tracing: .tracing
        case .failed: .failed
        case .killed: .killed
        }
    }
}
