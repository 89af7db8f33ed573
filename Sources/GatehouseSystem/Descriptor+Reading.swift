internal import Glibc

extension Descriptor {
    /// The most bytes that are read at a time.
    private static let piece = 65_536

    /// Reads once, as much as there is and fits.
    /// - Returns: the count of bytes, 0 at the end.
    /// - Throws: the failure of read(2). `EAGAIN` means that a non-blocking descriptor has nothing at this moment.
    public static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        let count = retryingOnInterruption { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
        guard count >= 0 else { throw SystemError("read") }
        return count
    }

    /// Reads from the descriptor's position up to its end.
    /// - Parameter limit: the most bytes that are accepted; not negative.
    /// - Throws: the failure of read(2), or `EFBIG` if there is more than `limit`. `EAGAIN` means that a non-blocking
    ///   descriptor has not reached its end; what has been read is lost.
    public static func readAll(_ descriptor: Int32, atMost limit: Int = .max) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            // One byte more than the limit tells a larger file from one that has just this size.
            let wanted = limit - bytes.count < piece ? limit - bytes.count + 1 : piece
            let code = append(upTo: wanted, to: &bytes) { Glibc.read(descriptor, $0, $1) }
            guard code >= 0 else { throw SystemError("read", -code) }
            if code == 0 { return bytes }
            guard bytes.count <= limit else { throw SystemError("read", EFBIG) }
        }
    }

    /// Reads a part of a file by pread(2), without using or changing the descriptor's position.
    /// - Parameters:
    ///   - offset: bytes from the file's beginning.
    ///   - count: the most bytes to be read.
    /// - Returns: `count` bytes, or fewer if the file ends before.
    /// - Throws: the failure of pread(2): `ESPIPE` for a pipe or a socket, `EINVAL` for a negative offset.
    public static func read(
        _ descriptor: Int32, at offset: Int, upTo count: Int = .max
    ) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            // An offset beyond all files becomes negative here, which the kernel refuses.
            let place = off_t(offset &+ bytes.count)
            let code = append(upTo: min(piece, count - bytes.count), to: &bytes) {
                pread(descriptor, $0, $1, place)
            }
            guard code >= 0 else { throw SystemError("pread", -code) }
            if code == 0 { break }
        }
        return bytes
    }

    /// - Returns: 1 if bytes were appended, 0 at the end, or the error's number as a negative one.
    private static func append(
        upTo wanted: Int, to bytes: inout [UInt8], by step: (UnsafeMutableRawPointer?, Int) -> Int
    ) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: wanted, alignment: 1) { buffer in
            let count = retryingOnInterruption { step(buffer.baseAddress, buffer.count) }
            guard count > 0 else { return count < 0 ? -errno : 0 }
            bytes.append(contentsOf: buffer[..<count])
            return 1
        }
    }
}
