/// A module wrote its response in a way that cannot be sent.
public enum ResponseMisuse: Error, Sendable, Equatable, CustomStringConvertible {
    /// More bytes than the response's Content-Length announced.
    case longerThanDeclared(Int)
    /// Fewer bytes than the response's Content-Length announced.
    case shorterThanDeclared(declared: Int, written: Int)
    /// Bytes after the end.
    case afterEnd

    public var description: String {
        switch self {
        case .longerThanDeclared(let length): "the response is longer than its Content-Length of \(length)"
        case .shorterThanDeclared(let declared, let written):
            "the response ended after \(written) bytes, its Content-Length is \(declared)"
        case .afterEnd: "the handler wrote after its response's end"
        }
    }
}
