import CGatehouseDatabase
import Logging

/// Takes the server's notices to the module's log. Without it libpq writes them to standard error.
final class PostgreSQLNotices: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// Has the connection report its notices here. The receiver must outlive the connection.
    func receive(from connection: OpaquePointer) {
        gatehouse_pq_set_notice_receiver(
            connection,
            { context, notice in
                guard let context, let notice else { return }
                Unmanaged<PostgreSQLNotices>.fromOpaque(context).takeUnretainedValue().take(notice)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func take(_ notice: OpaquePointer) {
        var message = LibPQ.line(gatehouse_pq_error_field(notice, PostgreSQLErrorField.message))
        // libpq's own notices have no fields.
        if message.isEmpty { message = LibPQ.line(gatehouse_pq_result_error(notice)) }
        let code = LibPQ.line(gatehouse_pq_error_field(notice, PostgreSQLErrorField.code))
        let severity = LibPQ.line(gatehouse_pq_error_field(notice, PostgreSQLErrorField.severity))
        logger.log(
            level: Self.level(severity), "PostgreSQL: \(message)",
            metadata: code.isEmpty || code == "00000" ? nil : ["sqlstate": "\(code)"])
    }

    static func level(_ severity: String) -> Logger.Level {
        switch severity {
        case "DEBUG": .debug
        case "LOG", "INFO": .info
        case "NOTICE": .notice
        default: .warning
        }
    }
}
