/// One worker as the pool's decisions see it.
struct SupervisedWorker: Equatable, Sendable {
    enum State: Equatable, Sendable {
        /// Can become: loading, waiting, serving, failed, killed.
        case starting
        /// Its module's code runs for the first time. Can become: starting, waiting, failed, killed.
        case loading(path: String)
        /// Ready, and not yet told to accept. Can become: serving, failed, killed.
        case waiting
        /// Can become: draining, tracing.
        case serving
        /// Can become: killed.
        case draining
        /// It does not answer; its backtraces are being taken, then it is killed. Can become: killed.
        case tracing
        /// It has said why it cannot serve, or that was seen. Can become: killed.
        case failed(message: String, exitStatus: Int32)
        /// It has been sent SIGKILL. Final.
        case killed
    }

    let number: Int
    let generation: Int
    let startedAt: Int
    /// Its generation's. What serves now may be held to others: a reload can make a program of a pool of modules.
    let rules: PoolRules
    var state = State.starting
    /// When the state has lasted too long, in milliseconds of the monotonic clock.
    var deadline: Int?
    /// Modules that it has begun to load.
    var loads = 0
    /// Whether orders reach it no longer.
    var hasClosedControlChannel = false
    /// Whether it has said so, or is a program, which says nothing.
    var hasStoppedAccepting = false
    /// The worker that leaves when this one serves.
    var successorOf: Int?
    /// Whether that one is to have its last request first.
    var waitsForLastRequest = false
    /// Whether it has said that it has taken as many requests as it should.
    var isWorn = false
    /// Whether it is a program beside others that answer on the same socket: that it lives is all that can be seen.
    var settles = false
    /// Why its program has not answered yet.
    var refusal: String?
    /// Since when it serves.
    var servesSince: Int?
    /// Parts of a thousand that its recycling limits are lowered by.
    var jitter = 0

    var lastSample = WorkerSample()
    var lastSampledAt: Int?
    var requestsPerSecond = 0
    /// When its count of requests last changed, or it had one in flight.
    var lastActivity: Int
    /// The probe that it has not answered yet.
    var openProbe: Probe?
    var lastProbe: Int?

    struct Probe: Equatable, Sendable {
        var number: Int
        var sentAt: Int
    }

    init(number: Int, generation: Int, rules: PoolRules, startedAt: Int) {
        self.number = number
        self.generation = generation
        self.rules = rules
        self.startedAt = startedAt
        lastActivity = startedAt
    }

    /// It has had so many requests by now.
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

    /// Whether it serves, and can be counted on: one that hears no orders is as good as gone.
    var canServe: Bool { state == .serving && !hasClosedControlChannel }

    /// Whether its socket is to be asked whether the program is there.
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
