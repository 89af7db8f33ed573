internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Probes each socket of a generation of programs in turn, until a connection is accepted or, if the pool has a probe
/// request, answered with success. Never blocks; it waits for `connection` or until `due`.
final class ProgramProbe {
    struct Target {
        /// The listening socket, and the path that leads to it if it is not the one that it was bound to.
        var listener: Int32
        var path: String?
        var endpoint: Endpoint
    }

    enum Outcome: Equatable {
        case waiting
        /// Every socket has been answered.
        case answered
        /// The answer was a failure, for this reason. The probe is repeated.
        case refused(String)
        /// The operating system does not let us ask.
        case unknowable(String)
    }

    private static let shortestPause = 5
    private static let longestPause = 100
    /// Milliseconds after which an unanswered connection is given up for another one.
    private static let timeout = 10_000

    private var targets: [Target]
    private let request: (Endpoint.Scheme) -> ProgramRequest?
    /// Whether the process that accepted, known by the inode of its socket, is one of those that are asked; `nil` if no
    /// other process has the sockets.
    private let isAsked: ((UInt32) -> Bool)?

    /// Readable when there is an answer; -1 between two tries.
    private(set) var connection: Int32 = -1
    /// The time of the next look, in milliseconds of the monotonic clock.
    private(set) var due: Int
    private var pause = ProgramProbe.shortestPause
    private var began = 0
    private var isSent = false
    private var isIdentified = false
    private var received: [UInt8] = []

    /// - Parameters:
    ///   - request: the request for an endpoint; `nil` if it is enough that the connection is accepted.
    init(
        _ targets: [Target], now: Int, request: @escaping (Endpoint.Scheme) -> ProgramRequest?,
        isAsked: ((UInt32) -> Bool)?
    ) {
        self.targets = targets
        self.request = request
        self.isAsked = isAsked
        due = now
    }

    deinit { hangUp() }

    private func hangUp() {
        if connection >= 0 { close(connection) }
        connection = -1
    }

    /// Whether the probe waits for an answer, and not only for a program to accept.
    var awaitsAnswer: Bool { connection >= 0 && isSent }

    func advance(now: Int) -> Outcome {
        guard let target = targets.first else { return .answered }
        guard connection >= 0 || now >= due else { return .waiting }
        if connection < 0 {
            connection = gatehouse_connect_to(target.listener, target.path)
            guard connection >= 0 else { return cannotConnect(errno, to: target, now) }
            (began, isSent, isIdentified, received) = (now, false, isAsked == nil, [])
            // Without knowing which process accepts, each connection takes other processes' time, so tries are spaced
            // out.
            if isAsked == nil { pause = Self.shortestPause }
        }
        if let request = request(target.endpoint.scheme) { return ask(request, target, now) }
        return meet(target, now) { advance(to: $0) }
    }

    private func cannotConnect(_ error: Int32, to target: Target, _ now: Int) -> Outcome {
        wait(now)
        switch error {
        // The queue is full; or the file is not there at this moment.
        case EAGAIN, ENOENT, ECONNREFUSED, EINTR, ETIMEDOUT:
            return .refused("\(target.endpoint) could not be reached: \(SystemError.text(error))")
        default: return .unknowable("\(target.endpoint) cannot be asked: \(SystemError.text(error))")
        }
    }

    private func wait(_ now: Int) {
        due = now + pause
        pause = min(Self.longestPause, pause * 2)
    }

    /// One socket has been answered; the next is asked at once.
    private func advance(to now: Int) -> Outcome {
        hangUp()
        targets.removeFirst()
        pause = Self.shortestPause
        due = now
        return targets.isEmpty ? .answered : advance(now: now)
    }

    /// Waits until one of the programs that are asked accepts the connection.
    private func meet(_ target: Target, _ now: Int, then: (Int) -> Outcome) -> Outcome {
        var inode: UInt32 = 0
        switch gatehouse_accepted(connection, &inode) {
        case 1:
            guard isAsked.map({ inode != 0 && $0(inode) }) ?? true else {
                // Another process was faster.
                hangUp()
                wait(now)
                return .waiting
            }
            return then(now)
        case 0: return giveTime(target, now, "nobody has accepted a connection to \(target.endpoint)")
        default:
            hangUp()
            wait(now)
            let reason = SystemError.text()
            return .unknowable("cannot find out whether a program accepts at \(target.endpoint): \(reason)")
        }
    }

    private func giveTime(_ target: Target, _ now: Int, _ reason: String) -> Outcome {
        wait(now)
        guard now - began >= Self.timeout else { return .waiting }
        hangUp()
        return .refused(reason)
    }

    // MARK: With a request

    private func ask(_ request: ProgramRequest, _ target: Target, _ now: Int) -> Outcome {
        if !isSent {
            let bytes = request.bytes
            // A new socket has room for so little; only a TCP connection may still be under way.
            let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count == bytes.count else { return giveTime(target, now, "\(target.endpoint) takes no request") }
            isSent = true
        }
        if !isIdentified {
            let outcome = meet(target, now) { _ in
                isIdentified = true
                return .waiting
            }
            guard isIdentified else { return outcome }
        }
        let isWhole = receive()
        switch request.answer(received, isWhole: isWhole) {
        case .status(200..<400): return advance(to: now)
        case .status(let status):
            return tryAgain(now, "GET \(request.path) at \(target.endpoint) is answered \(status)")
        case .garbled:
            return tryAgain(now, "GET \(request.path) at \(target.endpoint) has no answer that can be understood")
        case .incomplete:
            return giveTime(target, now, "GET \(request.path) at \(target.endpoint) is not answered")
        }
    }

    private func tryAgain(_ now: Int, _ reason: String) -> Outcome {
        hangUp()
        due = now + Self.longestPause
        return .refused(reason)
    }

    /// - Returns: whether the connection has ended.
    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while received.count < 1 << 20 {
            let count = retryingOnInterruption { recv(connection, &buffer, buffer.count, Int32(MSG_DONTWAIT)) }
            if count < 0, errno == EAGAIN { return false }
            guard count > 0 else { return true }
            received += buffer[..<count]
        }
        return true
    }
}
