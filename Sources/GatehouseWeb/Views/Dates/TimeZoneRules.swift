/// The changes of a time zone, as a file of the tz database has them (RFC 9636, TZif).
struct TimeZoneRules: Sendable, Equatable {
    /// The moments of change, in seconds since 1970, ascending.
    private var moments: [Int] = []
    /// The seconds ahead of UTC from each of them on.
    private var offsets: [Int] = []
    /// The seconds ahead of UTC before the first.
    private var first: Int
    /// The rule for the time after the last.
    private var rule: TimeZoneRule?

    init(offset: Int) { first = offset }

    func offset(at moment: Int) -> Int {
        guard let last = moments.last else { return rule?.offset(at: moment) ?? first }
        if moment >= last { return rule?.offset(at: moment) ?? offsets[offsets.count - 1] }
        var (low, high) = (0, moments.count)
        while low < high {
            let middle = (low + high) / 2
            if moments[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }

    /// - Returns: `nil` if the bytes are no file of the tz database, of its second version or a later one.
    init?(_ file: [UInt8]) {
        var reader = Reader(file: file)
        // The first part has 32-bit times, for programs of long ago.
        guard let old = reader.header(), old.version >= 0x32, reader.skip(old.bytes(ofTime: 4)),
            let counts = reader.header(), counts.types > 0
        else { return nil }
        for _ in 0..<counts.times {
            guard let moment = reader.number(8) else { return nil }
            moments.append(moment)
        }
        guard let kinds = reader.bytes(counts.times) else { return nil }
        var types: [Int] = []
        for _ in 0..<counts.types {
            guard let offset = reader.number(4), abs(offset) < 100_000, reader.skip(2) else { return nil }
            types.append(offset)
        }
        guard kinds.allSatisfy({ Int($0) < types.count }), moments == moments.sorted(),
            reader.skip(counts.characters + counts.leaps * 12 + counts.standards + counts.universals)
        else { return nil }
        offsets = kinds.map { types[Int($0)] }
        first = types[0]
        rule = TimeZoneRule(String(decoding: reader.rest.drop { $0 == 0x0A }.prefix { $0 != 0x0A }, as: UTF8.self))
    }

    /// The counts in a header.
    private struct Counts {
        let version: UInt8
        let universals, standards, leaps, times, types, characters: Int

        func bytes(ofTime size: Int) -> Int {
            times * (size + 1) + types * 6 + characters + leaps * (size + 4) + standards + universals
        }
    }

    private struct Reader {
        let file: [UInt8]
        var position = 0

        var rest: ArraySlice<UInt8> { file[position...] }

        mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= file.count - position else { return nil }
            defer { position += count }
            return file[position..<(position + count)]
        }

        mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

        /// A signed number of 4 or 8 bytes.
        mutating func number(_ count: Int) -> Int? {
            guard let bytes = bytes(count) else { return nil }
            let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return count == 4 ? Int(Int32(truncatingIfNeeded: bits)) : Int(Int64(bitPattern: bits))
        }

        mutating func header() -> Counts? {
            guard bytes(4).map(Array.init) == Array("TZif".utf8), let version = bytes(1)?.first, skip(15) else {
                return nil
            }
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = number(4), (0...100_000).contains(count) else { return nil }
                counts.append(count)
            }
            return Counts(
                version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
                types: counts[4], characters: counts[5])
        }
    }
}
