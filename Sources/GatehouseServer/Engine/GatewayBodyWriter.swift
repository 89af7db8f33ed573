import HTTPTypes
import HummingbirdCore
import NIOCore

/// What a handler writes its response's body to. It returns when the front server can take more.
struct GatewayBodyWriter: ResponseBodyWriter {
    let engine: ConnectionEngine
    let request: RequestReference

    mutating func write(_ buffer: ByteBuffer) async throws {
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

    // By themselves, because the two above run for every response, and what they await makes room for itself there.

    @inline(never)
    private func writeFromElsewhere(_ buffer: ByteBuffer) async throws -> Bool {
        try await engine.onLoop { [engine, request] in try engine.write(buffer, for: request.value) }
    }

    @inline(never)
    private func finishFromElsewhere() async throws {
        try await engine.onLoop { [engine, request] in try engine.endResponse(of: request.value) }
    }
}

/// Carries a request, which is confined to its loop, through code that runs elsewhere and does not look at it.
struct RequestReference: @unchecked Sendable {
    let value: LiveRequest
}
