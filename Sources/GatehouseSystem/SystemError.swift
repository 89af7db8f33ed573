public import Glibc

/// A failed system call: its name, or a few words for it, and the error's number.
public struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The name of the system call (`socket`), or the attempted action (`mapping the scoreboard`).
    public let call: String
    /// An `errno` value.
    public let code: Int32

    /// - Parameter code: an `errno` value; by default that of the last failed call of this thread. Any call in between
    ///   may change it, so make this value first.
    public init(_ call: String, _ code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// The operating system's words for the error: `No such file or directory`.
    public var reason: String { Self.text(code) }

    /// `socket: Too many open files`
    public var description: String { "\(call): \(reason)" }

    /// The operating system's words for an error number. Safe in every thread.
    /// - Parameter code: an `errno` value; by default that of the last failed call of this thread.
    public static func text(_ code: Int32 = errno) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress else { return "error \(code)" }
            // An unknown number has a text too: "Unknown error 4711".
            start.initialize(repeating: 0, count: buffer.count)
            strerror_r(code, start, buffer.count)
            return String(cString: start)
        }
    }
}

/// Makes a system call, and makes it again for as long as a signal interrupts it (`EINTR`).
///
/// Not for close(2), which has closed the descriptor even if it was interrupted.
/// - Returns: the result of the last call; if it is negative, `errno` says why and is not `EINTR`.
public func retryingOnInterruption<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
