/// The application's answer breaks the protocol.
public struct ResponseViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// What came, and what would have been right.
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
