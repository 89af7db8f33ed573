extension UnsafeBufferPointer<UInt8> {
    /// Where the first NUL at or after `start` is. Eight bytes at a time: an SCGI head has eighty NULs in a kilobyte.
    func firstZero(from start: Int) -> Int? {
        let raw = UnsafeRawBufferPointer(self)
        var offset = start
        while offset <= count - 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            // Sets the high bit of every zero byte, and of none below the first.
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 { return offset + zeros.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < count {
            if self[offset] == 0 { return offset }
            offset += 1
        }
        return nil
    }
}
