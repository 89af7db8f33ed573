internal import FoundationEssentials
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A command's connection to a running supervisor: one request, answered by lines of JSON (`ControlReply`).
public final class ControlConnection {
    private let path: String
    private let descriptor: Int32
    /// Seconds; `nil` for as long as it takes.
    private let timeout: Int?
    private var lines = LineFramer(longest: longestLine)

    /// A status with a hundred workers that have a hundred requests each is some megabytes.
    private static let longestLine = 64 << 20

    /// - Parameters:
    ///   - path: the supervisor's control socket.
    ///   - timeout: seconds to wait for each answer; `nil` for as long as it takes.
    public init(path: String, timeout: Int? = nil) throws(OperatorError) {
        let address: UnixAddress
        do {
            address = try UnixAddress(path: path)
        } catch {
            throw OperatorError("the control socket \"\(path.printable())\": \(error)", .usage)
        }
        self.path = path
        self.timeout = timeout
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw OperatorError("socket: \(SystemError.text())", .inputOutput) }
        if let timeout {
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
        }
        // On a Unix socket, a connect that a signal interrupts has not begun, so it can be repeated.
        let connected = address.withSocketAddress { address, length in
            retryingOnInterruption { connect(descriptor, address, length) }
        }
        if connected != 0 { throw Self.unreachable(path, errno) }
    }

    deinit { close(descriptor) }

    /// Sends the request and waits for its answer.
    /// - Parameter progress: called with each line that the supervisor reports meanwhile.
    public func ask(_ request: ControlRequest, progress: (String) -> Void) throws(OperatorError) -> ControlAnswer {
        try send(request)
        while true {
            switch try nextReply() {
            case .progress(let line): progress(line)
            case .done(let line): return .done(line)
            case .status(let report): return .status(report)
            case .failed(let message, let status):
                // A failure must not end a command with success, nor with a status that no process can have.
                let isStatus = (1...255).contains(status)
                throw OperatorError(message, isStatus ? ExitStatus(rawValue: status) : .internal)
            }
        }
    }

    private func send(_ request: ControlRequest) throws(OperatorError) {
        guard let line = try? JSONEncoder().encode(request) else {
            throw OperatorError("this request cannot be written as JSON: \(request)", .internal)
        }
        do {
            try Descriptor.sendAll(Array(line) + [UInt8(ascii: "\n")], to: descriptor)
        } catch {
            // A supervisor that refuses a connection answers and closes without reading, so its answer may already be
            // there.
            if error.code != EPIPE, error.code != ECONNRESET { throw silence(error.code) }
        }
    }

    private func nextReply() throws(OperatorError) -> ControlReply {
        let line = try nextLine()
        guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(line)) else {
            throw OperatorError(
                "the program that answers at \(path) is not a supervisor, or has another version than this gatehouse",
                .inputOutput)
        }
        return reply
    }

    private func nextLine() throws(OperatorError) -> [UInt8] {
        while true {
            if let line = lines.next() {
                if !line.isCut { return line.bytes }
                throw OperatorError(
                    "the program that answers at \(path) does not stop talking: it is not a supervisor", .inputOutput)
            }
            let bytes: [UInt8]
            do {
                bytes = try receive()
            } catch {
                throw silence(error.code)
            }
            if bytes.isEmpty { throw silence(nil) }
            lines.receive(bytes)
        }
    }

    private func receive() throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemError) in try Descriptor.read(descriptor, into: buffer) }
        }
        return Array(buffer[..<(try count.get())])
    }

    /// - Parameter code: an errno value; `nil` for the end of the connection.
    private func silence(_ code: Int32?) -> OperatorError {
        switch code {
        case EAGAIN:
            OperatorError(
                "the supervisor at \(path) has not answered within \(timeout ?? 0) s: it may be stopped, or this "
                    + "machine is overloaded", .inputOutput)
        case nil, ECONNRESET, EPIPE:
            OperatorError(
                "the supervisor at \(path) has ended before it answered: its log says why", .inputOutput)
        case let code?: OperatorError("the supervisor at \(path): \(SystemError.text(code))", .inputOutput)
        }
    }

    private static func unreachable(_ path: String, _ code: Int32) -> OperatorError {
        let reason = SystemError.text(code)
        return switch code {
        case ENOENT, ENOTDIR, ECONNREFUSED:
            OperatorError(
                "no supervisor at \(path) (\(reason)): start one with \"gatehouse serve --config FILE\", or name its "
                    + "socket with --control PATH, or with --config FILE if its configuration says so (\"serve "
                    + "--module\" has one only with --control); if it runs and only this file was removed, SIGHUP "
                    + "makes it again",
                .inputOutput)
        case EACCES, EPERM:
            OperatorError(
                "the supervisor at \(path) may not be asked by user \(geteuid()) (\(reason)): only root and the "
                    + "user that it runs as may", .permission)
        case EAGAIN:
            OperatorError(
                "the supervisor at \(path) takes no more commands at this moment: it may be stopped, or this machine "
                    + "is overloaded", .inputOutput)
        default: OperatorError("cannot reach a supervisor at \(path): \(reason)", .inputOutput)
        }
    }
}
