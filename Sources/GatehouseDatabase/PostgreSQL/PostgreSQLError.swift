import CGatehouseDatabase

/// Fields of the server's errors and notices, by the letters of the protocol (section 55.8, "Error and Notice Message
/// Fields").
enum PostgreSQLErrorField {
    private static func letter(_ letter: UInt8) -> Int32 { Int32(letter) }

    /// The severity in English, whatever the server's language.
    static let severity = letter(UInt8(ascii: "V"))
    static let code = letter(UInt8(ascii: "C"))
    static let message = letter(UInt8(ascii: "M"))
    static let hint = letter(UInt8(ascii: "H"))
    static let column = letter(UInt8(ascii: "c"))
    static let constraint = letter(UInt8(ascii: "n"))
    /// The function of the server's source that reports the error.
    static let function = letter(UInt8(ascii: "R"))
}

/// An error that the server has sent.
struct PostgreSQLError {
    let code: String
    private let severity: String
    private let text: String
    private let hint: String
    private let column: String?
    private let constraint: String?
    private let function: String

    init(_ result: OpaquePointer) {
        func field(_ field: Int32) -> String? {
            gatehouse_pq_error_field(result, field).map { LibPQ.line($0) }
        }
        code = field(PostgreSQLErrorField.code) ?? ""
        severity = field(PostgreSQLErrorField.severity) ?? ""
        // libpq's own errors have no fields.
        text = field(PostgreSQLErrorField.message) ?? LibPQ.line(gatehouse_pq_result_error(result))
        hint = field(PostgreSQLErrorField.hint) ?? ""
        column = field(PostgreSQLErrorField.column)
        constraint = field(PostgreSQLErrorField.constraint)
        function = field(PostgreSQLErrorField.function) ?? ""
    }

    /// Whether the server ends the session with it, or libpq has lost it.
    var endsSession: Bool { severity == "FATAL" || severity == "PANIC" || code.isEmpty }

    /// Whether a prepared statement of that name is not there, nothing has been carried out, and preparing it anew
    /// helps.
    func isLost(statement name: String) -> Bool {
        code == "26000" && !name.isEmpty && text.contains("\"\(name)\"")
    }

    /// Whether another statement of that name is there already.
    func isTaken(statement name: String) -> Bool {
        code == "42P05" && !name.isEmpty && text.contains("\"\(name)\"")
    }

    /// Whether a prepared statement's columns have changed ("cached plan must not change result type"), which is found
    /// before anything is carried out.
    var isStalePlan: Bool { code == "0A000" && function == "RevalidateCachedQuery" }

    /// The error for callers.
    /// - Parameters:
    ///   - sent: whether the statement may have been carried out, if this ends the session.
    ///   - cancelled: whether the connection has asked for the statement's end.
    func error(sent: Bool, cancelled: Bool) -> DatabaseError {
        DatabaseError(kind(sent: sent, cancelled: cancelled), message, sqlState: code.isEmpty ? nil : code)
    }

    private func kind(sent: Bool, cancelled: Bool) -> DatabaseError.Kind {
        switch code {
        case "23505", "23P01": return .unique(constraint)
        case "23503", "23001": return .foreignKey(constraint)
        case "23502": return .notNull(column)
        case "23514": return .check(constraint)
        case "40001": return .serialization
        case "40P01": return .deadlock
        case "57014": return cancelled || text.contains("user request") ? .cancelled : .timeout
        case "55P03", "25P03": return .timeout
        // The server ends a session for these only while it waits for a statement.
        case "57P05": return .connectionLost(sent: false)
        case "22021", "22P05": return .invalidText
        case "08P01" where !endsSession: return .usage
        default: break
        }
        if endsSession || code.hasPrefix("08") || code.hasPrefix("57P") { return .connectionLost(sent: sent) }
        return switch code.prefix(2) {
        case "22": .data
        case "23": .check(constraint)
        case "40": .serialization
        case "42", "0A", "25", "26", "34", "3D", "3F": .usage
        default: .other
        }
    }

    /// The server's words without values: of what it complains about in a value it says only that.
    private var message: String {
        if code == "08P01", !endsSession {
            return "the statement has not as many placeholders as interpolated values: do not interpolate between "
                + "quotes or in a comment, and write no $1 by hand"
        }
        if code.hasPrefix("22") { return Self.withoutQuoted(text) }
        if code.hasPrefix("42"), !hint.isEmpty { return "\(text) (\(hint))" }
        return text.isEmpty ? "the server has sent an error without a text" : text
    }

    /// The text with what stands between its first and its last quote left out.
    static func withoutQuoted(_ text: String) -> String {
        guard let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\""), first < last else {
            return text
        }
        return "\(text[...first])…\(text[last...])"
    }
}
