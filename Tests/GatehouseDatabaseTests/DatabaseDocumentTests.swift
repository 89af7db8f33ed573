import GatehouseDatabase
import GatehousePlan
import Hummingbird
import TestSupport
import Testing

/// DATABASE.md says what the code does.
struct DatabaseDocumentTests {
    @Test func `the table of settings has every setting and its default`() throws {
        let settings = DatabaseSettings()
        func text(_ duration: Duration) -> String {
            let seconds = Int(duration.components.seconds)
            return seconds.isMultiple(of: 60) && seconds > 60 ? "\(seconds / 60)m" : "\(seconds)s"
        }
        let expected: [DatabaseSettings.Key: String] = [
            .url: settings.url, .password: "", .connections: "\(settings.connections)", .wait: text(settings.wait),
            .statementTimeout: text(settings.statementTimeout), .lockTimeout: text(settings.lockTimeout),
            .idleTransactionTimeout: text(settings.idleTransactionTimeout), .idle: text(settings.idle),
            .maximumAge: text(settings.maximumAge), .connectTimeout: text(settings.connectTimeout),
            .preparedStatements: "\(settings.preparedStatements)",
        ]
        let rows = try Document("DATABASE.md").table(headed: "| setting | default | meaning |")
        #expect(rows.map { $0[0] } == DatabaseSettings.Key.allCases.map { "`\($0.rawValue)`" })
        for (row, key) in zip(rows, DatabaseSettings.Key.allCases) {
            #expect(row[1] == expected[key].map { $0.isEmpty ? "none" : "`\($0)`" }, "\(key)")
        }
    }

    @Test func `the table of errors has every kind and its status`() throws {
        let kinds: [DatabaseError.Kind] = [
            .notFound, .unique(nil), .foreignKey(nil), .notNull(nil), .check(nil), .serialization, .deadlock, .timeout,
            .cancelled, .connectionLost(sent: true), .exhausted, .invalidText, .tooManyRows, .data, .usage, .other,
        ]
        let rows = try Document("DATABASE.md").table(headed: "| kind | status | when |")
        #expect(rows.count == kinds.count)
        for (row, kind) in zip(rows, kinds) {
            let name = "\(kind)".prefix { $0 != "(" }
            #expect(row[0] == "`\(name)`")
            #expect(row[1] == "\(DatabaseError(kind, "").status.code)", "\(name)")
        }
    }

    @Test func `the column types of the documented table are those that the tests go through`() throws {
        let types = try Document("DATABASE.md").table(headed: "| Swift | PostgreSQL | MySQL, MariaDB | SQLite |")
        #expect(types.count == 11)
        for row in types { #expect(row.count == 4, "\(row[0])") }
    }
}
