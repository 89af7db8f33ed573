/// Where a log goes.
public enum LogPlace: Equatable, Sendable, CustomStringConvertible {
    case standardOutput
    case standardError
    /// An absolute path.
    case file(String)

    /// The names that name them as a file, too: what those lead to is opened and written otherwise than a file.
    private static let names: [String: LogPlace] = [
        "stdout": .standardOutput, "/dev/stdout": .standardOutput, "/dev/fd/1": .standardOutput,
        "/proc/self/fd/1": .standardOutput, "stderr": .standardError, "/dev/stderr": .standardError,
        "/dev/fd/2": .standardError, "/proc/self/fd/2": .standardError,
    ]

    /// What is meant by a text that is no plain path; `nil` if it is one.
    init?(named text: String) {
        guard let place = Self.names[text] else { return nil }
        self = place
    }

    public var description: String {
        switch self {
        case .standardOutput: "stdout"
        case .standardError: "stderr"
        case .file(let path): path
        }
    }
}
