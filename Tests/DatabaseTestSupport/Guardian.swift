import FoundationEssentials
import GatehouseSystem
import Glibc
import Synchronization
import TestSupport

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
        let variables = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"]
        (process, socket) = try spawn(words, environment: variables, input: nil)
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
