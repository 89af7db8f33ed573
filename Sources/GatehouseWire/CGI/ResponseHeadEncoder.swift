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
        if code == 200, reason == "OK" {
            return append(line == .cgi ? "Status: 200 OK\r\n" : "HTTP/1.1 200 OK\r\n", to: &head)
        }
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
        append("\r\n", to: &head)
    }

    /// Appends a beginning, a code of three digits, the reason and the line's end.
    private static func appendLine(_ beginning: StaticString, code: Int, _ reason: String, to head: inout [UInt8]) {
        let beginning = UnsafeRawBufferPointer(start: beginning.utf8Start, count: beginning.utf8CodeUnitCount)
        reason.utf8.span.withUnsafeBytes { reason in
            head.append(addingCapacity: beginning.count + reason.count + 6) { rest in
                rest.withUnsafeMutableBufferPointer { line, end in
                    end = copy(beginning, to: line, at: end)
                    line[end] = UInt8(truncatingIfNeeded: 0x30 + code / 100)
                    line[end + 1] = UInt8(truncatingIfNeeded: 0x30 + code / 10 % 10)
                    line[end + 2] = UInt8(truncatingIfNeeded: 0x30 + code % 10)
                    line[end + 3] = 0x20
                    end = copy(reason, to: line, at: end + 4)
                    line[end] = 0x0d
                    line[end + 1] = 0x0a
                    end += 2
                }
            }
        }
    }

    /// Appends `name: value` and the line's end.
    private static func appendLine(_ name: String, _ value: String, to head: inout [UInt8]) {
        name.utf8.span.withUnsafeBytes { name in
            value.utf8.span.withUnsafeBytes { value in
                head.append(addingCapacity: name.count + value.count + 4) { rest in
                    rest.withUnsafeMutableBufferPointer { line, end in
                        end = copy(name, to: line, at: end)
                        line[end] = 0x3a
                        line[end + 1] = 0x20
                        end = copy(value, to: line, at: end + 2)
                        line[end] = 0x0d
                        line[end + 1] = 0x0a
                        end += 2
                    }
                }
            }
        }
    }

    /// - Returns: the position after the text.
    @inline(__always)
    private static func copy(
        _ text: UnsafeRawBufferPointer, to line: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(line)[start...]).copyMemory(from: text)
        return start + text.count
    }

    @inline(__always)
    private static func append(_ text: StaticString, to head: inout [UInt8]) {
        head.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func hasLineBreak(_ text: String) -> Bool {
        text.utf8.span.withUnsafeBytes { HeaderBytes.hasLineBreak($0) }
    }

    private static func isToken(_ name: String) -> Bool {
        name.utf8.span.withUnsafeBytes { Token.isToken($0) }
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
