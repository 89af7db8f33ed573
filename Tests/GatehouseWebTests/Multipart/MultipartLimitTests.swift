import GatehouseWeb
import Testing

/// Each limit, at it and one above: row G1.
struct MultipartLimitTests {
    typealias Limit = WritableKeyPath<MultipartLimits, Int>

    private struct Case {
        var name: String
        var path: Limit
        var status: Int
        /// A body that has just so much of it.
        var body: (_ count: Int) -> [UInt8]
        /// The least of it with which the body can be made.
        var least = 1
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static var cases: [Case] {
        [
            Case(name: "parts", path: \.parts, status: 413) { count in
                Array((String(repeating: "--b\r\n\(field("a"))\r\n\r\n1\r\n", count: count) + "--b--").utf8)
            },
            Case(name: "files", path: \.files, status: 413) { count in
                Array((String(repeating: "--b\r\n\(fileHead("a", "f"))\r\n\r\n1\r\n", count: count) + "--b--").utf8)
            },
            Case(name: "fieldBytes", path: \.fieldBytes, status: 413) { body((field("a"), text($0))) },
            Case(name: "fileBytes", path: \.fileBytes, status: 413) { body((fileHead("a", "f"), text($0))) },
            Case(name: "memoryBytes", path: \.memoryBytes, status: 413) {
                body((field("a"), "1"), (field("b"), text($0 - 3)))
            },
            Case(
                name: "totalBytes", path: \.totalBytes, status: 413, body: { lines("--b--\n" + text($0 - 7)) }, least: 8
            ),
            Case(name: "headers", path: \.headers, status: 400) { count in
                body((field("a") + String(repeating: "\r\nX: y", count: count - 1), "1"))
            },
            Case(
                name: "headerBytes", path: \.headerBytes, status: 400,
                body: { count in body((field("a") + "\r\nX: " + text(count - field("a").count - 9), "1")) }, least: 60),
            Case(name: "nameBytes", path: \.nameBytes, status: 400) { body((field(text($0)), "1")) },
            Case(name: "preambleBytes", path: \.preambleBytes, status: 400, body: { lines(text($0) + "\n--b--") }),
            Case(name: "epilogueBytes", path: \.epilogueBytes, status: 400, body: { lines("--b--" + text($0)) }),
        ]
    }

    @Test(arguments: [8, 70, 300]) func `a limit is kept to the byte and names itself`(size: Int) {
        for limit in Self.cases where size >= limit.least {
            var limits = MultipartLimits()
            limits[keyPath: limit.path] = size
            let (just, more) = (limit.body(size), limit.body(size + 1))
            let refusal = Read.error(.limit, limit: limit.name, status: limit.status)
            for pieces in [[Int.max], [1], [7]] {
                #expect(!isRefused(read(just, pieces: pieces, limits: limits)), "\(limit.name) at \(size)")
                #expect(read(more, pieces: pieces, limits: limits).last == refusal, "\(limit.name) above \(size)")
            }
        }
    }

    private func isRefused(_ found: [Read]) -> Bool {
        if case .error = found.last { true } else { false }
    }

    @Test func `the error says what to change`() throws {
        var parser = try MultipartParser(boundary: "b".utf8, limits: MultipartLimits())
        let bytes = body((field("a"), String(repeating: "x", count: 1 << 20 + 1)))
        let error = #expect(throws: MultipartError.self) {
            var index = 0
            while try bytes.withUnsafeBytes({ try parser.next(in: $0, at: &index) }) != nil {}
        }
        #expect(error?.limit == "fieldBytes")
        #expect(error?.description.contains("limited to 1048576") == true)
        #expect(error?.description.contains("MultipartLimits.fieldBytes") == true)
    }

    @Test func `blanks behind a boundary have an end`() {
        #expect(read(Array("--b\(String(repeating: " ", count: 64))\r\n".utf8)) == [.truncated])
        #expect(read(Array("--b\(String(repeating: " ", count: 66))\r\n".utf8)) == [.malformed])
    }
}
