/// The number by which the peer tells the requests of one connection apart (FastCGI 1.0, section 3.3). SCGI has one
/// request per connection; there it is always 1.
public struct RequestID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
