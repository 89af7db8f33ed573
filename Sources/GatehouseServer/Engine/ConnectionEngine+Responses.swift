import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// Numbers the waiting writers of all threads.
private let writerNumbers = Atomic<UInt64>(0)

/// A handler's response: its head, its body piece by piece, its end.
extension ConnectionEngine {
    /// - Returns: whether the response's body is wanted.
    func beginResponse(_ response: Response, of request: LiveRequest) throws -> Bool {
        guard case .running = request.phase else { throw CancellationError() }
        request.declaredLength = try appendHead(of: response, for: request)
        request.move(to: .answering(hasLeft: false))
        request.status = response.status.code
        loop.recorder?.update(request)
        if request.isHead || response.status.code == 204 || response.status.code == 304 {
            end(request, as: .answered(isCut: false))
            return false
        }
        return true
    }

    /// - Returns: whether the peer takes more; if not, the handler waits.
    func write(_ buffer: ByteBuffer, for request: LiveRequest) throws -> Bool {
        switch request.phase {
        case .answering: break
        case .answered: throw ResponseMisuse.afterEnd
        default: throw CancellationError()
        }
        let count = buffer.readableBytes
        if let declared = request.declaredLength, request.writtenLength + count > declared {
            try cut(buffer, to: declared, for: request)
        }
        request.writtenLength += count
        loop.recorder?.update(request)
        append(buffer, for: request)
        return transport.isWritable
    }

    /// Deals with a handler that writes more than it has announced. If nothing has left, the request fails; otherwise
    /// the client gets the announced bytes and no more.
    private func cut(_ buffer: ByteBuffer, to declared: Int, for request: LiveRequest) throws -> Never {
        let misuse = ResponseMisuse.longerThanDeclared(declared)
        guard case .answering(hasLeft: true) = request.phase else { throw misuse }
        log(request, Failure(misuse))
        if let promised = buffer.getSlice(at: buffer.readerIndex, length: declared - request.writtenLength) {
            _ = try write(promised, for: request)
        }
        try endResponse(of: request, isCut: true)
        throw misuse
    }

    /// The handler has finished writing.
    func endResponse(of request: LiveRequest, isCut: Bool = false) throws {
        switch request.phase {
        case .answering: break
        case .answered: return
        default: throw CancellationError()
        }
        if let declared = request.declaredLength, request.writtenLength != declared {
            throw ResponseMisuse.shorterThanDeclared(declared: declared, written: request.writtenLength)
        }
        end(request, as: .answered(isCut: isCut))
    }

    /// Waits until the peer has taken most of what was written.
    /// - Throws: `CancellationError` if the request has ended meanwhile, or the caller was cancelled.
    func waitUntilWritable(_ request: RequestReference) async throws {
        let number = writerNumbers.wrappingAdd(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if loop.poll.isCurrent {
                    wait(continuation, number, request.value)
                } else {
                    loop.poll.execute { [self] in wait(continuation, number, request.value) }
                }
            }
        } onCancel: {
            loop.poll.execute { request.value.takeWriter(number)?.resume(throwing: CancellationError()) }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, any Error>, _ number: UInt64, _ request: LiveRequest) {
        guard case .answering = request.phase else { return continuation.resume(throwing: CancellationError()) }
        if transport.isWritable { return continuation.resume() }
        request.addWriter(number, continuation)
    }
}

/// Takes a response's body from its handler. A write returns when the front server can take more.
struct GatewayBodyWriter: ResponseBodyWriter {
    let engine: ConnectionEngine
    let request: RequestReference

    // Inlined into what Hummingbird calls, which saves a frame.
    @inline(__always)
    func write(_ buffer: ByteBuffer) async throws {
        let canGoOn =
            engine.loop.poll.isCurrent
            ? try engine.write(buffer, for: request.value) : try await writeFromElsewhere(buffer)
        if !canGoOn { try await engine.waitUntilWritable(request) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        // CGI has no trailers: they are dropped, as every gateway drops them.
        if engine.loop.poll.isCurrent {
            try engine.endResponse(of: request.value)
        } else {
            try await finishFromElsewhere()
        }
    }

    // Functions of their own: the two above run for every response, and what these await makes room for itself there.

    @inline(never)
    private func writeFromElsewhere(_ buffer: ByteBuffer) async throws -> Bool {
        try await engine.onLoop { [engine, request] in try engine.write(buffer, for: request.value) }
    }

    @inline(never)
    private func finishFromElsewhere() async throws {
        try await engine.onLoop { [engine, request] in try engine.endResponse(of: request.value) }
    }
}
