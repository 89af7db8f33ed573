/// An error in the use of a session, which ends the request with a 500: nothing of the session is written.
public struct SessionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault, and its remedy. It names values, and shows none.
    public let description: String

    init(_ description: String) { self.description = description }
}
