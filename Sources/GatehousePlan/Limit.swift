internal import GatehouseWire

/// Every limit of a pool, by its key under `limits` in the configuration.
///
/// To add one: a case, its line in `definition`, the place that enforces it (in a worker, with a field of `Limits`),
/// and its row in CONFIGURATION.md, which a test compares with this table.
public enum Limit: String, CaseIterable, Sendable {
    case request
    case head
    case bodyIdle = "body-idle"
    case writeIdle = "write-idle"
    case stalled
    case drain
    case load
    case body
    case parameters
    case parameterCount = "parameter-count"
    case parameterName = "parameter-name"
    case parameterValue = "parameter-value"
    case target
    case headsPerConnection = "heads-per-connection"
    case headsPerWorker = "heads-per-worker"
    case bufferedPerRequest = "buffered-per-request"
    case bufferedPerConnection = "buffered-per-connection"
    case concurrentRequests = "concurrent-requests"
    case connections
    case memory
    case requestsPerWorker = "requests-per-worker"
    case workerAge = "worker-age"

    /// The limit's row of the table.
    public var definition: Definition {
        switch self {
        case .request: .time(.field(\.requestTime), "a request, from its first byte to the end of its response")
        case .head: .time(.field(\.headTime), "from a request's first byte to the last of its parameters")
        case .bodyIdle: .time(.field(\.bodyIdleTime), "between two pieces of a request's body")
        case .writeIdle:
            .time(.field(\.writeIdleTime), "between two pieces of a response that the front server takes")
        case .stalled:
            .time(
                .field(\.stalledRequestTime),
                "how long a request that does not read its body may hold up the others of its connection")
        case .drain:
            .time(
                .field(\.drainTime), "how long a worker that is to stop waits for its requests", holdsForPrograms: true)
        case .load:
            .time(
                .standard(30_000),
                "each module's `init`, and after the last the time until the worker is ready; a program's start, "
                    + "until it answers", holdsForPrograms: true)
        case .body: .size(\.bodyBytes, 0...1 << 50, "a request's body")
        case .parameters: .size(\.parameterBytes, 1...1 << 24, "all names and values of a request")
        case .parameterCount: .count(\.parameterCount, 1...100_000, "pairs in a request")
        case .parameterName: .size(\.parameterNameLength, 1...1 << 24, "one name", within: .parameters)
        case .parameterValue:
            .size(
                \.parameterValueLength, 1...1 << 24,
                "one value. Only h2o, and Apache over SCGI, can send more than 64 KiB",
                within: .parameters)
        case .target:
            .size(
                \.targetLength, 1...1 << 24,
                "a request's path and query. The front server has a limit of its own, often 8 KiB", within: .parameters)
        case .headsPerConnection:
            .size(
                \.headBytesPerConnection, 1...1 << 30,
                "parameters that have not ended, of all requests of a connection",
                within: .headsPerWorker)
        case .headsPerWorker: .size(\.headBytesPerWorker, 1 << 20...1 << 40, "the same for all connections of a worker")
        case .bufferedPerRequest:
            .size(
                \.bufferedBytesPerRequest, 1...1 << 30, "body bytes that wait for one handler",
                within: .bufferedPerConnection)
        case .bufferedPerConnection:
            .size(\.bufferedBytesPerConnection, 1...1 << 30, "the same for all requests of a connection")
        case .concurrentRequests: .count(\.concurrentRequests, 1...65_535, "requests at a time on one connection")
        case .connections:
            .count(\.connections, 1...1_000_000, "connections of one worker; further ones wait in the queue")
        // A worker of ours has 10 MiB before it has done anything: with a smaller limit it would be replaced for ever.
        case .memory:
            .recycling(
                .bytes, 16 << 20...1 << 50, "resident bytes; the worker is then replaced", holdsForPrograms: true)
        case .requestsPerWorker:
            .recycling(
                .count, 1...1_000_000_000_000,
                "requests that a worker takes: then its successor serves, which was started a little earlier",
                holdsForPrograms: false)
        case .workerAge:
            .recycling(
                .milliseconds, 1_000...31_536_000_000, "the time after which a worker is replaced",
                holdsForPrograms: true)
        }
    }
}

extension Limit {
    /// The unit of a limit's value in a plan. (A worker's own `Limits` have their times in nanoseconds.)
    public enum Unit: Sendable {
        case milliseconds, bytes, count
    }

    /// One row of the table of limits.
    public struct Definition: Sendable {
        /// The unit of `range` and `standard`.
        public var unit: Unit
        /// The values that the configuration accepts.
        public var range: ClosedRange<Int>
        /// Whether `off`, which is 0 in a plan, is a value beside those of the range.
        public var canBeOff: Bool
        /// The default; 0 is `off`. That of a limit with a field is written beside its reason, in `Limits`.
        public var standard: Int
        /// A limit that is at least as large as this one; a larger part of a smaller whole could never be reached.
        public var whole: Limit?
        /// Whether it holds for programs too: Gatehouse sees their processes, and not their requests.
        public var holdsForPrograms: Bool
        /// The text in CONFIGURATION.md.
        public var meaning: String
        /// The field that a worker enforces; `nil` if the supervisor enforces the limit.
        var field: Field?
    }

    enum Field: Sendable {
        case nanoseconds(any WritableKeyPath<Limits, Limits.Nanoseconds> & Sendable)
        case number(any WritableKeyPath<Limits, Int> & Sendable)
    }
}

// MARK: The kinds of limits

extension Limit.Definition {
    fileprivate enum TimeSource {
        case field(any WritableKeyPath<Limits, Limits.Nanoseconds> & Sendable)
        /// Milliseconds.
        case standard(Int)
    }

    /// From one millisecond to a week.
    fileprivate static func time(
        _ source: TimeSource, _ meaning: String, holdsForPrograms: Bool = false
    ) -> Limit.Definition {
        let (standard, field): (Int, Limit.Field?) =
            switch source {
            case .field(let path): (Int(Limits()[keyPath: path] / 1_000_000), .nanoseconds(path))
            case .standard(let milliseconds): (milliseconds, nil)
            }
        return Limit.Definition(
            unit: .milliseconds, range: 1...604_800_000, canBeOff: true, standard: standard,
            holdsForPrograms: holdsForPrograms, meaning: meaning, field: field)
    }

    fileprivate static func size(
        _ path: any WritableKeyPath<Limits, Int> & Sendable, _ range: ClosedRange<Int>, _ meaning: String,
        within whole: Limit? = nil
    ) -> Limit.Definition {
        Limit.Definition(
            unit: .bytes, range: range, canBeOff: false, standard: Limits()[keyPath: path], whole: whole,
            holdsForPrograms: false, meaning: meaning, field: .number(path))
    }

    fileprivate static func count(
        _ path: any WritableKeyPath<Limits, Int> & Sendable, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Limit.Definition {
        Limit.Definition(
            unit: .count, range: range, canBeOff: false, standard: Limits()[keyPath: path], holdsForPrograms: false,
            meaning: meaning, field: .number(path))
    }

    /// A limit at which a worker is replaced by a fresh one; `off` by default.
    fileprivate static func recycling(
        _ unit: Limit.Unit, _ range: ClosedRange<Int>, _ meaning: String, holdsForPrograms: Bool
    ) -> Limit.Definition {
        Limit.Definition(
            unit: unit, range: range, canBeOff: true, standard: 0, holdsForPrograms: holdsForPrograms, meaning: meaning)
    }
}
