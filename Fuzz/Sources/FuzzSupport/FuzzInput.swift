/// An input, read from its beginning: first the bytes that drive the test, then those that a peer would send.
public struct FuzzInput {
    public private(set) var rest: ArraySlice<UInt8>

    public init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    }

    public var isEmpty: Bool { rest.isEmpty }

    /// The next byte; 0 at the end.
    public mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    public mutating func number() -> Int {
        Int(byte()) << 8 | Int(byte())
    }

    /// The next bytes, fewer at the end.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }
}
