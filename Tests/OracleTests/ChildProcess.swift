import Glibc

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
        // Not a pipe: only a socket can be closed-on-exec from the start, and tests that run beside this one spawn too.
        var pipeEnds: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pipeEnds) == 0 else {
            throw Failure(description: "socketpair: errno \(errno)")
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer {
            close(null)
            close(pipeEnds[1])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input ?? null, 0)
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 1)
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var identifier = pid_t()
        let outcome = posix_spawnp(&identifier, words[0], &actions, nil, arguments, variables)
        guard outcome == 0 else {
            close(pipeEnds[0])
            throw Failure(description: "\(words[0]): \(String(cString: strerror(outcome)))")
        }
        self.identifier = identifier
        output = pipeEnds[0]
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
