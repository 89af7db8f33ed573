/// The application's answer breaks the protocol.
public struct ResponseViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// What came, and what would have been right.
    public var description: String

    /// A record header of version 0, with which Gatehouse breaks an answer off.
    static let brokenOff = ResponseViolation("the application broke the answer off (a record of version 0)")

    init(_ description: String) {
        self.description = description
    }
}
