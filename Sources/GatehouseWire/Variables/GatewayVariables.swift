/// The CGI variables of one request: name-value pairs in the order in which they came, in one piece of memory.
public struct GatewayVariables: Sendable, Equatable {
    /// The position of a pair in `bytes`: the name begins at `name`, and the value at `value`.
    @usableFromInline
    struct Entry: Sendable, Equatable {
        @usableFromInline var name: UInt32
        @usableFromInline var nameLength: UInt32
        @usableFromInline var value: UInt32
        @usableFromInline var valueLength: UInt32

        @usableFromInline
        init(name: Int, nameLength: Int, value: Int, valueLength: Int) {
            self.name = UInt32(truncatingIfNeeded: name)
            self.nameLength = UInt32(truncatingIfNeeded: nameLength)
            self.value = UInt32(truncatingIfNeeded: value)
            self.valueLength = UInt32(truncatingIfNeeded: valueLength)
        }
    }

    @usableFromInline var bytes: [UInt8]
    @usableFromInline var entries: [Entry]
    /// The names of all entries, if a decoder knew them before.
    @usableFromInline var names: ParameterNames?

    /// Takes what a decoder has read. The entries must lie within the bytes.
    init(bytes: [UInt8], entries: [Entry], names: ParameterNames? = nil) {
        self.bytes = bytes
        self.entries = entries
        self.names = names
    }

    /// Whether both have the same pairs at the same places.
    public static func == (one: GatewayVariables, other: GatewayVariables) -> Bool {
        one.bytes == other.bytes && one.entries == other.entries
    }

    /// Makes variables from text, for tests. HTTP_PROXY is left out, as the decoders leave it out.
    public init(_ pairs: [(name: String, value: String)] = []) {
        bytes = []
        entries = []
        for (name, value) in pairs {
            guard !Self.isProxy(name) else { continue }
            let start = bytes.count
            bytes.append(contentsOf: name.utf8)
            let middle = bytes.count
            bytes.append(contentsOf: value.utf8)
            entries.append(
                Entry(name: start, nameLength: middle - start, value: middle, valueLength: bytes.count - middle))
        }
    }

    /// The number of pairs.
    @inlinable
    public var count: Int { entries.count }

    /// Calls `body` with each pair's name and value as they came.
    @inlinable
    public func forEach<Failure: Error>(
        _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let all = bytes.span
        for entry in entries {
            let name = Int(entry.name)
            let value = Int(entry.value)
            try body(
                all.extracting(name..<name + Int(entry.nameLength)),
                all.extracting(value..<value + Int(entry.valueLength)))
        }
    }

    /// The value of the last pair with this name; `nil` if there is none. Bytes that are not UTF-8 are replaced.
    public subscript(name: String) -> String? {
        for entry in entries.reversed() where Int(entry.nameLength) == name.utf8.count {
            let start = Int(entry.name)
            guard bytes[start..<start + Int(entry.nameLength)].elementsEqual(name.utf8) else { continue }
            let value = Int(entry.value)
            return String(decoding: bytes[value..<value + Int(entry.valueLength)], as: UTF8.self)
        }
        return nil
    }

    /// All pairs as text, in the order in which they came. Bytes that are not UTF-8 are replaced.
    public var pairs: [(name: String, value: String)] {
        entries.map { entry in
            let name = Int(entry.name)
            let value = Int(entry.value)
            return (
                String(decoding: bytes[name..<name + Int(entry.nameLength)], as: UTF8.self),
                String(decoding: bytes[value..<value + Int(entry.valueLength)], as: UTF8.self)
            )
        }
    }
}
