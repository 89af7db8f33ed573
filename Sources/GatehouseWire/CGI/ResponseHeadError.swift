/// A response head that may not go out: it would be read as something else than its author meant. Nothing of what was
/// refused has been appended.
public struct ResponseHeadError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        case status, reason, fieldName, fieldValue
    }

    public var code: Code
    public var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
