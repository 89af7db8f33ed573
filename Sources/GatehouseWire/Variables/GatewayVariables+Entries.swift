// Questions about one entry, whose bytes lie in the stream that is being read.
extension GatewayVariables {
    /// Whether the name of ten bytes at `start` is HTTP_PROXY in any case. A client's `Proxy:` header becomes this
    /// variable, and much software takes the variable for its own setting (CVE-2016-5385 and others), so the decoders
    /// leave it out.
    static func isProxy(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard start >= 0, bytes.count - start >= 10, bytes[start + 4] == UInt8(ascii: "_") else { return false }
        let raw = UnsafeRawBufferPointer(bytes)
        let first = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        let last = UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: start + 8, as: UInt16.self))
        // Setting bit 0x20 folds letters to lower case ("http", "pro", "xy") and turns the underscore into 0x7f.
        return first | 0x2020_2020_2020_2020 == 0x6874_7470_7f70_726f && last | 0x2020 == 0x7879
    }

    static func isProxy(_ name: String) -> Bool {
        name.utf8.count == 10 && Array(name.utf8).withUnsafeBufferPointer { isProxy($0, at: 0) }
    }

    static func isContentLength(_ entry: Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        isName(entry, "CONTENT_LENGTH", in: bytes)
    }

    /// Whether a pair is a header of the client's, which may come several times.
    static func isClientHeader(_ entry: Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let prefix: StaticString = "HTTP_"
        guard Int(entry.nameLength) > prefix.utf8CodeUnitCount else { return false }
        let start = Int(entry.name)
        return bytes[start..<start + prefix.utf8CodeUnitCount].elementsEqual(
            UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
    }

    /// Whether an entry has this name. Compares eight bytes at a time if there are eight: `name` is a literal, so its
    /// words are constants.
    @inline(__always)
    static func isName(_ entry: Entry, _ name: StaticString, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = name.utf8CodeUnitCount
        guard Int(entry.nameLength) == count else { return false }
        let start = Int(entry.name)
        let theirs = UnsafeRawBufferPointer(bytes)
        let ours = UnsafeRawPointer(name.utf8Start)
        func isWord(at offset: Int) -> Bool {
            theirs.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self)
                == ours.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        if count >= 8 {
            for offset in stride(from: 0, to: count - 8, by: 8) where !isWord(at: offset) { return false }
            // The last eight bytes, which overlap the word before.
            return isWord(at: count - 8)
        }
        for index in 0..<count where bytes[start + index] != name.utf8Start[index] { return false }
        return true
    }

    /// An entry's value as a number; see `number(_:)`.
    static func number(_ entry: Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        number(UnsafeBufferPointer(rebasing: bytes[Int(entry.value)..<Int(entry.value) + Int(entry.valueLength)]))
    }

    /// A value as a number: `nil` unless it is digits and nothing else, and fits into `Int`. `+5`, `-1`, `5,5` and the
    /// empty value are no numbers. Software that reads them differently from the front server lets requests be
    /// smuggled.
    static func number(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
        if value.isEmpty { return nil }
        var number = 0
        for byte in value {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tens, tensOverflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(digit))
            guard !tensOverflow, !sumOverflow else { return nil }
            number = sum
        }
        return number
    }
}
