internal import FoundationEssentials
internal import GatehousePlan
internal import Glibc

/// A command's connection to a running supervisor: one request, answered by lines of JSON (`ControlReply`).
public final class ControlConnection {
    private let path: String
    private let descriptor: Int32
    /// Seconds; `nil` for as long as it takes.
    private let timeout: Int?
    private var received: [UInt8] = []
    /// Where the search for the end of a line goes on.
    private var searched = 0

    /// A status with a hundred workers that have a hundred requests each is some megabytes.
    private static let longestLine = 64 << 20

    /// The longest path that a Unix socket can have: `sun_path` has 108 bytes and ends with a NUL (unix(7)).
    private static let longestPath = 107

    /// - Parameters:
    ///   - path: the supervisor's control socket.
    ///   - timeout: seconds to wait for each answer; `nil` for as long as it takes.
    public init(path: String, timeout: Int? = nil) throws(ControlError) {
        guard !path.isEmpty, !path.utf8.contains(0), path.utf8.count <= Self.longestPath else {
            throw ControlError(
                "\"\(path.printable())\" is no path of a socket: it has from 1 to \(Self.longestPath) bytes",
                .usage)
        }
        self.path = path
        self.timeout = timeout
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlError("socket: \(Self.reason(errno))", .inputOutput) }
        if let timeout {
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
        }
        // A connect that a signal interrupts has not begun on a Unix socket: it is done again.
        while Self.connect(descriptor, to: path) != 0 {
            if errno != EINTR { throw Self.unreachable(path, errno) }
        }
    }

    deinit { close(descriptor) }

    /// Sends the request and waits for what becomes of it.
    /// - Parameter progress: is called with each line that the supervisor says meanwhile.
    public func ask(_ request: ControlRequest, progress: (String) -> Void) throws(ControlError) -> ControlAnswer {
        try send(request)
        while true {
            switch try nextReply() {
            case .progress(let line): progress(line)
            case .done(let line): return .done(line)
            case .status(let report): return .status(report)
            case .failed(let message, let status):
                // It failed, whatever the number says: success and what no process can leave with are not passed on.
                let isStatus = (1...255).contains(status)
                throw ControlError(message, isStatus ? ExitStatus(rawValue: status) : .internal)
            }
        }
    }

    private func send(_ request: ControlRequest) throws(ControlError) {
        guard let line = try? JSONEncoder().encode(request) else {
            throw ControlError("this request cannot be written as JSON: \(request)", .internal)
        }
        var rest = (Array(line) + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            // Whoever is turned away is told why without having been heard: the answer may be there.
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count > 0 else { throw silence(errno) }
            rest = rest.dropFirst(count)
        }
    }

    private func nextReply() throws(ControlError) -> ControlReply {
        let line = try nextLine()
        guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(line)) else {
            throw ControlError(
                "what answers at \(path) is no supervisor, or one of another version than this gatehouse", .inputOutput)
        }
        return reply
    }

    private func nextLine() throws(ControlError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(received[..<end])
                received.removeFirst(end + 1)
                searched = 0
                return line
            }
            searched = received.count
            guard searched <= Self.longestLine else {
                throw ControlError("what answers at \(path) does not stop talking: it is no supervisor", .inputOutput)
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw silence(count == 0 ? 0 : errno) }
            received += buffer[..<count]
        }
    }

    /// - Parameter code: an errno value, 0 for the end of the connection.
    private func silence(_ code: Int32) -> ControlError {
        switch code {
        case EAGAIN:
            ControlError(
                "the supervisor at \(path) has not answered within \(timeout ?? 0) s: it may be stopped, or this "
                    + "machine is overloaded", .inputOutput)
        case 0, ECONNRESET, EPIPE:
            ControlError(
                "the supervisor at \(path) has ended before it answered: its log says why", .inputOutput)
        default: ControlError("the supervisor at \(path): \(Self.reason(code))", .inputOutput)
        }
    }

    private static func unreachable(_ path: String, _ code: Int32) -> ControlError {
        switch code {
        case ENOENT, ENOTDIR, ECONNREFUSED:
            ControlError(
                "no supervisor at \(path) (\(reason(code))): start one with \"gatehouse serve --config FILE\", or say "
                    + "where it is with --control PATH, or with --config FILE if its configuration says so (\"serve "
                    + "--module\" has one only with --control); if it runs and only this file was removed, SIGHUP makes "
                    + "it again",
                .inputOutput)
        case EACCES, EPERM:
            ControlError(
                "the supervisor at \(path) may not be asked by user \(geteuid()) (\(reason(code))): only root and the "
                    + "user that it runs as may", .permission)
        case EAGAIN:
            ControlError(
                "the supervisor at \(path) takes no more commands at this moment: it may be stopped, or this machine "
                    + "is overloaded", .inputOutput)
        default: ControlError("cannot reach a supervisor at \(path): \(reason(code))", .inputOutput)
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: path.utf8.prefix(field.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
