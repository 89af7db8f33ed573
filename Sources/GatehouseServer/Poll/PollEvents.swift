import CGatehouseSystem

/// What a descriptor is ready for, or what is to be waited for.
struct PollEvents: OptionSet, Sendable {
    var rawValue: UInt32

    static let readable = PollEvents(rawValue: UInt32(GATEHOUSE_READABLE))
    static let writable = PollEvents(rawValue: UInt32(GATEHOUSE_WRITABLE))
    /// The peer is gone altogether, or the descriptor failed. Always reported, never asked for.
    static let gone = PollEvents(rawValue: UInt32(GATEHOUSE_GONE))
    /// Asked for and never reported: be told of each arrival once, not for as long as something is there.
    static let edge = PollEvents(rawValue: UInt32(GATEHOUSE_EDGE))
}
