import GatehouseSystem

/// SQLite's result codes that mean something to us: https://www.sqlite.org/rescode.html.
struct SQLiteCode: RawRepresentable, Equatable, Sendable {
    var rawValue: Int32

    /// The code without its extension.
    var primary: SQLiteCode { SQLiteCode(rawValue: rawValue & 0xFF) }

    static let busy = SQLiteCode(rawValue: 5)
    static let locked = SQLiteCode(rawValue: 6)
    static let readOnly = SQLiteCode(rawValue: 8)
    static let interrupted = SQLiteCode(rawValue: 9)
    static let inputOutput = SQLiteCode(rawValue: 10)
    static let corrupt = SQLiteCode(rawValue: 11)
    static let full = SQLiteCode(rawValue: 13)
    static let cannotOpen = SQLiteCode(rawValue: 14)
    static let tooBig = SQLiteCode(rawValue: 18)
    static let constraint = SQLiteCode(rawValue: 19)
    static let mismatch = SQLiteCode(rawValue: 20)
    static let range = SQLiteCode(rawValue: 25)
    static let noDatabase = SQLiteCode(rawValue: 26)

    static let check = SQLiteCode(rawValue: 275)
    static let busySnapshot = SQLiteCode(rawValue: 517)
    static let foreignKey = SQLiteCode(rawValue: 787)
    static let moved = SQLiteCode(rawValue: 1_032)
    static let notNull = SQLiteCode(rawValue: 1_299)
    static let primaryKey = SQLiteCode(rawValue: 1_555)
    static let trigger = SQLiteCode(rawValue: 1_811)
    static let unique = SQLiteCode(rawValue: 2_067)
    static let rowID = SQLiteCode(rawValue: 2_579)

    /// Whether the connection must be opened anew: the file was replaced, damaged or cannot be read.
    var endsConnection: Bool {
        switch primary {
        case .inputOutput, .corrupt, .cannotOpen, .noDatabase: true
        default: self == .moved
        }
    }
}

extension DatabaseError {
    /// An error of SQLite.
    /// - Parameters:
    ///   - message: SQLite's own.
    ///   - systemError: the `errno` value of the last failed system call; 0 for none.
    init(
        _ code: SQLiteCode, _ message: String, at location: SQLiteLocation, systemError: Int32 = 0,
        lockTimeout: Duration = .zero, statement: String = ""
    ) {
        let kind = Kind(code, message)
        let text = Self.advice(code, message, location, systemError, lockTimeout) ?? message
        self.init(kind, text, sqlState: kind.sqlState, statement: statement)
    }

    /// The message for faults that an operator mends; `nil` for those of a statement.
    private static func advice(
        _ code: SQLiteCode, _ message: String, _ location: SQLiteLocation, _ systemError: Int32, _ lockTimeout: Duration
    ) -> String? {
        let place = location.description
        let reason = systemError == 0 ? "" : " (\(SystemError.text(systemError)))"
        switch code.primary {
        case .busy where code == .busySnapshot:
            return "another writer changed \(place) after this transaction began to read; it can be tried again"
        case .busy:
            let time = lockTimeout == .zero ? "" : " for longer than lock-timeout (\(lockTimeout.brief))"
            return """
                \(place) is locked by another process\(time): a transaction in another worker, a backup, or a shell \
                with an open transaction. `fuser` says who has it open
                """
        case .full:
            return "the disk of \(place) is full, nothing of the statement is kept: make room there\(reason)"
        case .readOnly where code == .moved:
            return "\(place) was moved, replaced or deleted while it was open; it is opened anew"
        case .readOnly:
            return """
                \(place) cannot be written\(reason): file and folder must belong to the worker's user, or this is a \
                `read` transaction, in which nothing is written
                """
        case .cannotOpen:
            return """
                \(place) cannot be opened\(reason): its folder must exist, and the worker's user must be allowed to \
                write there
                """
        case .inputOutput:
            return "reading or writing \(place) failed\(reason): \(message). Look at the disk and the kernel's log"
        case .corrupt:
            return """
                \(place) is damaged: \(message). Restore a backup, or save what can be read with the shell's .recover
                """
        case .noDatabase:
            return "\(place) is no SQLite database; it was left as it is. Name another file, or move this one away"
        default:
            return nil
        }
    }
}

extension DatabaseError.Kind {
    /// SQLite has no such codes: those that servers give for the same error.
    fileprivate var sqlState: String? {
        switch self {
        case .unique: "23505"
        case .foreignKey: "23503"
        case .notNull: "23502"
        case .check: "23514"
        case .serialization: "40001"
        case .usage: "42000"
        case .cancelled, .connectionLost: nil
        default: "HY000"
        }
    }

    fileprivate init(_ code: SQLiteCode, _ message: String) {
        // "UNIQUE constraint failed: note.title, note.language"
        let detail = message.firstRange(of: "constraint failed: ").map { String(message[$0.upperBound...]) }
        switch code {
        case .unique, .primaryKey, .rowID: self = .unique(detail)
        case .foreignKey: self = .foreignKey(nil)
        case .notNull: self = .notNull(detail.map { String($0.split(separator: ".").last ?? $0[...]) })
        case .check: self = .check(detail)
        case .busySnapshot: self = .serialization
        default:
            switch code.primary {
            case .busy, .locked: self = .timeout
            // The thread knows the cause.
            case .interrupted: self = .cancelled
            case .cannotOpen, .noDatabase: self = .connectionLost(sent: false)
            case .mismatch, .tooBig: self = .data
            case .constraint: self = .check(detail)
            case SQLiteCode(rawValue: 1), .range: self = .usage
            default: self = .other
            }
        }
    }
}
