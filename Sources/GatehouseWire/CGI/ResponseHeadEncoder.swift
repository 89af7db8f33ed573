/// The first line of a response's head.
public enum StatusLine: Sendable, Equatable {
    /// `Status: 200 OK` (RFC 3875, section 6.3.3).
    case cgi
    /// `HTTP/1.1 200 OK` (RFC 9112, section 4).
    case http

    /// The text before the code.
    var beginning: StaticString {
        switch self {
        case .cgi: "Status: "
        case .http: "HTTP/1.1 "
        }
    }
}

/// Writes the head of a CGI response (RFC 3875, sections 6.2.1 and 6.3): the status, the fields, an empty line.
///
///     Status: 200 OK CR LF
///     Content-Type: text/plain CR LF
///     CR LF
///
/// Each line is checked before a byte of it is appended, so a line that is refused leaves nothing behind.
public enum ResponseHeadEncoder {
    /// Appends the line with the status, such as `Status: 200 OK`, and the line's end.
    /// - Parameters:
    ///   - line: the form of the line.
    ///   - code: 200...599. CGI has no interim responses: nginx takes the first status that it sees as final.
    ///   - reason: the words after the code; "Unknown" if they are empty, because nginx before 1.25.3 turns a bare code
    ///     into a status line that some clients reject.
    public static func appendStatus(
        _ code: Int, reason: String, as line: StatusLine = .cgi, to head: inout [UInt8]
    ) throws(ResponseHeadError) {
        guard (200...599).contains(code) else { throw ResponseHeadError(.status, "status \(code) is not final") }
        guard !hasLineBreak(reason) else {
            throw ResponseHeadError(.reason, "the reason of status \(code) holds CR, LF or NUL")
        }
        let reason = reason.isEmpty ? "Unknown" : reason
        appendLine(line.beginning, code: code, reason, to: &head)
    }

    /// Appends `name: value` and the line's end. `Status` comes from `appendStatus` alone.
    public static func appendField(
        name: String, value: String, to head: inout [UInt8]
    ) throws(ResponseHeadError) {
        guard isToken(name) else {
            throw ResponseHeadError(.fieldName, "a field name of \(name.utf8.count) bytes is not a token")
        }
        try appendField(token: name, value: value, to: &head)
    }

    /// Appends `token: value` and the line's end, for a name that is known to be a token (RFC 9110, section 5.6.2).
    public static func appendField(
        token name: String, value: String, to head: inout [UInt8]
    ) throws(ResponseHeadError) {
        guard !isStatus(name) else {
            throw ResponseHeadError(.fieldName, "a field named Status would overrule the response's status")
        }
        guard !hasLineBreak(value) else {
            throw ResponseHeadError(.fieldValue, "the value of field \(name) holds CR, LF or NUL")
        }
        appendLine(name, value, to: &head)
    }

    /// Appends the empty line.
    public static func appendEnd(to head: inout [UInt8]) {
        appendLineEnd(to: &head)
    }

    /// Appends a beginning, a code of three digits, the reason and the line's end.
    private static func appendLine(
        _ beginning: StaticString, code: Int, _ reason: String, to head: inout [UInt8]
    ) {
        let count = beginning.utf8CodeUnitCount
        let capacity = count + reason.utf8.count + 6
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { line in
            for index in 0..<count { line[index] = beginning.utf8Start[index] }
            line[count] = UInt8(truncatingIfNeeded: 0x30 + code / 100)
            line[count + 1] = UInt8(truncatingIfNeeded: 0x30 + code / 10 % 10)
            line[count + 2] = UInt8(truncatingIfNeeded: 0x30 + code % 10)
            line[count + 3] = 0x20
            let end = copy(reason, to: line, at: count + 4)
            line[end] = 0x0d
            line[end + 1] = 0x0a
            head.append(contentsOf: line)
        }
    }

    /// Appends `name: value` and the line's end. The line is put together first, because an array grows slowly in small
    /// steps.
    private static func appendLine(_ name: String, _ value: String, to head: inout [UInt8]) {
        let capacity = name.utf8.count + value.utf8.count + 4
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { line in
            var end = copy(name, to: line, at: 0)
            line[end] = 0x3a
            line[end + 1] = 0x20
            end += 2
            end = copy(value, to: line, at: end)
            line[end] = 0x0d
            line[end + 1] = 0x0a
            head.append(contentsOf: line)
        }
    }

    /// - Returns: the position after the text.
    @inline(__always)
    private static func copy(_ text: String, to line: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        let rest = UnsafeMutableBufferPointer(rebasing: line[start...])
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { _ = rest.update(fromContentsOf: $0) }
        if isDone == nil { _ = rest.update(from: text.utf8) }
        return start + text.utf8.count
    }

    @inline(__always)
    private static func appendLineEnd(to head: inout [UInt8]) {
        head.append(0x0d)
        head.append(0x0a)
    }

    private static func hasLineBreak(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { HeaderBytes.hasLineBreak(UnsafeRawBufferPointer($0)) }
            ?? text.utf8.contains { $0 == 0 || $0 == 0x0a || $0 == 0x0d }
    }

    private static func isToken(_ name: String) -> Bool {
        name.utf8.withContiguousStorageIfAvailable { Token.isToken(UnsafeRawBufferPointer($0)) }
            ?? Array(name.utf8).withUnsafeBytes { Token.isToken($0) }
    }

    private static func isStatus(_ name: String) -> Bool {
        name.utf8.count == 6 && name.utf8.lazy.map { $0 | 0x20 }.elementsEqual("status".utf8)
    }
}

/// A line of a response head that was refused, because a front server would misread it. None of it has been appended.
public struct ResponseHeadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The part of the head that was refused.
    public enum Code: Sendable, Equatable {
        case status, reason, fieldName, fieldValue
    }

    /// The part of the head that was refused.
    public var code: Code
    /// The reason, for the log.
    public var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
