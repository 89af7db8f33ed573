internal import Glibc

/// Reading from and writing to open descriptors. Every call is made again if a signal interrupts it.
public enum Descriptor {}

extension Descriptor {
    /// Writes all bytes to a file, a pipe or a socket.
    ///
    /// A broken pipe raises SIGPIPE, as write(2) does; see `sendAll` for sockets.
    /// - Throws: the failure of write(2). `EAGAIN` means that a non-blocking descriptor took only a part, or nothing.
    public static func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) throws(SystemError) {
        let code = pass(bytes) { write(descriptor, $0, $1) }
        if code != 0 { throw SystemError("write", code) }
    }

    /// Sends all bytes to a connected socket. A peer that has gone raises no SIGPIPE.
    /// - Throws: the failure of send(2). `EPIPE` or `ECONNRESET` means that the peer has gone; `EAGAIN` means that the
    ///   time of `SO_SNDTIMEO` is over, or that a non-blocking socket took only a part, or nothing.
    public static func sendAll(_ bytes: some Collection<UInt8>, to socket: Int32) throws(SystemError) {
        let code = pass(bytes) { send(socket, $0, $1, Int32(MSG_NOSIGNAL)) }
        if code != 0 { throw SystemError("send", code) }
    }

    /// - Parameter step: takes some of the bytes and returns their count, or a negative number with `errno`.
    /// - Returns: 0, or the error's number.
    private static func pass(
        _ bytes: some Collection<UInt8>, by step: (UnsafeRawPointer?, Int) -> Int
    ) -> Int32 {
        func passAll(_ bytes: UnsafeRawBufferPointer) -> Int32 {
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest)
                let count = retryingOnInterruption { step(piece.baseAddress, piece.count) }
                // No device takes nothing without an error; if one did, trying again would go on for ever.
                guard count > 0 else { return count < 0 ? errno : EIO }
                rest = rest.dropFirst(count)
            }
            return 0
        }
        let code = bytes.withContiguousStorageIfAvailable { passAll(UnsafeRawBufferPointer($0)) }
        return code ?? Array(bytes).withUnsafeBytes(passAll)
    }
}
