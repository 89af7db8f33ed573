/// An error that the server or libmariadb reports: a number, a code of five characters and a message.
struct MySQLError: Equatable {
    var number: UInt32
    var state: String
    var message: String

    /// The time at which it came, as far as an error is to be judged by it.
    enum Moment {
        /// While connecting or preparing: nothing has been carried out.
        case before
        /// While or after the statement was sent.
        case executing
    }

    /// Whether libmariadb itself reports it: the connection is lost, or out of step with the server.
    var isClientError: Bool { (2000..<3000).contains(number) || (5000..<6000).contains(number) }

    /// Whether the server says that the connection ends.
    var endsConnection: Bool {
        switch number {
        // Shutdown, kills, network errors, a packet that is too big, and limits of the session's idle time.
        case 1053, 1077, 1079, 1080, 1152, 1153, 1155...1161, 1184, 1927, 3032, 3169, 4031: true
        default: isClientError
        }
    }

    /// Whether the server has become one that only reads, so that the connection is no longer of use.
    var isReadOnlyServer: Bool { number == 1290 || number == 1836 }

    /// Whether the statement has lost its preparation and was not carried out.
    var needsPreparation: Bool { number == 1243 || number == 1615 }

    /// Whether the result has other columns than the preparation said: the statement has been carried out.
    var hasOtherColumns: Bool { number == 2057 }

    /// Whether the statement is one that cannot be prepared.
    var cannotBePrepared: Bool { number == 1295 }

    /// The error for callers.
    func databaseError(_ moment: Moment, statement: String) -> DatabaseError {
        let text = number == 1153 || number == 2020 ? "\(redacted): a value is above max_allowed_packet" : redacted
        return DatabaseError(kind(moment), text, sqlState: isClientError ? nil : state, statement: statement)
    }

    /// The error of a connection that could not be made. A login or a name that is wrong stays wrong; anything else may
    /// be right in a moment.
    func connectError(_ what: String) -> DatabaseError {
        let isWrong: Bool
        switch number {
        case 1044, 1045, 1049, 1130, 1251, 1275, 1524, 1698, 2059, 2061, 4151: isWrong = true
        default: isWrong = state == "28000"
        }
        var reason = redacted
        if number == 1040 { reason += ": max_connections of the server is reached" }
        if number == 1203 || number == 1226 { reason += ": the account's own limit is reached" }
        return DatabaseError(
            isWrong ? .usage : .connectionLost(sent: false), "\(what): \(reason)",
            sqlState: isClientError ? nil : state)
    }

    private func kind(_ moment: Moment) -> DatabaseError.Kind {
        switch number {
        case 1022, 1062, 1169, 1586, 1859: return .unique(key)
        case 1216, 1217, 1451, 1452, 1761, 1762: return .foreignKey(quoted(after: "CONSTRAINT "))
        case 1048, 1364: return .notNull(firstQuoted)
        case 3819, 4025, 1369: return .check(firstQuoted)
        case 1020: return .serialization
        case 1213, 1614, 3101: return .deadlock
        // A lock, NOWAIT, and the limits for statements of MySQL and MariaDB.
        case 1205, 3572, 1969, 3024: return .timeout
        case 1317: return .cancelled
        case 1040, 1047, 1203, 1226: return .connectionLost(sent: false)
        case 1153, 2020, 1292, 1300, 1406, 1411, 1416, 1426, 1525, 1526, 1690, 1264, 1265, 1365...1367, 1441,
            3140...3158:
            return .data
        case 1052: return .usage
        // A write that failed has given the server no whole statement.
        case 2006: return .connectionLost(sent: false)
        default: break
        }
        if endsConnection { return .connectionLost(sent: moment == .executing) }
        switch state.prefix(2) {
        case "22": return .data
        case "08": return .connectionLost(sent: moment == .executing)
        case "40": return .serialization
        case "07", "0A", "21", "25", "28", "34", "3D", "42": return .usage
        default: return .other
        }
    }

    /// The message without a value that it quotes.
    var redacted: String {
        let line = message.map { $0.isNewline ? " " : String($0) }.joined()
        switch number {
        case 1062, 1586, 1761, 1762: return line.replacing(from: "entry ", to: " for key")
        case 1292, 1300, 1366, 1367, 1411, 1525: return line.replacing(from: "'", to: " for ")
        case 1526: return line.replacing(from: "value ", to: nil)
        case 1690: return line.replacing(from: " in ", to: nil)
        case 3140...3158: return line.replacing(from: ": \"", to: " in value for")
        default: return line
        }
    }

    /// The key of `Duplicate entry '…' for key 'note.title'`, without its table.
    private var key: String? {
        guard let mark = message.ranges(of: " for key ").last else { return nil }
        let name = message[mark.upperBound...].trimming(while: { $0 == "'" || $0 == "`" || $0 == "\"" })
        let short = name.split(separator: ".", maxSplits: 1).last ?? name
        return short.isEmpty ? nil : String(short)
    }

    private func quoted(after mark: String) -> String? {
        guard let range = message.ranges(of: mark).first else { return nil }
        return MySQLError(number: number, state: state, message: String(message[range.upperBound...])).firstQuoted
    }

    /// The first text between quotes, without its table.
    private var firstQuoted: String? {
        guard let start = message.firstIndex(where: { $0 == "'" || $0 == "`" }) else { return nil }
        let rest = message[message.index(after: start)...]
        guard let end = rest.firstIndex(of: message[start]), end > rest.startIndex else { return nil }
        return String(rest[..<end].split(separator: ".").last ?? rest[..<end])
    }
}

extension String {
    /// Puts `…` for what stands from the first `start` to the last `end` after it, or to the end.
    fileprivate func replacing(from start: String, to end: String?) -> String {
        guard let first = ranges(of: start).first else { return self }
        let head = self[..<first.upperBound]
        let tail = end.flatMap { self[first.upperBound...].ranges(of: $0).last.map { self[$0.lowerBound...] } } ?? ""
        return "\(head)…\(tail)"
    }

    /// The ranges of a text, found byte by byte.
    fileprivate func ranges(of text: String) -> [Range<Index>] {
        let bytes = Array(utf8), sought = Array(text.utf8)
        guard !sought.isEmpty, bytes.count >= sought.count else { return [] }
        return (0...(bytes.count - sought.count)).compactMap { offset in
            guard bytes[offset..<(offset + sought.count)].elementsEqual(sought) else { return nil }
            let start = utf8.index(utf8.startIndex, offsetBy: offset)
            return start..<utf8.index(start, offsetBy: sought.count)
        }
    }
}

extension Substring {
    fileprivate func trimming(while predicate: (Character) -> Bool) -> Substring {
        var text = drop(while: predicate)
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
