import GatehouseWire

/// What a client chose the length of, for log lines: a refused request of megabytes must not fill the disk.
enum ShortText {
    /// The most bytes of one value in one line.
    static let limit = 200

    /// The text of the first bytes, and how many there are where those are not all.
    static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(limit), as: UTF8.self) + "… (\(bytes.count) bytes)"
    }

    static func of(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        var text = text
        return text.withUTF8 { of(UnsafeRawBufferPointer($0)) }
    }
}

extension GatewayVariables {
    /// The last value of that name for a log line; `-` where there is none.
    func shortText(of name: StaticString) -> String {
        var text = "-"
        withValue(of: name) { if let value = $0 { text = ShortText.of(value) } }
        return text
    }
}
