import CGatehouseSystem

/// The owner of a descriptor, called when that is ready.
protocol PollSource: AnyObject {
    func ready(for events: PollEvents)
}

/// Readiness of a descriptor, or interest in it.
struct PollEvents: OptionSet, Sendable {
    var rawValue: UInt32

    static let readable = PollEvents(rawValue: UInt32(GATEHOUSE_READABLE))
    static let writable = PollEvents(rawValue: UInt32(GATEHOUSE_WRITABLE))
    /// The peer is gone altogether, or the descriptor failed. Always reported, never asked for.
    static let gone = PollEvents(rawValue: UInt32(GATEHOUSE_GONE))
    /// Each arrival is reported once, and not for as long as something is there. Asked for, never reported.
    static let edge = PollEvents(rawValue: UInt32(GATEHOUSE_EDGE))
}

/// The name of one registration of a descriptor; a later registration of the same descriptor has another.
struct PollToken: RawRepresentable, Equatable, Sendable {
    var rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(descriptor: Int32, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    var descriptor: Int32 { Int32(truncatingIfNeeded: rawValue) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}
