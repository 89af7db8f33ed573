/// The names of a request's pairs in their order, each one once, and what follows from the names alone.
///
/// A front server's configuration and a client's habits make the same names in the same order, request after request.
/// So a decoder compares each name with the one that stood in its place the last time, which tells that no name comes
/// twice, and which of them the request line and the headers are made from.
@usableFromInline
final class ParameterNames: Sendable {
    /// The names, one after the other, and the length of each.
    private let bytes: [UInt8]
    private let lengths: [Int]
    let variables: CGIVariables
    /// The positions of the pairs that are headers.
    @usableFromInline let headers: [Int]

    /// The longest name's length.
    let longest: Int

    /// - Parameter entries: pairs of which no two have the same name.
    init(_ entries: [GatewayVariables.Entry], in stream: UnsafeBufferPointer<UInt8>) {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        var headers: [Int] = []
        for (position, entry) in entries.enumerated() {
            let name = UnsafeBufferPointer(
                rebasing: stream[Int(entry.name)..<Int(entry.name) + Int(entry.nameLength)])
            lengths.append(name.count)
            bytes += name
            if HeaderBytes.isHeader(name.span) { headers.append(position) }
        }
        self.bytes = bytes
        self.lengths = lengths
        longest = lengths.max() ?? 0
        self.headers = headers
        variables = CGIVariables(entries, in: stream)
    }

    var count: Int { lengths.count }

    var hasNUL: Bool { bytes.contains(0) }

    /// The pairs with which a stream begins whose names are the expected ones, up to the first whose name is not; none
    /// if the limits forbid so many names, or such long ones.
    /// - Parameters:
    ///   - position: moves behind these pairs.
    ///   - smallestPair: bytes. A small request then takes little memory, however many pairs are expected.
    ///   - next: reads the pair at the position, and moves that behind it, if its name has this length; `nil` if it has
    ///     another, or if the pair is not there.
    @inline(__always)
    func entries<Position>(
        of stream: UnsafeBufferPointer<UInt8>, from position: inout Position, smallestPair: Int, _ limits: Limits,
        next: (_ nameLength: Int, _ position: inout Position) -> GatewayVariables.Entry?
    ) -> [GatewayVariables.Entry] {
        guard count <= limits.parameterCount, longest <= limits.parameterNameLength else { return [] }
        let most = min(count, stream.count / smallestPair)
        var following = position
        let entries = entries(of: stream, most: most) { nameLength in
            position = following
            return next(nameLength, &following)
        }
        if entries.count == most { position = following }
        return entries
    }

    /// - Parameter most: the most pairs, at most all names.
    @inline(__always)
    private func entries(
        of stream: UnsafeBufferPointer<UInt8>, most: Int, next: (_ nameLength: Int) -> GatewayVariables.Entry?
    ) -> [GatewayVariables.Entry] {
        var entries: [GatewayVariables.Entry] = []
        guard let stream = UnsafeRawPointer(stream.baseAddress) else { return entries }
        entries.append(addingCapacity: most) { rest in
            rest.withUnsafeMutableBufferPointer { entries, count in
                bytes.withUnsafeBytes { bytes in
                    guard var known = bytes.baseAddress else { return }
                    for length in lengths {
                        guard count < most, let entry = next(length), isEqual(known, stream + Int(entry.name), length)
                        else { return }
                        entries.initializeElement(at: count, to: entry)
                        count &+= 1
                        known += length
                    }
                }
            }
        }
        return entries
    }
}

/// Whether so many bytes are the same at two places. Compares eight at a time if there are eight.
@inline(__always)
func isEqual(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer, _ count: Int) -> Bool {
    func isWord(at offset: Int) -> Bool {
        one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    if count >= 8 {
        // The last eight bytes overlap the word before.
        let last = count &- 8
        var offset = 0
        while offset < last {
            if !isWord(at: offset) { return false }
            offset &+= 8
        }
        return isWord(at: last)
    }
    var offset = 0
    while offset < count {
        if one.load(fromByteOffset: offset, as: UInt8.self) != other.load(fromByteOffset: offset, as: UInt8.self) {
            return false
        }
        offset &+= 1
    }
    return true
}

/// The names of a request that the next one will probably have, for all connections of one loop. Confined to that loop;
/// hence `@unchecked`.
public final class NameMemory: @unchecked Sendable {
    private(set) var expected: ParameterNames?
    /// The names of the last request that had others: if they come twice in a row, they become the expected ones.
    private var others = NameFilter()

    /// Makes one that expects nothing.
    public init() {}

    /// Takes note of names that were not the expected ones. An empty one, which FastCGI alone allows, is never
    /// expected, nor one with NUL, which ends a name in SCGI: the memory is that of all protocols' connections.
    func note(_ filter: NameFilter, of entries: [GatewayVariables.Entry], in stream: UnsafeBufferPointer<UInt8>) {
        if entries.contains(where: { $0.nameLength == 0 }) { return }
        if filter == others {
            let names = ParameterNames(entries, in: stream)
            if !names.hasNUL { expected = names }
        }
        others = filter
    }
}
