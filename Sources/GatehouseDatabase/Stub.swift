package import GatehouseServer
public import Gatehouse
public import Logging
public final class Transaction {
    package init(adopting: any Connection, of: Database) {}
    package func finish() {}
}
public final class Database: Sendable {
    let source: any ConnectionSource
    let place: String = "", moduleName = "", settings = DatabaseSettings(), logger = Logger(label: "")
    let migrationTask: MigrationTask? = nil
    init(_ s: any ConnectionSource) { source = s }
}
extension Connection { func perform(_ sql: SQL, into: (any RowSink)?) async throws(DatabaseError) -> Changes { Changes() } }
extension Duration { var milliseconds: Int { 3 } }
