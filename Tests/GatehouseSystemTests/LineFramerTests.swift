import GatehouseSystem
import Testing

struct LineFramerTests {
    private func lines(_ parts: [[UInt8]], longest: Int = 8) -> [LineFramer.Line] {
        var framer = LineFramer(longest: longest)
        var lines: [LineFramer.Line] = []
        for part in parts {
            framer.receive(part)
            while let line = framer.next() { lines.append(line) }
        }
        if let rest = framer.rest() { lines.append(.init(bytes: rest)) }
        return lines
    }

    private func line(_ text: String, isCut: Bool = false) -> LineFramer.Line {
        .init(bytes: Array(text.utf8), isCut: isCut)
    }

    @Test func `lines split at each offset are the same, long ones in pieces, and the last without its end`() {
        let bytes = Array("one\n\njust 8 b\ntwelve bytes\nthis has twenty bytes\nrest".utf8)
        let expected = [
            line("one"), line(""), line("just 8 b"), line("twelve b", isCut: true), line("ytes"),
            line("this has", isCut: true), line(" twenty ", isCut: true), line("bytes"), line("rest"),
        ]
        for cut in 0...bytes.count {
            #expect(lines([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "split at \(cut)")
        }
        #expect(lines(bytes.map { [$0] }) == expected)
        #expect(lines([bytes]) == expected)
    }

    @Test func `a line of the longest length is whole, and one byte more is cut as soon as it is there`() {
        var framer = LineFramer(longest: 4)
        framer.receive(Array("abcd".utf8))
        #expect(framer.next() == nil)
        framer.receive(Array("\n".utf8))
        #expect(framer.next() == line("abcd"))
        framer.receive(Array("abcd".utf8))
        #expect(framer.next() == nil)
        framer.receive(Array("e".utf8))
        #expect(framer.next() == line("abcd", isCut: true))
        #expect(framer.next() == nil)
        #expect(framer.rest() == Array("e".utf8))
        #expect(framer.rest() == nil)
    }

    @Test func `a multiple of the longest length has no empty line behind it`() {
        let expected = [line("abcd", isCut: true), line("efgh"), line("x")]
        #expect(lines([Array("abcdefgh\nx\n".utf8)], longest: 4) == expected)
    }

    @Test func `the longest line can be without a bound, and bytes that are no text are kept`() {
        let bytes: [UInt8] = [0xFF, 0, 13] + [UInt8](repeating: 65, count: 100_000)
        #expect(lines([bytes, [10]], longest: .max) == [.init(bytes: bytes)])
    }

    @Test func `a long line in small pieces is searched once`() {
        // Searching again with each piece would take 5 * 10^11 comparisons.
        var framer = LineFramer(longest: .max)
        let piece = [UInt8](repeating: 65, count: 16)
        for _ in 0..<62_500 {
            framer.receive(piece)
            #expect(framer.next() == nil)
        }
        framer.receive([10])
        #expect(framer.next()?.bytes.count == 1_000_000)
    }
}
