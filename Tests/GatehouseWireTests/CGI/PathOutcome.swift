import Testing

/// One row of SUPPORTED.md's table of path outcomes.
struct PathOutcome: Sendable, CustomTestStringConvertible {
    var variables: [(String, String)]
    /// The target that the handler sees, or the status of the answer without it.
    var outcome: Outcome

    enum Outcome: Sendable, Equatable {
        case target(String)
        case status(Int)
    }

    init(_ variables: KeyValuePairs<String, String>, _ target: String) {
        self.variables = variables.map { ($0.key, $0.value) }
        outcome = .target(target)
    }

    init(_ variables: KeyValuePairs<String, String>, status: Int) {
        self.variables = variables.map { ($0.key, $0.value) }
        outcome = .status(status)
    }

    init(_ uri: String, _ target: String) { self.init(["REQUEST_URI": uri], target) }
    init(_ uri: String, status: Int) { self.init(["REQUEST_URI": uri], status: status) }

    var testDescription: String { row }

    /// The row as SUPPORTED.md has it.
    var row: String {
        let left = variables.map { "`\($0.0)=\(Self.visible($0.1))`" }.joined(separator: " ")
        let right =
            switch outcome {
            case .target(let target): "`\(target)`"
            case .status(let status): "\(status)"
            }
        return "| \(left) | \(right) |"
    }

    /// Bytes that cannot be seen as `\xNN`; much of the same as a count.
    private static func visible(_ value: String) -> String {
        if value.utf8.count > 200 { return "/aaa… (\(value.utf8.count) bytes)" }
        let text = value.utf8.map { byte in
            let hex = "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            return (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : hex
        }
        return text.joined().replacing("|", with: "\\|")
    }
}
