import GatehouseServer
import GatehouseSystem

/// SQLite for a ``Database``: as many threads that read as the settings have connections, and one that writes.
package final class SQLiteSource: ConnectionSource {
    private let file: SQLiteFile

    /// Opens nothing yet, but the library.
    /// - Parameters:
    ///   - stepsPerLook: the steps of a statement from one look whether it must end to the next; tests look more often.
    ///   - stateFolder: the folder of relative paths; not asked for if the path is none.
    package init(
        _ settings: DatabaseSettings, stepsPerLook: Int32 = 1_000, stateFolder: () throws(DatabaseError) -> String
    ) throws(DatabaseError) {
        try ClientLibrary.sqlite.mustBeOpen()
        let location = try SQLiteLocation(url: settings.url, stateFolder: stateFolder)
        file = SQLiteFile(location, settings, stepsPerLook: stepsPerLook)
    }

    deinit {
        // The threads have the file, and nobody else has: they end when their work is done.
        file.drain()
    }

    package var dialect: Dialect { .sqlite }

    /// The file, for messages.
    package var place: String { file.location.description }

    package func run(
        _ statement: SQL, into sink: (any RowSink)?, start: StatementStart?
    ) async throws(DatabaseError) -> Changes {
        let crew = statement.looksReadOnly ? file.readingCrew : file.writer
        switch await outcome(of: SQLiteJob(.statement(statement, sink), start: start), by: crew) {
        case .changes(let changes): return changes
        case .failure(let error): throw error
        case .batch, .lease: throw Self.otherOutcome
        }
    }

    package func run(batch: [BatchStatement]) async throws(DatabaseError) -> [Changes] {
        guard !batch.isEmpty else { return [] }
        let crew = batch.allSatisfy(\.sql.looksReadOnly) ? file.readingCrew : file.writer
        switch await outcome(of: SQLiteJob(.batch(batch)), by: crew) {
        case .batch(let changes): return changes
        case .failure(let error): throw error
        case .changes, .lease: throw Self.otherOutcome
        }
    }

    package func acquire(for purpose: Purpose) async throws(DatabaseError) -> any Connection {
        let crew = purpose == .read ? file.readingCrew : file.writer
        switch await outcome(of: SQLiteJob(.lease(purpose, try loop())), by: crew) {
        case .lease(let connection): return connection
        case .failure(let error): throw error
        case .changes, .batch: throw Self.otherOutcome
        }
    }

    private static let otherOutcome = DatabaseError(.other, "the work has an outcome of another kind")

    /// Gives a job to the threads, and waits for them.
    private func outcome(of job: SQLiteJob, by crew: SQLiteCrew) async -> SQLiteOutcome {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                job.caller = continuation
                file.push(job, to: crew)
            }
        } onCancel: {
            file.stop(job, .cancelled)
        }
        return job.takeOutcome()
    }

    package func release(_ connection: any Connection) {
        guard let connection = connection as? SQLiteConnection else { return }
        file.release(connection.lease)
    }

    package var status: PoolStatus { file.status }

    package func closeIdle() { file.drain() }

    package func shutDown() async { await file.shutDown() }

    private func loop() throws(DatabaseError) -> HandlerLoop {
        if let loop = HandlerLoop.current { return loop }
        do {
            return try HandlerLoop.background()
        } catch {
            throw DatabaseError(.connectionLost(sent: false), "no thread for \(place): \(error)")
        }
    }
}

extension SQLiteFile {
    /// A look at the threads with an open connection.
    var status: PoolStatus {
        let now = MonotonicClock.nanoseconds()
        return lock.withLock {
            let crews = location == .memory ? [writer] : [readers, writer]
            var status = PoolStatus()
            for crew in crews {
                status.limit += crew.limit
                status.open += crew.threads.count { $0.isOpen }
                status.idle += crew.idle.count { $0.isOpen }
                status.waiting += crew.jobs.count
                if let first = crew.jobs.first {
                    status.longestWait = max(status.longestWait, .nanoseconds(now - first.queuedAt))
                }
            }
            return status
        }
    }
}

extension SQL {
    /// Whether the text begins as one that reads. A wrong guess costs a hop to another thread, and nothing else.
    fileprivate var looksReadOnly: Bool {
        var rest = text.bytes.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }.prefix(8).makeIterator()
        var word: UInt64 = 0
        while let byte = rest.next(), (byte | 0x20) &- 0x61 < 26 { word = word << 8 | UInt64(byte | 0x20) }
        return Self.readingWords.contains(word)
    }

    /// `select`, `values`, `with` and `explain`, eight bits a letter.
    private static let readingWords: [UInt64] = [
        0x7365_6C65_6374, 0x7661_6C75_6573, 0x7769_7468, 0x65_7870_6C61_696E,
    ]
}
