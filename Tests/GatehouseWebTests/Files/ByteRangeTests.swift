import Gatehouse
import Testing

/// Row L5 of hostile input: one range at most.
struct ByteRangeTests {
    @Test func `a part is cut to the size`() {
        #expect(ByteRange("bytes=0-0", size: 10) == .part(0..<1))
        #expect(ByteRange("bytes=2-99", size: 10) == .part(2..<10))
        #expect(ByteRange("bytes=7-", size: 10) == .part(7..<10))
        #expect(ByteRange("bytes=-3", size: 10) == .part(7..<10))
        #expect(ByteRange("bytes=-300", size: 10) == .part(0..<10))
    }

    @Test func `a part behind the end is not satisfiable`() {
        for header in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            #expect(ByteRange(header, size: 10) == .unsatisfiable)
        }
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", size: 0) == .unsatisfiable)
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=--1", "items=0-1",
        "bytes=0-0,1-1", "bytes=0-9223372036854775808",
        "bytes=" + Array(repeating: "0-", count: 200).joined(separator: ","),
    ])
    func `what is malformed or has many parts is the whole`(_ header: String?) {
        #expect(ByteRange(header, size: 10) == .whole)
    }
}
