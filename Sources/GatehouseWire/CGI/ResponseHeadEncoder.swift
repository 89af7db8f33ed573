/// The head of a CGI response (RFC 3875, section 6.2.1 and 6.3): `Status`, the fields, an empty line.
///
/// Each line is whole in itself and is checked before a byte of it is appended, so the head is well formed wherever a
/// write ends.
public enum ResponseHeadEncoder {
    /// Appends `Status: 200 OK` and the line's end.
    /// - Parameters:
    ///   - code: 200...599. There are no interim responses in CGI: nginx takes the first status it sees as final.
    ///   - reason: what follows the code; "Unknown" where it is empty, because nginx before 1.25.3 made a status line
    ///     of a code alone that some clients reject.
    public static func appendStatus(_ code: Int, reason: String, to head: inout [UInt8]) throws(ResponseHeadError) {
        guard (200...599).contains(code) else { throw ResponseHeadError(.status, "status \(code) is not final") }
        guard !hasLineBreak(reason) else {
            throw ResponseHeadError(.reason, "the reason of status \(code) holds CR, LF or NUL")
        }
        head.append(contentsOf: "Status: ".utf8)
        head.append(UInt8(truncatingIfNeeded: 0x30 + code / 100))
        head.append(UInt8(truncatingIfNeeded: 0x30 + code / 10 % 10))
        head.append(UInt8(truncatingIfNeeded: 0x30 + code % 10))
        head.append(0x20)
        append(reason.isEmpty ? "Unknown" : reason, to: &head)
        appendLineEnd(to: &head)
    }

    /// Appends `name: value` and the line's end. `Status` comes from `appendStatus` alone.
    public static func appendField(
        name: String, value: String, to head: inout [UInt8]
    ) throws(ResponseHeadError) {
        guard isToken(name) else {
            throw ResponseHeadError(.fieldName, "a field name of \(name.utf8.count) bytes is no token")
        }
        try appendField(token: name, value: value, to: &head)
    }

    /// Appends `token: value` and the line's end, where the name is known to be a token (RFC 9110, section 5.6.2).
    public static func appendField(
        token name: String, value: String, to head: inout [UInt8]
    ) throws(ResponseHeadError) {
        guard !isStatus(name) else {
            throw ResponseHeadError(.fieldName, "a field named Status would overrule the response's status")
        }
        guard !hasLineBreak(value) else {
            throw ResponseHeadError(.fieldValue, "the value of field \(name) holds CR, LF or NUL")
        }
        append(name, to: &head)
        head.append(0x3a)
        head.append(0x20)
        append(value, to: &head)
        appendLineEnd(to: &head)
    }

    /// Appends the empty line.
    public static func appendEnd(to head: inout [UInt8]) {
        appendLineEnd(to: &head)
    }

    /// A string's UTF-8 view has no fast way into an array of its own.
    @inline(__always)
    private static func append(_ text: String, to head: inout [UInt8]) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { head.append(contentsOf: $0) }
        if isDone == nil { head.append(contentsOf: text.utf8) }
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
