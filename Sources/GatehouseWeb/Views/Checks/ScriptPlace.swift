/// A place in JavaScript, as far as it matters for a value that is put there: code, or a string, a comment or a regular
/// expression.
struct ScriptPlace: Hashable {
    private enum Kind { case code, slash, string, lineComment, comment, expression }

    private var kind = Kind.code
    /// The quote that ends a string.
    private var quote: UInt8 = 0
    private var isEscaped = false
    private var before: UInt8 = 0
    /// The last byte of code that was no white space: it tells whether `/` divides or begins a regular expression.
    private var sign: UInt8 = 0

    /// Whether a value here is a value of the language, and not a part of something.
    var isCode: Bool { kind == .code }

    mutating func read(_ byte: UInt8) {
        switch kind {
        case .code: readCode(byte)
        case .slash: readAfterSlash(byte)
        case .lineComment: if byte == 0x0A { kind = .code }
        case .comment: if byte == UInt8(ascii: "/") && before == UInt8(ascii: "*") { kind = .code }
        case .string, .expression: readQuoted(byte)
        }
        before = byte
    }

    private mutating func readCode(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            kind = .string
            quote = byte
        case UInt8(ascii: "/"): kind = .slash
        default: if !TemplateScanner.isSpace(byte) { sign = byte }
        }
    }

    private mutating func readAfterSlash(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "/"): kind = .lineComment
        case UInt8(ascii: "*"): kind = .comment
        default:
            kind = divides ? .code : .expression
            quote = UInt8(ascii: "/")
            if kind == .code {
                sign = quote
                readCode(byte)
            } else {
                readQuoted(byte)
            }
        }
    }

    /// Whether a `/` after the last sign is a division.
    private var divides: Bool {
        switch sign {
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x30...0x39,
            0x41...0x5A, 0x61...0x7A, 0x80...:
            true
        default: false
        }
    }

    private mutating func readQuoted(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == quote || (byte == 0x0A && quote != UInt8(ascii: "`")) {
            kind = .code
            sign = UInt8(ascii: ")")
        }
    }
}
