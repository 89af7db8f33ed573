import Glibc

/// A system call that failed, and why.
package struct SystemError: Error, CustomStringConvertible {
    package var call: String
    package var code: Int32

    /// Of the call that has just failed on this thread.
    init(_ call: String) {
        self.call = call
        code = errno
    }

    package var description: String { "\(call): \(Self.text(code))" }

    /// What the operating system says of an error number.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
