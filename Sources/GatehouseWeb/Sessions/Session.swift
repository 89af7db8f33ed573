import Logging
import Synchronization

/// A visitor's session: values that outlive the request. A handler gets it from its context.
///
/// ```swift
/// router.post("/cart/:id") { request, context in
///     let id = try context.parameters.require("id", as: Int.self)
///     context.session["cart", as: [Int].self] = (context.session["cart"] ?? []) + [id]
///     context.flash("It is in your cart.")
///     return Response.redirect(to: context.mountPath + "/cart", type: .normal)
/// }
/// ```
///
/// It is opened at the first use. A visitor in whose session nothing was ever stored has none, and gets no cookie. What
/// was changed is written when the handler has returned its response; while a response's body is being written it is
/// too late.
public final class Session: Sendable {
    private let state: Mutex<SessionState>
    private let logger: Logger
    /// The key of the session's row, if it came from a database.
    let rowID: String?

    init(logger: Logger, rowID: String? = nil, opening: (@Sendable () -> SessionContent?)? = nil) {
        state = Mutex(SessionState(opening: opening))
        self.logger = logger
        self.rowID = rowID
    }

    /// The value of that name: `nil` if there is none, or one of another type. Setting `nil` removes it.
    ///
    /// Small values are meant: all of them travel with each request, in a cookie of 4 KB, or are read from the database
    /// for each request. A value that cannot be encoded ends the request with a 500.
    public subscript<Value: Codable & Sendable>(name: String, as type: Value.Type = Value.self) -> Value? {
        get { bytes(of: name).flatMap { SessionValueCoding.decode($0, as: type) } }
        set { set(name, to: newValue) }
    }

    /// The value of a key: `nil` if there is none, or one of another type. Setting `nil` removes it.
    public subscript<Value>(key: SessionKey<Value>) -> Value? {
        get { self[key.name] }
        set { self[key.name] = newValue }
    }

    /// The value of a key, or another one in its place if there is none.
    public subscript<Value>(key: SessionKey<Value>, default other: @autoclosure () -> Value) -> Value {
        get { self[key.name] ?? other() }
        set { self[key.name] = newValue }
    }

    /// Whether there is nothing in the session.
    public var isEmpty: Bool { access { $0.values.isEmpty } }

    /// The user whom the session belongs to, by whatever names him for good, such as a key of the database. With
    /// ``DatabaseSessions`` all sessions of a user can be ended by it. The sign-in sets it.
    public var owner: String? {
        get { self[SessionName.owner] }
        set { self[SessionName.owner] = newValue }
    }

    /// Gives the session a new id and a new beginning, and keeps its values. Whoever signs in gets a new id, so that
    /// nobody who knew the old one (he may have planted it) is signed in with him.
    public func renew() { change { $0.renew() } }

    /// Ends the session: its values are gone, its cookie is removed, and in a database its row is deleted.
    ///
    /// A session in a cookie has no other place than that cookie: a copy of it that somebody has taken before works
    /// until it expires. Sessions that must end for good belong into the database (``DatabaseSessions``).
    public func destroy() { change { $0.destroy() } }

    private func bytes(of name: String) -> [UInt8]? { access { $0.values[name] } }

    private func set(_ name: String, to value: (some Codable & Sendable)?) {
        guard (1...SessionContent.longestName).contains(name.utf8.count) else {
            return fail(
                "a value of a session has a name of 1 to \(SessionContent.longestName) bytes: \"\(name)\" is none")
        }
        do {
            // Outside of the lock: the value's own code runs.
            let bytes = try value.map { try SessionValueCoding.encode($0) }
            guard bytes?.count ?? 0 <= SessionContent.longestValue else {
                return fail("the value \"\(name)\" of the session is too large: it belongs into the database")
            }
            change { $0.set(name, to: bytes) }
        } catch {
            // The encoder's own words may show the value.
            fail("the value \"\(name)\" of the session cannot be encoded")
        }
    }

    private func fail(_ message: String) { change { $0.fail(SessionError(message)) } }

    private func access<Result>(_ body: (inout sending SessionState) -> sending Result) -> sending Result {
        state.withLock { state in
            state.touch()
            return body(&state)
        }
    }

    private func change(_ body: (inout SessionState) -> Void) {
        let isLate = state.withLock { state in
            body(&state)
            return state.isClosed
        }
        if isLate {
            logger.error("a session was changed after its response had begun: the change is lost")
        }
    }

    // MARK: The middleware's side

    /// Whether anybody has used the session in this request.
    var isTouched: Bool { state.withLock { $0.isTouched } }

    /// Takes a session that was read before anybody has used it.
    func finish(now: Int, lifetime: SessionLifetime) throws(SessionError) -> SessionState.Outcome {
        let (outcome, error) = state.withLock { state in
            state.isClosed = true
            return (state.outcome(now: now, lifetime: lifetime), state.error)
        }
        if let error { throw error }
        return outcome
    }
}
