/// The value of a header field with parameters, `form-data; name="a"; filename="b"`: RFC 2045, section 5.1, with what
/// browsers make of it.
struct HeaderParameters {
    /// The part before the first `;`, in lower case.
    private(set) var value = ""
    private var parameters: [(name: [UInt8], value: [UInt8])] = []

    /// - Throws: `malformed` if a parameter breaks the grammar or comes twice: somebody else could read another name
    ///   out of it.
    init(_ bytes: some Sequence<UInt8>, of field: String) throws(MultipartError) {
        let bytes = Array(bytes)
        var index = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
        value = String(decoding: bytes[..<index].trimmed, as: UTF8.self).lowercased()
        while let parameter = try Self.parameter(bytes, &index, field) {
            guard !parameters.contains(where: { $0.name == parameter.name }) else {
                throw .malformed("a parameter of \(field) comes twice")
            }
            parameters.append(parameter)
        }
    }

    /// The bytes of a parameter; `nil` if there is none. `name*` is another parameter than `name`.
    subscript(name: StaticString) -> [UInt8]? {
        name.withUTF8Buffer { wanted in parameters.first { $0.name.elementsEqual(wanted) }?.value }
    }

    /// Reads `; name=value` from the index on.
    private static func parameter(
        _ bytes: [UInt8], _ index: inout Int, _ field: String
    ) throws(MultipartError) -> (name: [UInt8], value: [UInt8])? {
        skipBlanks(bytes, &index)
        // A `;` with nothing behind it is sent by some clients, and means nothing.
        while index < bytes.count, bytes[index] == UInt8(ascii: ";") {
            index += 1
            skipBlanks(bytes, &index)
        }
        guard index < bytes.count else { return nil }
        let name = token(bytes, &index).map { $0.lowercasedASCII }
        skipBlanks(bytes, &index)
        guard !name.isEmpty, index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
            throw .malformed("a parameter of \(field) has no name, or no value")
        }
        index += 1
        skipBlanks(bytes, &index)
        let value = try value(bytes, &index, field)
        skipBlanks(bytes, &index)
        guard index == bytes.count || bytes[index] == UInt8(ascii: ";") else {
            throw .malformed("something follows the value of a parameter of \(field)")
        }
        return (name, value)
    }

    private static func value(
        _ bytes: [UInt8], _ index: inout Int, _ field: String
    ) throws(MultipartError) -> [UInt8] {
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") { return try quoted(bytes, &index, field) }
        let start = index
        // More than a token has: some clients write names of files without quotes.
        while index < bytes.count, bytes[index] != UInt8(ascii: ";"), !bytes[index].isBlank { index += 1 }
        guard index > start, !bytes[start..<index].contains(UInt8(ascii: "\"")) else {
            throw .malformed("a parameter of \(field) has no value, or a quote inside")
        }
        return Array(bytes[start..<index])
    }

    /// Reads a quoted string. A backslash escapes a quote or a backslash, as curl and old browsers write them; before
    /// anything else it is itself, because Internet Explorer sends `C:\dev\foo.txt`, and new browsers escape none.
    private static func quoted(
        _ bytes: [UInt8], _ index: inout Int, _ field: String
    ) throws(MultipartError) -> [UInt8] {
        var value: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\"), index < bytes.count,
                bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "\\")
            {
                value.append(bytes[index])
                index += 1
            } else {
                value.append(byte)
            }
        }
        throw .malformed("a quoted value of \(field) does not end")
    }

    private static func token(_ bytes: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, bytes[index].isToken { index += 1 }
        return bytes[start..<index]
    }

    private static func skipBlanks(_ bytes: [UInt8], _ index: inout Int) {
        while index < bytes.count, bytes[index].isBlank { index += 1 }
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// A byte of a token: RFC 9110, section 5.6.2.
    var isToken: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    var lowercasedASCII: UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self }
}

extension ArraySlice<UInt8> {
    /// Without blanks at both ends.
    var trimmed: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else {
            return []
        }
        return self[first...last]
    }
}
