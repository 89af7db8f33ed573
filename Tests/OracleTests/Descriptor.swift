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
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
            count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            used = max(count, 0)
        }
        guard count >= 0 else { throw Failure(description: "read: \(String(cString: strerror(errno)))") }
        return bytes
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count >= 0 else { throw Failure(description: "write: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    static func wait(_ descriptor: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, gracePeriod) > 0 else { throw Failure(description: "nothing within \(gracePeriod) ms") }
    }
}
