import GatehouseSystem
import Glibc

/// The lock under which a database is migrated: by one worker at a time, however many start together.
///
/// Nobody waits inside the database: `CREATE INDEX CONCURRENTLY` waits for every transaction, and would wait for those
/// that wait for the lock.
struct MigrationLock {
    let session: MigrationSession
    /// The database for messages.
    let place: String
    /// The time that a statement of a migration waits for a lock of the database, in milliseconds.
    let lockTimeout: Int
    /// The longest wait for somebody else's migrations.
    private let timeout: Duration
    private let folder = FolderLock()

    init(session: MigrationSession, place: String, lockTimeout: Int, timeout: Duration = .seconds(60)) {
        self.session = session
        self.place = place
        self.lockTimeout = lockTimeout
        self.timeout = timeout
    }

    /// The pause between two tries.
    private static let pause = Duration.milliseconds(50)

    /// Runs `body` while the session has the lock, for what no transaction can hold.
    func holding<Result>(
        _ body: () async throws(MigrationError) -> Result
    ) async throws(MigrationError) -> Result {
        try await poll { () async throws(DatabaseError) in try await lock() }
        let result: Result
        do { result = try await body() } catch {
            await unlock()
            throw error
        }
        await unlock()
        return result
    }

    private func lock() async throws(DatabaseError) -> Bool {
        switch session.dialect {
        case .postgreSQL:
            try await session.run("SET statement_timeout = 0")
            let key = LockName.migrations.number
            return try await session.rows("SELECT pg_try_advisory_lock(\(key))").first?.first == "t"
        case .mySQL:
            // MySQL itself has another name for the limit, and needs none for changes.
            _ = try? await session.run("SET SESSION max_statement_time = 0")
            return try await session.rows("SELECT GET_LOCK(\(LockName.migrations.key), 0)").first?.first == "1"
        case .sqlite: return try await folder.tryLock(ofDatabase: session)
        }
    }

    private func unlock() async {
        switch session.dialect {
        case .postgreSQL: _ = try? await session.rows("SELECT pg_advisory_unlock(\(LockName.migrations.number))")
        case .mySQL: _ = try? await session.rows("SELECT RELEASE_LOCK(\(LockName.migrations.key))")
        case .sqlite: folder.unlock()
        }
    }

    /// Runs `body` in a transaction that has the lock. Not on MySQL, whose transactions end at each change of the
    /// schema.
    func transaction<Result>(
        _ body: () async throws(DatabaseError) -> Result
    ) async throws(MigrationError) -> Result {
        try await poll { () async throws(DatabaseError) in try await begin() }
        do throws(DatabaseError) {
            let result = try await body()
            try await session.commit()
            return result
        } catch {
            await session.rollBack()
            throw MigrationError(at: place, error)
        }
    }

    /// - Returns: whether the transaction has the lock; if not, there is none.
    private func begin() async throws(DatabaseError) -> Bool {
        do throws(DatabaseError) {
            try await session.begin()
            guard session.dialect == .postgreSQL else { return true }
            try await session.run("SET LOCAL statement_timeout = 0")
            try await session.run(SQL(unchecked: "SET LOCAL lock_timeout = \(lockTimeout)"))
            let key = LockName.migrations.number
            if try await session.rows("SELECT pg_try_advisory_xact_lock(\(key))").first?.first == "t" { return true }
            await session.rollBack()
            return false
        } catch {
            await session.rollBack()
            // Another process writes to the file.
            if session.dialect == .sqlite, error.kind == .timeout { return false }
            throw error
        }
    }

    /// Tries until `attempt` has the lock.
    private func poll(_ attempt: () async throws(DatabaseError) -> Bool) async throws(MigrationError) {
        let end = ContinuousClock.now + timeout
        while true {
            do throws(DatabaseError) {
                if try await attempt() { return }
            } catch {
                throw MigrationError(at: place, error)
            }
            guard ContinuousClock.now < end else {
                throw MigrationError(
                    "\(place): somebody else has been migrating for \(timeout.components.seconds) s: wait for "
                        + "the end, or look for a session that hangs")
            }
            do { try await Task.sleep(for: Self.pause) } catch {
                throw MigrationError("\(place): cancelled while waiting for somebody else's migrations")
            }
        }
    }
}

/// A lock on the folder of an SQLite file, for what no transaction can hold. SQLite has no lock for a session, and
/// whoever opens and closes its file loses the process's locks on it (fcntl(2)).
private final class FolderLock: @unchecked Sendable {
    private var descriptor: Int32 = -1

    deinit { unlock() }

    func tryLock(ofDatabase session: MigrationSession) async throws(DatabaseError) -> Bool {
        let files = try await session.rows("PRAGMA database_list")
        // A database in memory has no file, and no other process.
        guard let path = files.first(where: { $0.count > 2 && $0[1] == "main" })?[2], !path.isEmpty else { return true }
        let folder = Paths.folder(of: path)
        if descriptor < 0 { descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw DatabaseError(.other, "\(folder): \(SystemError.text())") }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    func unlock() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
