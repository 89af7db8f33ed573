import CGatehouseSystem
import GatehouseWire
import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore

/// A request of the worker to itself, on one loop: over a socket, through the wire and the engine to a handler, and
/// back. The handler answers on this connection alone, so no request from outside reaches it.
package final class Probe: PollSource {
    package enum Outcome: Sendable {
        case answered
        /// Bytes came, but not the answer.
        case garbled
        /// No descriptor was left for the request.
        case notAsked
    }

    private let loop: LoopContext
    private let descriptor: Int32
    private let done: (Outcome) -> Void
    private var token: PollToken?
    private var received: [UInt8] = []

    private static let answer = "gatehouse answers"
    private static let mounts = MountTable([("/", Handler())])

    private final class Handler: MountedHandler {
        var name: String { "gatehouse" }
        var execution: HandlerExecution { .eventLoop }

        func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: Probe.answer)))
        }
    }

    private init(_ descriptor: Int32, on loop: LoopContext, done: @escaping (Outcome) -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.done = done
    }

    /// Sends the request, and calls `done` with the outcome. Called on the loop.
    static func run(on loop: LoopContext, done: @escaping (Outcome) -> Void) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return done(.notAsked) }
        let probe = Probe(ends[0], on: loop, done: done)
        guard let token = loop.poll.add(ends[0], probe, interest: .readable) else {
            close(ends[0])
            close(ends[1])
            return done(.notAsked)
        }
        probe.token = token
        // The operator's limits are for other peers.
        SocketConnection.open(
            ends[1], isUnixSocket: true, wire: FastCGIConnection(limits: Limits()), loop: loop, mounts: mounts)
        let request = InternalRequest.bytes
        // The request fits into a new socket's buffer; if it does not go out, the probe fails.
        if write(ends[0], request, request.count) != request.count { probe.end() }
    }

    func ready(for events: PollEvents) {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while token != nil {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count > 0 else { return end() }
            received += chunk[..<count]
        }
    }

    private func end() {
        guard let token else { return }
        self.token = nil
        loop.poll.forget(token)
        close(descriptor)
        let answer = InternalRequest.answer(in: received).map { String(decoding: $0, as: UTF8.self) } ?? ""
        done(answer.hasPrefix("Status: 200") && answer.hasSuffix(Self.answer) ? .answered : .garbled)
    }
}
