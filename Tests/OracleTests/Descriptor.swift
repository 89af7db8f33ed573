import GatehouseSystem
import Glibc

/// Blocking input and output with a deadline, so that a silent oracle fails the test instead of hanging it.
enum Descriptor {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static let gracePeriod: Int32 = 20_000

    /// - Returns: the next bytes; empty at the end.
    static func read(_ descriptor: Int32) throws -> [UInt8]? {
        try wait(descriptor)
        return try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
            used = try GatehouseSystem.Descriptor.read(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        try GatehouseSystem.Descriptor.sendAll(bytes, to: descriptor)
    }

    static func wait(_ descriptor: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, gracePeriod) > 0 else { throw Failure(description: "nothing within \(gracePeriod) ms") }
    }
}
