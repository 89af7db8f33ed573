import CGatehouseDatabase
import GatehouseSystem
import Glibc

/// One connection to an SQLite database, with its prepared statements. It belongs to one thread.
final class SQLiteHandle {
    /// The most statements that stay prepared.
    static let statementLimit = 256
    /// The most bytes of their texts.
    static let textLimit = 1 << 21

    let database: OpaquePointer
    let location: SQLiteLocation
    let lockTimeout: Duration
    private let stepsPerLook: Int32
    /// Asked every so many steps of a statement, and while it waits for a lock: whether to end it.
    private let shouldStop: () -> Bool
    /// Whether something was written, so that closing tidies up.
    private(set) var hasWritten = false
    /// The code of the last error.
    private(set) var lastCode = SQLiteCode(rawValue: 0)
    /// Whether an error was one after which the file must be opened anew.
    private(set) var isBroken = false

    private var statements = StatementCache<SQLiteStatement>()
    private var textBytes = 0
    /// The properties of the statement that is being prepared; libsqlite3 writes them.
    private let properties: UnsafeMutablePointer<Int32>
    private var waitsSince: Int64 = 0
    /// The file that was opened; `nil` in memory.
    private var identity: FileIdentity?

    /// Opens the database and makes its file, with mode 0600, if there is none.
    /// - Parameters:
    ///   - readsOnly: whether every statement that writes is refused.
    ///   - lockTimeout: the time that a statement waits for another process's lock; zero for no limit.
    ///   - stepsPerLook: the steps from one call of `shouldStop` to the next.
    ///   - shouldStop: whether to end what runs, opening included.
    init(
        _ location: SQLiteLocation, readsOnly: Bool, lockTimeout: Duration, stepsPerLook: Int32,
        shouldStop: @escaping () -> Bool
    ) throws(DatabaseError) {
        try ClientLibrary.sqlite.mustBeOpen()
        var path = ":memory:"
        if case .file(let file) = location {
            path = file
            Self.makeFile(path)
        }
        var opened: OpaquePointer?
        let code = SQLiteCode(rawValue: gatehouse_sqlite_open(path, &opened))
        guard let opened, code.rawValue == GATEHOUSE_SQLITE_OK else {
            let reason = opened.map { gatehouse_sqlite_system_errno($0) } ?? 0
            let message = opened.flatMap { gatehouse_sqlite_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
            _ = gatehouse_sqlite_close(opened)
            throw DatabaseError(code, message, at: location, systemError: reason)
        }
        database = opened
        self.location = location
        self.lockTimeout = lockTimeout
        self.stepsPerLook = stepsPerLook
        self.shouldStop = shouldStop
        properties = .allocate(capacity: 1)
        properties.initialize(to: 0)
        prepareCallbacks()
        gatehouse_sqlite_harden(database, properties)
        // From here on an error runs deinit, which closes.
        if location != .memory {
            identity = FileIdentity(path)
            try beginLogging()
        }
        try execute("PRAGMA synchronous = NORMAL")
        if readsOnly { try execute("PRAGMA query_only = ON") }
    }

    deinit {
        for statement in statements.removeAll() { statement.end() }
        _ = gatehouse_sqlite_close(database)
        properties.deallocate()
    }

    /// Closes after work that keeps the file small and fast: statistics for the planner, and the log copied into the
    /// file. Both are bounded, and nothing depends on them.
    func tidyUp() {
        guard hasWritten, location != .memory, isIdle else { return }
        try? execute("PRAGMA analysis_limit = 400")
        try? execute("PRAGMA optimize")
        _ = gatehouse_sqlite_checkpoint(database)
    }

    /// Whether another file has been put in the place of this one, or none: what is written here would be lost.
    var isReplaced: Bool {
        guard let identity, case .file(let path) = location else { return false }
        return FileIdentity(path) != identity
    }

    /// Whether no transaction is open, by SQLite's own word.
    var isIdle: Bool { gatehouse_sqlite_get_autocommit(database) != 0 }

    // MARK: Statements

    /// Gives the prepared statement for a text with marks.
    func prepared(_ sql: SQL) throws(DatabaseError) -> SQLiteStatement {
        lastCode = SQLiteCode(rawValue: 0)
        if let statement = statements.use(sql.text) { return statement }
        let rendered = try sql.rendered(for: .sqlite)
        let statement = try prepare(rendered.text, for: sql)
        makeRoom(for: sql.text.bytes.count)
        statements.insert(statement, for: sql.text)
        return statement
    }

    /// Forgets the statements that were not used for longest. None of them runs.
    private func makeRoom(for bytes: Int) {
        textBytes += bytes
        while statements.count >= Self.statementLimit || textBytes > Self.textLimit,
            let oldest = statements.removeOldest()
        {
            oldest.statement.end()
            textBytes -= oldest.text.bytes.count
        }
    }

    /// Carries out a statement of our own, without values and rows.
    func execute(_ text: StaticString) throws(DatabaseError) {
        let sql = SQL(stringLiteral: text)
        let statement = try prepared(sql)
        _ = try statement.run(on: self, sql) { () throws(DatabaseError) in true }
    }

    /// Carries out a statement.
    /// - Parameter onRow: is called for each row, and answers whether to go on.
    func run(
        _ statement: SQLiteStatement, _ sql: SQL, onRow: () throws(DatabaseError) -> Bool
    ) throws(DatabaseError) -> Changes {
        if !statement.isReadOnly { hasWritten = true }
        return try statement.run(on: self, sql, onRow: onRow)
    }

    private func prepare(_ text: String, for sql: SQL) throws(DatabaseError) -> SQLiteStatement {
        var text = text
        var first: OpaquePointer?
        properties.pointee = 0
        var isMore = false
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                guard let start = bytes.baseAddress else { return Int32(GATEHOUSE_SQLITE_OK) }
                var tail: UnsafePointer<CChar>?
                let code = gatehouse_sqlite_prepare(database, start, bytes.count, &first, &tail)
                if code == GATEHOUSE_SQLITE_OK, let tail { isMore = has(bytes[(tail - start)...]) }
                return code
            }
        }
        guard code == GATEHOUSE_SQLITE_OK else { throw failure(code, in: sql) }
        guard let first else { throw DatabaseError(.usage, "the statement is empty", statement: sql.written) }
        guard !isMore else {
            _ = gatehouse_sqlite_finalize(first)
            throw DatabaseError(
                .usage, "the text has more than one statement: run each by itself", statement: sql.written)
        }
        return SQLiteStatement(first, properties: properties.pointee)
    }

    /// Whether a text has anything but white space, comments and semicolons.
    private func has(_ rest: Slice<UnsafeBufferPointer<CChar>>) -> Bool {
        var rest = UnsafeBufferPointer(rebasing: rest)
        while let start = rest.baseAddress, !rest.isEmpty {
            var statement: OpaquePointer?
            var tail: UnsafePointer<CChar>?
            let before = properties.pointee
            let code = gatehouse_sqlite_prepare(database, start, rest.count, &statement, &tail)
            properties.pointee = before
            _ = gatehouse_sqlite_finalize(statement)
            if code != GATEHOUSE_SQLITE_OK || statement != nil { return true }
            guard let tail, tail > start else { return false }
            rest = UnsafeBufferPointer(rebasing: rest[(tail - start)...])
        }
        return false
    }

    // MARK: Errors

    /// The error of the last call.
    func failure(_ code: Int32, in sql: SQL) -> DatabaseError {
        let message = gatehouse_sqlite_errmsg(database).map { String(cString: $0) } ?? "error \(code)"
        lastCode = SQLiteCode(rawValue: code)
        if lastCode.endsConnection, location != .memory { isBroken = true }
        return DatabaseError(
            SQLiteCode(rawValue: code), message, at: location, systemError: gatehouse_sqlite_system_errno(database),
            lockTimeout: lockTimeout, statement: sql.written)
    }
}

/// A file, whatever its name.
private struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}

// MARK: Opening

extension SQLiteHandle {
    /// Makes the file, so that it is nobody else's to read: SQLite gives its log and its index the same mode. An error
    /// is left for SQLite to find. A file that exists is not opened, since closing it would drop the locks that this
    /// process has on it.
    private static func makeFile(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Switches the file to write-ahead logging, in which readers and the writer do not wait for each other.
    private func beginLogging() throws(DatabaseError) {
        let sql: SQL = "PRAGMA journal_mode = WAL"
        var mode = ""
        let statement = try prepared(sql)
        let began = MonotonicClock.nanoseconds()
        while true {
            do throws(DatabaseError) {
                _ = try statement.run(on: self, sql) { () throws(DatabaseError) in
                    mode = statement.text(0)
                    return true
                }
                break
            } catch {
                // SQLite does not wait here if another connection switches at the same time.
                let elapsed = MonotonicClock.nanoseconds() - began
                guard error.kind == .timeout, elapsed < lockTimeout.limit, !shouldStop() else { throw error }
                usleep(2_000)
            }
        }
        guard mode == "wal" else {
            throw DatabaseError(
                .other,
                """
                \(location.description) cannot be used with a write-ahead log (its journal mode stays \(mode)): is it \
                on a network's file system? Put it on a local one
                """)
        }
    }

    private func prepareCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        gatehouse_sqlite_progress_handler(
            database, stepsPerLook,
            { context in
                guard let context else { return 0 }
                return Unmanaged<SQLiteHandle>.fromOpaque(context).takeUnretainedValue().shouldStop() ? 1 : 0
            }, context)
        _ = gatehouse_sqlite_busy_handler(
            database,
            { context, attempts in
                guard let context else { return 0 }
                return Unmanaged<SQLiteHandle>.fromOpaque(context).takeUnretainedValue().waitForLock(attempts) ? 1 : 0
            }, context)
    }

    /// Waits a moment for another process's lock; answers whether to try again. SQLite has no queue of those who wait:
    /// short and uneven pauses find the moment between two transactions of a busy writer.
    private func waitForLock(_ attempts: Int32) -> Bool {
        let now = MonotonicClock.nanoseconds()
        if attempts == 0 { waitsSince = now }
        guard now - waitsSince < lockTimeout.limit, !shouldStop() else { return false }
        usleep(UInt32(min(100 * (1 + attempts), 3_000)) + UInt32.random(in: 0..<300))
        return true
    }
}
