/// A file of the time zone database (RFC 8536), version 2 or later. Wrong files are `nil`, whatever is in them.
struct ZoneFile {
    let bytes: [UInt8]

    private struct Header {
        var isUTCCount, isStandardCount, leapCount, timeCount, typeCount, characterCount: Int

        static let size = 44

        /// The size of the block after it, with times of so many bytes.
        func size(time: Int) -> Int {
            timeCount * (time + 1) + typeCount * 6 + characterCount + leapCount * (time + 4) + isStandardCount
                + isUTCCount
        }
    }

    func zone() -> Zone? {
        guard let old = header(at: 0), bytes[4] >= UInt8(ascii: "2") else { return nil }
        // The first block has moments of 32 bits, for older readers.
        let start = Header.size + old.size(time: 4)
        guard let header = header(at: start), header.typeCount > 0 else { return nil }
        let times = start + Header.size
        let indexes = times + header.timeCount * 8
        let types = indexes + header.timeCount
        let end = times + header.size(time: 8)
        guard end < bytes.count, bytes[end] == 10 else { return nil }
        func offset(_ type: Int) -> Int64? {
            guard type < header.typeCount else { return nil }
            let offset = Int64(Int32(truncatingIfNeeded: number(at: types + type * 6, 4)))
            return abs(offset) <= 93_600 ? offset : nil
        }
        var zone = Zone()
        guard let first = offset(0) else { return nil }
        zone.firstOffset = first
        for index in 0..<header.timeCount {
            guard let offset = offset(Int(bytes[indexes + index])) else { return nil }
            let moment = number(at: times + index * 8, 8)
            guard zone.changes.last.map({ $0.moment < moment }) ?? true else { return nil }
            zone.changes.append(Zone.Change(moment: moment, offset: offset))
        }
        guard let newline = bytes[(end + 1)...].firstIndex(of: 10) else { return nil }
        let footer = bytes[(end + 1)..<newline]
        if !footer.isEmpty {
            guard let rule = ZoneRule(String(decoding: footer, as: UTF8.self)) else { return nil }
            zone.rule = rule
        }
        return zone
    }

    private func header(at start: Int) -> Header? {
        guard start + Header.size <= bytes.count, bytes[start..<(start + 4)].elementsEqual("TZif".utf8) else {
            return nil
        }
        let counts = (0..<6).map { Int(number(at: start + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ (0...10_000).contains($0) }) else { return nil }
        return Header(
            isUTCCount: counts[0], isStandardCount: counts[1], leapCount: counts[2], timeCount: counts[3],
            typeCount: counts[4], characterCount: counts[5])
    }

    private func number(at start: Int, _ count: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[start..<(start + count)] { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }
}
