import GatehouseWire
import Testing

/// Rows A7, A3, A2: bytes mean the same wherever the network cuts them.
struct DripTests {
    @Test func `there are at least sixty transcripts, each with a name of its own`() {
        #expect(Transcripts.all.count >= 60)
        #expect(Set(Transcripts.all.map(\.name)).count == Transcripts.all.count)
    }

    @Test(arguments: Transcripts.all)
    func `a transcript that comes whole gives the events expected`(_ transcript: Transcript) {
        #expect(transcript.trace([transcript.bytes[...]]).lines == transcript.expected)
    }

    @Test(arguments: Transcripts.all)
    func `a transcript that comes byte by byte gives the same events and answers`(_ transcript: Transcript) {
        let bytes = transcript.bytes
        #expect(transcript.trace(bytes.indices.map { bytes[$0...$0] }) == transcript.trace([bytes[...]]))
    }

    @Test(arguments: Transcripts.all)
    func `a transcript cut anywhere in two gives the same events and answers`(_ transcript: Transcript) {
        let bytes = transcript.bytes
        let whole = transcript.trace([bytes[...]])
        for cut in Self.cuts(bytes.count) {
            let trace = transcript.trace([bytes[..<cut], bytes[cut...]])
            if trace != whole {
                #expect(trace.lines == whole.lines, "cut at \(cut)")
                #expect(trace == whole, "cut at \(cut)")
                return
            }
        }
    }

    /// Every offset of a small transcript. For a large one: the offsets near its ends, which hold the records' headers,
    /// and those of a prime stride, which meets every position within a record.
    private static func cuts(_ count: Int) -> [Int] {
        guard count > 4_096 else { return Array(0...count) }
        return Array(0...600) + Array(stride(from: 601, to: count - 600, by: 499)) + Array(count - 600...count)
    }
}
