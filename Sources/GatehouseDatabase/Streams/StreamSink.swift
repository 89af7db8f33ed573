import Synchronization

/// The end of a stream, as its connection sees it.
protocol StreamEnd: RowSink {
    /// Whether the statement is over.
    var hasEnded: Bool { get }

    /// The statement is over.
    func finish(_ result: Result<Changes, DatabaseError>)
}

/// A bounded buffer between a connection, which pushes rows, and a task that reads them one by one.
///
/// The connection pushes on its loop or on SQLite's thread, the task takes on its own.
final class StreamSink<Reader: RowReader>: StreamEnd, @unchecked Sendable {
    /// The rows that wait for the task, at most; there are twice as many with those that it has taken.
    static var mostRows: Int { 256 }
    /// The bytes of these, at most, and one row.
    static var mostBytes: Int { 512 << 10 }

    private struct State {
        var rows: [Reader.Row] = []
        var bytes = 0
        var isPaused = false
        var end: Result<Changes, DatabaseError>?
        var waiter: UnsafeContinuation<Void, Never>?
        var whenEnded: (@Sendable () -> Void)?
    }

    /// Rows need not be `Sendable`: each goes from the one side to the other and is nobody else's.
    private struct Unchecked: @unchecked Sendable {
        var state = State()
    }

    private let reader: Reader
    private let shared = Mutex(Unchecked())
    private let abandonment = Atomic<UInt8>(0)

    /// The fate of rows that nobody wants any more.
    enum Abandonment: UInt8 {
        /// The statement is given up.
        case stop = 1
        /// The rest is thrown away, so that the connection can be used again.
        case discard = 2
    }

    init(_ reader: Reader) {
        self.reader = reader
    }

    private func withState<Result>(_ body: (inout State) -> Result) -> Result {
        shared.withLock { unchecked in
            nonisolated(unsafe) let result = body(&unchecked.state)
            return result
        }
    }

    // MARK: For the connection

    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        switch Abandonment(rawValue: abandonment.load(ordering: .relaxed)) {
        case .stop: return .stop
        case .discard: return .more
        case nil: break
        }
        let value = try reader.read(row)
        let size = Self.size(of: row)
        let (demand, waiter) = withState { state in
            state.rows.append(value)
            state.bytes += size
            state.isPaused = state.rows.count >= Self.mostRows || state.bytes >= Self.mostBytes
            return (state.isPaused ? RowDemand.pause : .more, state.waiter.take())
        }
        waiter?.resume()
        return demand
    }

    private static func size(of row: ResultRow) -> Int {
        var size = 0
        for index in 0..<row.columns.count {
            switch row.cell(index).storage {
            case .text(let bytes), .bytes(let bytes): size += bytes.count
            default: size += 8
            }
        }
        return size
    }

    func finish(_ result: Result<Changes, DatabaseError>) {
        let (waiter, whenEnded) = withState { state in
            state.end = result
            state.isPaused = false
            return (state.waiter.take(), state.whenEnded.take())
        }
        waiter?.resume()
        whenEnded?()
    }

    // MARK: For the task

    /// The rows that are there.
    enum Batch {
        /// Some rows; `resumes`: the connection waits for a word that it may go on.
        case rows([Reader.Row], resumes: Bool)
        case end(Result<Changes, DatabaseError>)
        case nothingYet
    }

    func takeBatch() -> Batch {
        withState { state in
            if !state.rows.isEmpty {
                var rows: [Reader.Row] = []
                swap(&rows, &state.rows)
                state.bytes = 0
                defer { state.isPaused = false }
                return .rows(rows, resumes: state.isPaused)
            }
            return state.end.map { .end($0) } ?? .nothingYet
        }
    }

    /// Waits until there are rows, or the end.
    func wait() async {
        await withUnsafeContinuation { continuation in
            let isThere = withState { state in
                guard state.rows.isEmpty, state.end == nil else { return true }
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Wants no more rows.
    /// - Returns: whether the connection waits for a word that it may go on.
    func abandon(_ abandonment: Abandonment) -> Bool {
        self.abandonment.store(abandonment.rawValue, ordering: .relaxed)
        return withState { state in
            state.rows = []
            defer { state.isPaused = false }
            return state.isPaused
        }
    }

    /// Waits for the statement's end.
    func waitForEnd() async -> Result<Changes, DatabaseError> {
        while true {
            if case .end(let end) = takeBatch() { return end }
            await wait()
        }
    }

    /// Calls `action` when the statement is over, at once if it is.
    func whenEnded(_ action: @escaping @Sendable () -> Void) {
        let isOver = withState { state in
            if state.end == nil { state.whenEnded = action }
            return state.end != nil
        }
        if isOver { action() }
    }

    /// The error of a statement that has failed before its first row.
    var errorBeforeRows: DatabaseError? {
        withState { state in
            guard state.rows.isEmpty, case .failure(let error) = state.end else { return nil }
            return error
        }
    }

    var hasEnded: Bool { withState { $0.end != nil } }
}
