/// The state of a session during one request: as it came, and as the handlers have changed it. No lock, no clock.
struct SessionState {
    /// Opens what has come with the request; `nil` as soon as that was done.
    private var opening: (@Sendable () -> SessionContent?)?
    /// The session as it came; `nil` if the visitor has none.
    private(set) var stored: SessionContent?
    private(set) var values: [String: [UInt8]] = [:]
    /// The names of the values that were set or removed.
    private(set) var changed: Set<String> = []
    /// Whether anybody has looked at the session, so that the response may depend on it.
    private(set) var isTouched = false
    private(set) var isRenewed = false
    private(set) var error: SessionError?
    /// Whether the response has left, so that a change comes too late.
    var isClosed = false

    init(opening: (@Sendable () -> SessionContent?)?) {
        self.opening = opening
    }

    mutating func touch() {
        isTouched = true
        guard let open = opening else { return }
        opening = nil
        stored = open()
        values = stored?.values ?? [:]
    }

    mutating func set(_ name: String, to value: [UInt8]?) {
        touch()
        guard values[name] != value else { return }
        values[name] = value
        changed.insert(name)
    }

    mutating func renew() {
        touch()
        isRenewed = true
        // A token that somebody knew before is not known afterwards.
        set(SessionName.csrf, to: nil)
    }

    mutating func destroy() {
        touch()
        isRenewed = true
        changed.formUnion(values.keys)
        values = [:]
    }

    mutating func fail(_ error: SessionError) {
        touch()
        if self.error == nil { self.error = error }
    }

    /// The work that a response's end has with a session.
    enum Outcome: Equatable {
        case nothing
        /// The session has ended, or nothing is left in it.
        case end
        /// It is written: the first time, again, or under another id.
        case write(SessionContent, Change)
        /// Nothing has changed but the time of its last use.
        case refresh(SessionContent)
    }

    /// A change of a session.
    enum Change: Equatable {
        case new
        case changed(Set<String>)
        case renewed
    }

    func outcome(now: Int, lifetime: SessionLifetime) -> Outcome {
        guard let stored else {
            return values.isEmpty ? .nothing : .write(SessionContent(created: now, used: now, values: values), .new)
        }
        if values.isEmpty { return changed.isEmpty && !isRenewed ? .nothing : .end }
        var content = SessionContent(created: isRenewed ? now : stored.created, used: now, values: values)
        if isRenewed { return .write(content, .renewed) }
        if !changed.isEmpty { return .write(content, .changed(changed)) }
        guard lifetime.isWorthRefreshing(used: stored.used, now: now) else { return .nothing }
        content.used = now
        return .refresh(content)
    }
}

/// The names of the values that the kit itself keeps in a session.
package enum SessionName {
    package static let flash = "_flash"
    package static let csrf = "_csrf"
    package static let owner = "_owner"
}
