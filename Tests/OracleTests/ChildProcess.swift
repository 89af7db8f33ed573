import Glibc
import TestSupport

/// A program that a test starts and that does not outlive it.
final class ChildProcess {
    let identifier: pid_t
    /// The reading end of the program's standard output.
    let output: Int32
    private var isReaped = false

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameters:
    ///   - input: the descriptor that becomes its standard input; `nil` for /dev/null.
    ///   - environment: all of it.
    init(_ words: [String], environment: [String: String] = [:], input: Int32? = nil) throws {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        (identifier, output) = try spawn(words, environment: environment, input: input ?? null)
    }

    deinit {
        if !isReaped {
            kill(identifier, SIGKILL)
            _ = wait()
        }
        close(output)
    }

    /// Everything it says until it ends.
    func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try Descriptor.read(output), !piece.isEmpty { all += piece }
        return all
    }

    /// - Returns: its exit status, or 128 and the number of the signal that ended it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}
