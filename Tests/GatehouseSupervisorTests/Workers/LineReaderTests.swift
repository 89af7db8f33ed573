@testable import GatehouseSupervisor
import Testing

struct LineReaderTests {
    private func lines(_ parts: [[UInt8]], longest: Int = 8) -> [String] {
        var reader = LineReader(longest: longest)
        var lines: [String] = []
        for part in parts {
            reader.receive(part)
            while let line = reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        if let rest = reader.rest() { lines.append(String(decoding: rest, as: UTF8.self)) }
        return lines
    }

    @Test func `lines cut anywhere are the same, long ones in pieces, and the last without its end`() {
        let bytes = Array("one\n\ntwelve bytes\nrest".utf8)
        for cut in 0...bytes.count {
            #expect(
                lines([Array(bytes[..<cut]), Array(bytes[cut...])]) == ["one", "", "twelve b", "ytes", "rest"])
        }
        #expect(lines(bytes.map { [$0] }) == ["one", "", "twelve b", "ytes", "rest"])
    }
}
