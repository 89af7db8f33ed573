/// A message for the visitor on the next page that he sees: "Saved." after a form.
public struct Flash: Codable, Sendable, Equatable {
    /// The kind of a message, by which a page chooses its looks; open, so that a module can have its own.
    public struct Kind: RawRepresentable, Codable, Sendable, Hashable {
        /// The kind's name, which a template can use as a class: `success`.
        public var rawValue: String

        /// Makes a kind.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Something is as it is.
        public static let info = Kind(rawValue: "info")
        /// Something has been done.
        public static let success = Kind(rawValue: "success")
        /// Something needs attention.
        public static let warning = Kind(rawValue: "warning")
        /// Something could not be done.
        public static let error = Kind(rawValue: "error")
    }

    /// The kind.
    public var kind: Kind

    /// The message, as text: whoever shows it in a page escapes it.
    public var text: String

    /// Makes a message.
    public init(_ text: String, _ kind: Kind = .info) {
        self.kind = kind
        self.text = text
    }

    /// The most messages that wait; further ones replace the oldest.
    static let most = 8
}

extension WebRequestContext {
    /// Leaves a message for the next page that shows messages, behind any number of redirects. It is in the session
    /// until then, so it needs the middleware ``Sessions``.
    public func flash(_ text: String, _ kind: Flash.Kind = .info) {
        let waiting = session[SessionName.flash, as: [Flash].self] ?? []
        session[SessionName.flash] = Array((waiting + [Flash(text, kind)]).suffix(Flash.most))
    }

    /// Takes the messages that wait, the oldest first. They are gone afterwards: show them.
    public func takeFlashes() -> [Flash] {
        guard let waiting = session[SessionName.flash, as: [Flash].self] else { return [] }
        session[SessionName.flash, as: [Flash].self] = nil
        return waiting
    }
}
