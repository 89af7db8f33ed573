/// Where each pair of one request lies, with every name once.
struct ParameterIndex {
    private(set) var entries: [GatewayVariables.Entry] = []
    private var seen = NameFilter()

    init(expected: Int) {
        entries.reserveCapacity(expected)
    }

    /// The pair with the same name that was added before.
    @inline(__always)
    mutating func earlier(_ entry: GatewayVariables.Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let name = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(bytes)[Int(entry.name)..<Int(entry.name) + Int(entry.nameLength)])
        guard seen.insert(name) else { return nil }
        return search(entry, in: bytes)
    }

    private func search(_ entry: GatewayVariables.Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        entries.lastIndex { other in
            other.nameLength == entry.nameLength
                && Self.equal(bytes, Int(other.name), Int(entry.name), count: Int(entry.nameLength))
        }
    }

    static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ one: Int, _ other: Int, count: Int) -> Bool {
        bytes[one..<one + count].elementsEqual(bytes[other..<other + count])
    }

    mutating func append(_ entry: GatewayVariables.Entry) { entries.append(entry) }

    mutating func replace(_ index: Int, with entry: GatewayVariables.Entry) { entries[index] = entry }
}
