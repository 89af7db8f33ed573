import GatehouseWeb
import TestSupport
import Testing

struct MultipartParserTests {
    @Test func `fields and files come with their names, types and bytes`() {
        let bytes = body(
            (field("title"), "Rain"),
            (fileHead("picture", "a b.png") + "\r\nContent-Type: image/png", "\u{0}\r\n\r\n--"),
            (field("empty"), ""))
        #expect(
            read(bytes) == [
                .field("title", "Rain"),
                .part("picture", file: "a b.png", type: "image/png", Array("\u{0}\r\n\r\n--".utf8)),
                .field("empty", ""),
            ])
    }

    /// Bodies in odd shapes, and what they mean.
    static let shapes: [(String, [UInt8], [Read])] = [
        ("nothing but the end", lines("--b--\n"), []),
        ("no line's end behind the end", Array("--b--".utf8), []),
        ("line breaks before", lines("\n\n--b\n\(field("a"))\n\n1\n--b--\n"), [.field("a", "1")]),
        ("a preamble and an epilogue", lines("hello\n--b\n\(field("a"))\n\n1\n--b--\nbye\n--b\n"), [.field("a", "1")]),
        ("a preamble with an almost-boundary", lines("--bx\n--b\n\(field("a"))\n\n1\n--b--"), [.field("a", "1")]),
        (
            "blanks behind a boundary", lines("--b \t \n\(field("a"))\n\n1\n--b\t\n\(field("c"))\n\n2\n--b--"),
            [.field("a", "1"), .field("c", "2")]
        ),
        ("a part without bytes and without their CR LF", lines("--b\n\(field("a"))\n\n--b--"), [.field("a", "")]),
        (
            "almost-boundaries in a part",
            lines("--b\n\(field("a"))\n\n-\n--\n--c\n--bq\n--b-q\n--b--q\n--b--"),
            [.field("a", "-\r\n--\r\n--c\r\n--bq\r\n--b-q")]
        ),
        (
            "a boundary whose line does not end", Array("--b\r\n\(field("a"))\r\n\r\n1\r\n--b \rx\r\n--b--".utf8),
            [.field("a", "1\r\n--b \rx")]
        ),
        (
            "a delimiter behind one that breaks off", Array("--b\r\n\(field("a"))\r\n\r\n\r\r\n\r\n--\r\n--b--".utf8),
            [.field("a", "\r\r\n\r\n--")]
        ),
        (
            "header names in any case, tokens of all kinds",
            lines("--b\nCONTENT-dispOsition:form-data;NAME=a\nother!#$%&'*+-.^_`|~0: x\n\n1\n--b--"), [.field("a", "1")]
        ),
        ("nothing", [], [.truncated]),
        ("another boundary", lines("--c\n\(field("a"))\n\n1\n--c--\n"), [.truncated]),
        ("an end that is none", lines("--b-X\n"), [.truncated]),
        ("lines that end with LF", Array("--b\n\(field("a"))\n\n1\n--b--\n".utf8), [.truncated]),
        ("a head's line that ends with LF", Array("--b\r\n\(field("a"))\n\r\n1\r\n--b--\r\n".utf8), [.malformed]),
        ("no last boundary", lines("--b\n\(field("a"))\n\n1\n--b\n"), [.field("a", "1"), .truncated]),
        ("no boundary behind a part", lines("--b\n\(field("a"))\n\n1\n--b"), [.truncated]),
        ("an end within the head", lines("--b\n\(field("a"))\n"), [.truncated]),
    ]

    @Test(arguments: shapes) func `every shape means the same, however it is cut`(
        shape: (name: String, body: [UInt8], expected: [Read])
    ) {
        let bytes = shape.body
        #expect(read(bytes) == shape.expected, "\(shape.name), in one piece")
        #expect(read(bytes, pieces: [1]) == shape.expected, "\(shape.name), byte by byte")
        for offset in 1..<max(2, bytes.count) {
            #expect(read(bytes, pieces: [offset, .max]) == shape.expected, "\(shape.name), cut at \(offset)")
        }
    }

    @Test func `random bodies of a few bytes mean the same, however they are cut`() {
        var random = SeededGenerator(seed: 7)
        let words = ["\r", "\n", "-", "--", "b", "\r\n", "\r\n--b", "--b--", field("a"), ":", " ", "x"]
        for _ in 0..<2_000 {
            var text = "--b\r\n" + field("a") + "\r\n\r\n"
            for _ in 0..<random.within(0...20) { text += words[random.within(0...(words.count - 1))] }
            let bytes = Array((text + "\r\n--b--").utf8)
            let whole = read(bytes)
            #expect(read(bytes, pieces: [1]) == whole, "\(text.debugDescription)")
            let pieces = (0..<8).map { _ in random.within(1...9) }
            #expect(read(bytes, pieces: pieces) == whole, "\(text.debugDescription) in \(pieces)")
        }
    }

    @Test func `every byte survives, beside every length of boundary`() {
        var random = SeededGenerator(seed: 11)
        for length in 1...70 {
            let boundary = String(repeating: "-", count: length - 1) + "x"
            var content = (0..<700).map { _ in UInt8(random.within(0...255)) }
            content += Array("\r\n--\(boundary.dropLast())\r\n--\(boundary)y\r\r\n".utf8)
            let bytes =
                Array("--\(boundary)\r\n\(fileHead("f", "f"))\r\n\r\n".utf8) + content
                + Array("\r\n--\(boundary)--\r\n".utf8)
            let expected = [Read.part("f", file: "f", type: nil, content)]
            #expect(read(bytes, boundary: boundary) == expected)
            #expect(read(bytes, boundary: boundary, pieces: [random.within(1...99)]) == expected)
        }
    }
}
