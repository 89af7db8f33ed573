import Foundation

/// A document of this checkout, for tests that hold it to the code.
public struct Document: Sendable {
    private let lines: [Substring]

    public struct Missing: Error { public var name: String }

    /// - Parameter name: `CONFIGURATION.md`; looked for in `Documentation` and beside it.
    public init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        let places = [root.appending(path: "Documentation/\(name)"), root.appending(path: name)]
        guard let text = places.lazy.compactMap({ try? String(contentsOf: $0, encoding: .utf8) }).first else {
            throw Missing(name: name)
        }
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The cells of the first table after a heading, row by row, without the table's own head.
    /// - Parameter heading: the whole line: `### limits`.
    public func table(after heading: String) -> [[String]] {
        rows(lines.drop { $0 != heading })
    }

    /// The cells of the table that has this first line.
    public func table(headed head: String) -> [[String]] {
        rows(lines.drop { $0 != head })
    }

    private func rows(_ lines: ArraySlice<Substring>) -> [[String]] {
        lines.drop { !$0.hasPrefix("|") }.dropFirst(2).prefix { $0.hasPrefix("|") }.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
    }
}
