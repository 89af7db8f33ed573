import Glibc

/// A system call that failed, and why.
package struct SystemError: Error, CustomStringConvertible {
    package var call: String
    package var code: Int32

    /// Of the call that has just failed on this thread.
    package init(_ call: String) {
        self.call = call
        code = errno
    }

    init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(Self.text(code))" }

    /// What the operating system says of an error number.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
