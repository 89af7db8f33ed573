/// Reads a CGI response's head (RFC 3875, section 6) from bytes as they come, and finds the body's beginning. Over
/// uwsgi it may begin with a status line of HTTP in place of `Status`.
///
/// `receive` takes bytes and returns the head; `nil` means that more bytes are needed.
public struct ResponseHeadParser: Sendable {
    /// The longest head in bytes; a longer one is a violation. nginx's default is a page, 4 or 8 KiB.
    public static let maximumLength = 65_536

    private let takesStatusLine: Bool
    private var waiting: [UInt8] = []
    private var lineStart = 0
    private var scanned = 0

    /// A parser that has seen nothing.
    /// - Parameter takesStatusLine: whether `HTTP/1.1 200 OK` may be the first line.
    public init(takesStatusLine: Bool = false) { self.takesStatusLine = takesStatusLine }

    /// Whether nothing has come yet.
    public var isEmpty: Bool { waiting.isEmpty }

    /// Takes the next bytes.
    /// - Returns: the head and the first bytes of the body; `nil` while the blank line is still to come.
    public mutating func receive(
        _ bytes: [UInt8]
    ) throws(ResponseViolation) -> (head: ClientResponseHead, body: [UInt8])? {
        waiting += bytes
        while scanned < waiting.count {
            let byte = waiting[scanned]
            scanned += 1
            guard byte == UInt8(ascii: "\n") else { continue }
            // A line ends with LF or CR LF (section 6.2: NL is the operating system's).
            let line = waiting[lineStart..<scanned - 1]
            lineStart = scanned
            guard line.isEmpty || line.elementsEqual([UInt8(ascii: "\r")]) else { continue }
            return (try parse(waiting[..<lineStart]), Array(waiting[lineStart...]))
        }
        guard waiting.count <= Self.maximumLength else {
            throw ResponseViolation("the response's head is longer than \(Self.maximumLength) bytes")
        }
        return nil
    }

    private func parse(_ bytes: ArraySlice<UInt8>) throws(ResponseViolation) -> ClientResponseHead {
        var head = ClientResponseHead(status: 200)
        var hasStatus = false
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            if takesStatusLine, line.startIndex == bytes.startIndex, line.starts(with: Array("HTTP/".utf8)) {
                hasStatus = true
                (head.status, head.reason) = try Self.status(line.drop { $0 != UInt8(ascii: " ") }.dropFirst())
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw ResponseViolation(
                    "the response's head has a line without a name: \(Self.text(line).debugDescription)")
            }
            let name = Self.text(line[..<colon])
            let value = Self.text(Self.trimmed(line[(colon + 1)...]))
            if name.lowercased() == "status" {
                guard !hasStatus else { throw ResponseViolation("the response has two Status lines") }
                hasStatus = true
                (head.status, head.reason) = try Self.status(Self.trimmed(line[(colon + 1)...]))
            } else {
                head.headers.append(ClientHeader(name, value))
            }
        }
        guard hasStatus || !head.headers.isEmpty else {
            throw ResponseViolation("the response begins with a blank line instead of a header")
        }
        // Section 6.2.3: a Location without Status is a redirection.
        if !hasStatus, head["Location"] != nil { head.status = 302 }
        return head
    }

    /// Reads a `Status` (section 6.3.3): three digits, then perhaps a space and words. It reads bytes, because a space
    /// and a combining mark after it are one character.
    private static func status(_ value: ArraySlice<UInt8>) throws(ResponseViolation) -> (Int, String) {
        let digits = value.prefix { $0 != UInt8(ascii: " ") }
        guard digits.count == 3, let code = Int(text(digits)), (100...999).contains(code) else {
            throw ResponseViolation("Status is \(text(value).debugDescription) instead of three digits and words")
        }
        return (code, text(value.dropFirst(4)))
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
