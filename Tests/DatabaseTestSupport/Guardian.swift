import FoundationEssentials
import GatehouseSystem
import Glibc
import Synchronization

/// The process of `servers/` with one server: lines of JSON go down and up one socket. It ends with that socket, and
/// this process waits for that before it ends, so that nothing is left.
final class Guardian: Sendable {
    private let process: pid_t
    private let socket: Int32
    private let rest = Mutex<[UInt8]>([])

    private struct Line<Answer: Decodable>: Decodable {
        var answer: Answer?
        var error: String?
    }

    /// Every guardian that runs, by its process, with its socket.
    private static let running = Mutex<[pid_t: Int32]>([:])
    private static let endsAtExit: Void = {
        atexit {
            let all = Guardian.running.withLock { $0 }
            for socket in all.values { shutdown(socket, Int32(SHUT_RDWR)) }
            for process in all.keys { while waitpid(process, nil, 0) < 0, errno == EINTR {} }
        }
    }()

    init(_ words: [String]) throws {
        _ = Self.endsAtExit
        // Not two pipes: only a socket can be closed-on-exec from the start, and tests that run beside this one spawn.
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError("socketpair")
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let arguments = words.map { strdup($0) } + [nil]
        let variables = [strdup("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"), strdup("LANG=C.UTF-8"), nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var process = pid_t()
        let outcome = posix_spawn(&process, words[0], &actions, nil, arguments, variables)
        guard outcome == 0 else {
            close(ends[0])
            throw ServerError(description: "\(words[0]): \(String(cString: strerror(outcome)))")
        }
        self.process = process
        socket = ends[0]
        Self.running.withLock { $0[process] = socket }
    }

    deinit {
        _ = Self.running.withLock { $0.removeValue(forKey: process) }
        close(socket)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    func say(_ words: [String]) throws {
        try Descriptor.sendAll(Array(JSONEncoder().encode(words)) + [UInt8(ascii: "\n")], to: socket)
    }

    /// The answer in the next line, or the error.
    func answer<Answer: Decodable>(_: Answer.Type) throws -> Answer {
        let line = try JSONDecoder().decode(Line<Answer>.self, from: Data(nextLine()))
        if let error = line.error { throw ServerError(description: error) }
        if let answer = line.answer { return answer }
        // A method that answers nothing says null.
        if let nothing = Optional<String>.none as? Answer { return nothing }
        throw ServerError(description: "an answer without a value")
    }

    private func nextLine() throws -> [UInt8] {
        try rest.withLock { rest in
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(rest[..<end])
                    rest.removeSubrange(...end)
                    return line
                }
                let piece = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
                    used = try Descriptor.read(socket, into: UnsafeMutableRawBufferPointer(buffer))
                }
                guard !piece.isEmpty else { throw ServerError(description: "the server's process has ended") }
                rest += piece
            }
        }
    }
}
