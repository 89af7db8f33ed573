import CGatehouseDatabase

/// The way to a server: the operator's URL, which libpq reads, and what this library adds to it.
///
/// Several hosts, service files, `.pgpass`, `sslmode` and the environment are libpq's, so that an operator's knowledge
/// of `psql` holds here.
struct PostgreSQLAddress: Sendable {
    /// libpq's keywords with their values, in libpq's order: what follows `dbname` wins over the URL, what precedes it
    /// is the default.
    private let defaults: [(String, String)]
    private let url: String
    private let sessionOptions: String
    /// The time for each address of a server, in milliseconds; 0 for ever.
    let connectMilliseconds: Int
    /// Whether the operator has written a time for data that nobody acknowledges.
    let hasUserTimeout: Bool
    /// `/run/postgresql, database blog`.
    let place: String

    /// - Throws: `.usage` if the URL is malformed; never with the URL in it.
    init(_ settings: DatabaseSettings, applicationName: String) throws(DatabaseError) {
        var reason: UnsafeMutablePointer<CChar>?
        guard let parsed = gatehouse_pq_conninfo_parse(settings.url, &reason) else {
            defer { gatehouse_pq_freemem(reason) }
            throw DatabaseError(.usage, "the database's URL is malformed: \(Self.explained(LibPQ.line(reason)))")
        }
        let written = LibPQ.taken(parsed)
        let isPort = (written["port"] ?? "").utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: ",") }
        if !isPort || written["dbname"]?.contains("@") == true || written["host"]?.contains("@") == true {
            throw DatabaseError(
                .usage,
                "the database's URL is malformed: write %2F for /, %40 for @, %3A for : and %25 for % in the password")
        }
        url = settings.url
        place = Self.place(written)
        let seconds = (settings.connectTimeout.serverMilliseconds + 999) / 1_000
        if let own = written["connect_timeout"].flatMap({ Int($0) }) {
            connectMilliseconds = max(0, min(own, 86_400)) * 1_000
        } else {
            connectMilliseconds = max(1, settings.connectTimeout.serverMilliseconds)
        }
        hasUserTimeout = written["tcp_user_timeout"] != nil
        defaults = [
            ("connect_timeout", "\(max(1, seconds))"),
            // The limit of a cancel request's connection, for which libpq has no other. Connecting itself ends earlier.
            ("tcp_user_timeout", connectMilliseconds == 0 ? "0" : "\(connectMilliseconds + 1_000)"),
            ("fallback_application_name", applicationName),
            // A dead peer is noticed after a minute instead of two hours.
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ]
        sessionOptions = Self.sessionOptions(settings) + (written["options"].map { " \($0)" } ?? "")
    }

    /// Parameters of the session, as the server's command line has them. The operator's own come last and win.
    private static func sessionOptions(_ settings: DatabaseSettings) -> String {
        [
            ("TimeZone", "UTC"), ("DateStyle", "ISO"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"),
            // Every digit that a number needs, on servers before PostgreSQL 12 too.
            ("extra_float_digits", "3"),
            ("statement_timeout", "\(settings.statementTimeout.serverMilliseconds)"),
            ("lock_timeout", "\(settings.lockTimeout.serverMilliseconds)"),
            ("idle_in_transaction_session_timeout", "\(settings.idleTransactionTimeout.serverMilliseconds)"),
        ].map { "-c \($0)=\($1)" }.joined(separator: " ")
    }

    /// libpq's keywords and values.
    /// - Parameter withSession: whether the session's parameters are among them. A pooler refuses those it cannot keep
    ///   apart for each of its clients.
    func keywords(withSession: Bool) -> [(String, String)] {
        var keywords = defaults + [("dbname", url), ("client_encoding", "UTF8")]
        if withSession { keywords.append(("options", sessionOptions)) }
        return keywords
    }

    private static func place(_ written: [String: String]) -> String {
        var place = written["service"].map { "service \($0)" } ?? written["host"] ?? written["hostaddr"] ?? "localhost"
        if let port = written["port"], port != "5432" { place += " port \(port)" }
        if let name = written["dbname"] { place += ", database \(name)" }
        return place
    }

    /// libpq's complaint about a URL without what it quotes, and what to write instead.
    private static func explained(_ complaint: String) -> String {
        let safe = withoutSecrets(complaint)
        guard complaint.hasPrefix("invalid percent-encoded token") else { return safe }
        return "two hexadecimal digits follow a %; a % itself is written %25"
    }

    /// libpq's complaint about a URL up to what it quotes, which may be a password.
    static func withoutSecrets(_ complaint: String) -> String {
        if complaint.hasPrefix("invalid URI query parameter") { return complaint }
        return String(complaint.prefix { $0 != "\"" }).split(separator: " ").joined(separator: " ")
    }
}

extension Duration {
    /// Whole milliseconds, at most those that a 32-bit setting of a server holds.
    fileprivate var serverMilliseconds: Int { min(milliseconds, Int(Int32.max)) }
}
