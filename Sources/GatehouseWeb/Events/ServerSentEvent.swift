/// One event of a ``EventStream`` (HTML Standard, section 9.2, "Server-sent events").
public struct ServerSentEvent: Sendable, Hashable {
    /// The text that the browser's `event.data` is. Line ends of any kind arrive as `\n`.
    public var data: String

    /// The event's type, by which the browser's `addEventListener` finds it; `nil` for `message`. One line.
    public var event: String?

    /// The event's position, which a browser that connects again sends as `Last-Event-ID`. One line.
    public var id: String?

    /// The time that the browser waits before it connects again, from now on.
    public var retry: Duration?

    /// - Parameters:
    ///   - data: text of any number of lines; JSON is what most pages send.
    ///   - event: the type; `nil` for `message`.
    ///   - id: the position for a browser that connects again.
    ///   - retry: the time that the browser waits before it connects again.
    public init(_ data: String, event: String? = nil, id: String? = nil, retry: Duration? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
    }

    /// An event whose type or id has a line end or U+0000, with which its text could forge other events.
    public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        /// The field's name: `event` or `id`.
        public var field: String

        /// The mistake in words.
        public var description: String { "the \(field) of a server-sent event has a line end or U+0000" }
    }

    /// The event as it is sent, with the empty line behind it.
    /// - Throws: ``Malformed``.
    package func framed() throws(Malformed) -> String {
        var text = ""
        text.reserveCapacity(data.utf8.count + 32)
        if let event { try append("event", event, to: &text) }
        if let id { try append("id", id, to: &text) }
        if let retry { text += "retry: \(retry.wholeMilliseconds)\n" }
        Self.append("data", lines: data, to: &text)
        text += "\n"
        return text
    }

    private func append(_ name: String, _ value: String, to text: inout String) throws(Malformed) {
        guard !value.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else { throw Malformed(field: name) }
        text += "\(name): \(value)\n"
    }

    /// Appends a field for each line: CR, LF and CRLF all end one for the browser, too.
    static func append(_ name: String, lines value: String, to text: inout String) {
        var rest = Substring(value).utf8
        while true {
            let end = rest.firstIndex { $0 == 10 || $0 == 13 } ?? rest.endIndex
            text += name
            text += ": "
            text += Substring(rest[..<end])
            text += "\n"
            guard end < rest.endIndex else { return }
            let isPair = rest[end] == 13 && rest[rest.index(after: end)...].first == 10
            rest = rest[rest.index(end, offsetBy: isPair ? 2 : 1)...]
        }
    }
}

extension Duration {
    /// Milliseconds, rounded down; none if it is negative.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(0, min(seconds, 1_000_000_000)) * 1_000 + max(0, attoseconds) / 1_000_000_000_000_000
    }
}
