import CGatehouseDatabase
import GatehouseSystem

/// An open session on its way from the thread that has connected to its loop. Nobody else has it, hence `@unchecked`.
struct PostgreSQLSession: @unchecked Sendable {
    let pointer: OpaquePointer
    let notices: PostgreSQLNotices
}

/// The making of one connection, on a thread that may block.
struct PostgreSQLOpening {
    private let driver: PostgreSQLDriver
    private let notices: PostgreSQLNotices

    init(_ driver: PostgreSQLDriver) {
        self.driver = driver
        notices = PostgreSQLNotices(driver.logger)
    }

    /// - Throws: `.connectionLost(sent: false)` with libpq's and the server's words.
    func open() throws(DatabaseError) -> PostgreSQLSession {
        if driver.lessons.sendsSessionOptions {
            do {
                return try open(withSession: true)
            } catch {
                // pgbouncer's words, which it has in one language only.
                guard error.message.contains("unsupported startup parameter") else { throw error }
                driver.lessons.noteRefusedOptions()
            }
        }
        return try open(withSession: false)
    }

    private func open(withSession: Bool) throws(DatabaseError) -> PostgreSQLSession {
        let keywords = driver.address.keywords(withSession: withSession)
        guard let connection = start(keywords) else { throw failure("out of memory") }
        var isOpen = false
        defer { if !isOpen { gatehouse_pq_finish(connection) } }
        // Before libpq hears anything of the server, because it writes what nobody receives to standard error.
        notices.receive(from: connection)
        gatehouse_pq_set_verbose_errors(connection)
        try connect(connection)
        // It is for connecting and for cancel requests. A server that runs a statement may not read for a long time.
        if !driver.address.hasUserTimeout { gatehouse_pq_end_user_timeout(gatehouse_pq_socket(connection)) }
        try agree(connection)
        isOpen = true
        return PostgreSQLSession(pointer: connection, notices: notices)
    }

    private func start(_ keywords: [(String, String)]) -> OpaquePointer? {
        let names = CStrings(keywords.map(\.0))
        let values = CStrings(keywords.map(\.1))
        return withExtendedLifetime((names, values)) {
            gatehouse_pq_connect_start(names.pointers, values.pointers)
        }
    }

    // MARK: Connecting

    private func connect(_ connection: OpaquePointer) throws(DatabaseError) {
        guard gatehouse_pq_status(connection) != CONNECTION_BAD else { throw refusal(connection) }
        let info = LibPQ.taken(gatehouse_pq_conninfo(connection))
        let hasManyHosts = (info["host"] ?? info["hostaddr"] ?? "").contains(",")
        if hasManyHosts || driver.lessons.connectsBlocking { return try connectBlocking(connection) }
        if try poll(connection) { return }
        guard info["host"]?.hasPrefix("/") == false || info["hostaddr"] != nil else {
            throw failure("the server has not answered in time")
        }
        // The name may have another address, to which only libpq's own loop goes on.
        driver.lessons.noteSilentAddress()
        try connectBlocking(connection)
    }

    /// Connects by libpq's own loop, which has the timeout for each address of each host. It begins anew.
    private func connectBlocking(_ connection: OpaquePointer) throws(DatabaseError) {
        gatehouse_pq_reset(connection)
        guard gatehouse_pq_status(connection) == CONNECTION_OK else { throw refusal(connection) }
    }

    /// - Returns: whether the connection is open, and not merely out of time.
    private func poll(_ connection: OpaquePointer) throws(DatabaseError) -> Bool {
        let deadline = deadline()
        var writes = true
        while true {
            guard wait(connection, writes: writes, until: deadline) else { return false }
            let next = gatehouse_pq_connect_poll(connection)
            if next == PGRES_POLLING_OK { return true }
            if next == PGRES_POLLING_FAILED { throw refusal(connection) }
            writes = next == PGRES_POLLING_WRITING
        }
    }

    private func deadline() -> Int64 {
        let limit = driver.address.connectMilliseconds
        return limit == 0 ? .max : MonotonicClock.nanoseconds() + Int64(limit) * 1_000_000
    }

    private func wait(_ connection: OpaquePointer, writes: Bool, until deadline: Int64) -> Bool {
        let left = deadline == .max ? 1_000 : (deadline - MonotonicClock.nanoseconds() + 999_999) / 1_000_000
        guard left > 0 else { return false }
        let socket = gatehouse_pq_socket(connection)
        let milliseconds = Int32(min(left, 1_000))
        // Time that has passed is seen by the next call; libpq does not mind to be asked too early.
        _ = gatehouse_pq_wait(socket, writes ? 1 : 0, milliseconds)
        return deadline == .max || MonotonicClock.nanoseconds() < deadline
    }

    // MARK: The session

    /// Has the session speak UTF-8 and think in UTC, which a pooler may not have passed on.
    private func agree(_ connection: OpaquePointer) throws(DatabaseError) {
        guard gatehouse_pq_set_blocking(connection, 0) == 0 else { throw refusal(connection) }
        // A pooler keeps these two for each of its clients, so that setting them harms nobody else.
        if parameter("TimeZone", connection) != "UTC" {
            driver.lessons.noteRefusedOptions()
            try run("SET TimeZone = 'UTC'", on: connection)
        }
        if parameter("DateStyle", connection)?.hasPrefix("ISO") != true {
            try run("SET DateStyle = 'ISO'", on: connection)
        }
        if let encoding = parameter("client_encoding", connection), encoding != "UTF8" {
            throw failure("the session's text is \(encoding) and not UTF8: remove client_encoding from the URL")
        }
    }

    private func parameter(_ name: String, _ connection: OpaquePointer) -> String? {
        gatehouse_pq_parameter(connection, name).map { String(cString: $0) }
    }

    private func run(_ sql: String, on connection: OpaquePointer) throws(DatabaseError) {
        let deadline = deadline()
        guard gatehouse_pq_send_unnamed(connection, sql, 0, nil, nil, nil) == 1 else { throw refusal(connection) }
        var failed: DatabaseError?
        while true {
            let unsent = gatehouse_pq_flush(connection)
            if unsent == 0, gatehouse_pq_is_busy(connection) == 0 {
                guard let result = gatehouse_pq_get_result(connection) else { break }
                if gatehouse_pq_result_status(result) == PGRES_FATAL_ERROR {
                    failed = failure(LibPQ.line(gatehouse_pq_error_field(result, PostgreSQLErrorField.message)))
                }
                gatehouse_pq_clear(result)
                continue
            }
            guard wait(connection, writes: unsent > 0, until: deadline) else {
                throw failure("the server has not answered in time")
            }
            guard gatehouse_pq_consume_input(connection) == 1 else { throw refusal(connection) }
        }
        if let failed { throw failed }
    }

    // MARK: Failures

    private func refusal(_ connection: OpaquePointer) -> DatabaseError {
        let (code, message) = Self.readable(gatehouse_pq_error_message(connection).map { String(cString: $0) } ?? "")
        var text = message
        if let password = gatehouse_pq_password(connection), password.pointee != 0 {
            text = text.replacing(String(cString: password), with: "…")
        }
        if text.contains("invalid port number") { text = PostgreSQLAddress.withoutSecrets(text) }
        if code == "53300" {
            text +=
                ": max_connections of the server, or the limit of the user or the database, is reached. "
                + "Raise it, or lower connections in the modules' database settings"
        }
        var error = failure(text)
        error.sqlState = code
        return error
    }

    private func failure(_ reason: String) -> DatabaseError {
        DatabaseError(.connectionLost(sent: false), "cannot connect to \(driver.place): \(reason)")
    }

    /// Takes the code out of libpq's verbose message, `FATAL:  28P01: password …`, and the place in the server's source
    /// away. libpq has no other way to the code of a connection that was refused.
    static func readable(_ message: String) -> (code: String?, message: String) {
        var code: String?
        var lines: [String] = []
        for line in message.split(separator: "\n") where !line.hasPrefix("LOCATION:") {
            var words = line.split(whereSeparator: \.isWhitespace)
            let at = words.firstIndex { word in
                word.utf8.count == 6 && word.utf8.last == UInt8(ascii: ":")
                    && word.dropLast().utf8.allSatisfy { $0.isCodeByte } && word.utf8.contains { $0 < 0x3a }
            }
            if let at, at > 0, words[at - 1].utf8.last == UInt8(ascii: ":") {
                code = String(words[at].dropLast())
                words.remove(at: at)
            }
            lines.append(words.joined(separator: " "))
        }
        return (code, lines.joined(separator: "; "))
    }
}

extension UInt8 {
    /// Whether it is a digit or a capital letter, of which a SQLSTATE has five.
    fileprivate var isCodeByte: Bool { (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) }
}
